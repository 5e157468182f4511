// SPDX-License-Identifier: Apache-2.0
// A safetensors header: tensors that are found lie in the file.
#include "core/model/folder/safetensors_reader.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto bytes = std::as_bytes(std::span(data, size));
    const auto file = headwater::readSafetensors(bytes, "model.safetensors");
    if (!file)
        return 0;
    for (const headwater::SafetensorsTensor& tensor : file->tensors)
        if (tensor.data.data() < bytes.data()
            || tensor.data.data() + tensor.data.size() > bytes.data() + size)
            std::abort();
    return 0;
}
