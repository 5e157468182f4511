// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/tokenizer.h"

#include "core/tokenizer/bytes_tokenizer.h"
#include "core/tokenizer/vocabulary_tokenizer.h"

namespace headwater {

Result<std::unique_ptr<Tokenizer>> makeTokenizer(const TokenizerData& data)
{
    if (std::holds_alternative<Bytes>(data.kind))
        return std::unique_ptr<Tokenizer>(std::make_unique<BytesTokenizer>(data));
    return VocabularyTokenizer::make(data);
}

} // namespace headwater
