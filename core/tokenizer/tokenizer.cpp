// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/tokenizer.h"

#include "core/base/text.h"
#include "core/tokenizer/bpe_tokenizer.h"
#include "core/tokenizer/bytes_tokenizer.h"

#include <fmt/format.h>

namespace headwater {

Result<std::unique_ptr<Tokenizer>> makeTokenizer(const TokenizerData& data)
{
    if (data.model == "gpt2")
        return BpeTokenizer::make(data);
    if (data.model == "bytes")
        return std::unique_ptr<Tokenizer>(std::make_unique<BytesTokenizer>(data));
    return Error{ErrorCode::Unsupported,
                 fmt::format("\"{}\", expected a tokenizer this version knows (gpt2, bytes)",
                             printable(data.model.substr(0, 80))),
                 "tokenizer.ggml.model"};
}

} // namespace headwater
