// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/model/weights.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// How a safetensors file stores elements. Every type of the format is known by its size, so that a file can
/// be checked; those that are read have a weight type.
struct SafetensorsType {
    std::string_view name; ///< "BF16"
    std::uint32_t bits;
    std::optional<WeightType> weightType;
};

struct SafetensorsTensor {
    std::string name;
    const SafetensorsType* type = nullptr;
    std::vector<std::uint64_t> shape; ///< outermost first; empty: one element
    std::uint64_t elements = 0;
    std::uint64_t infoOffset = 0; ///< in the file, of what its header says of the tensor
    std::span<const std::byte> data;
};

/// A safetensors file, its header read and checked.
struct SafetensorsFile {
    std::string path;
    std::uint64_t dataOffset = 0; ///< of the first tensor's data: the header's length
    std::vector<SafetensorsTensor> tensors; ///< as their data follow
};

/// Reads a file's header; tensors borrow from `bytes`. Checked: the header lies in the file, is an object of
/// distinct names, tensors have a known type and the bytes that type and shape need, and fill what follows
/// the header without hole, overlap or rest. Errors: BadFormat (file, byte, tensor, found, expected). Source:
/// https://github.com/huggingface/safetensors. Cost: O(header).
Result<SafetensorsFile> readSafetensors(std::span<const std::byte> bytes, const std::string& path);

} // namespace headwater
