// SPDX-License-Identifier: Apache-2.0
// A GGUF file: header, model, tokenizer.
#include "core/model/model_loader.h"
#include "tests/fuzz/encoded_text.h"
#include "tests/fuzz/memory_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const headwater::fuzz::MemoryFile file("model.gguf");
    file.write(data, size);
    const auto model = headwater::loadModel(file.path());
    if (model)
        headwater::fuzz::encodeText((*model)->tokenizer);
    return 0;
}
