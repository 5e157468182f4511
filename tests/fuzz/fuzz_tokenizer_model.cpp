// SPDX-License-Identifier: Apache-2.0
// A tokenizer.model, and a text cut by it.
#include "core/model/folder/hf_tokenizer.h"
#include "tests/fuzz/encoded_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto read =
        headwater::readSentencePieceModel({reinterpret_cast<const char*>(data), size}, "tokenizer.model");
    if (read)
        headwater::fuzz::encodeText(*read);
    return 0;
}
