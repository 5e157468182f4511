// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/model/gguf/ggml_types.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace headwater {

// A GGUF file (little-endian, versions 2 and 3):
//   "GGUF"  u32 version  u64 tensor count  u64 metadata count
//   metadata: string key, u32 type, value          string: u64 length, bytes
//   tensors:  string name, u32 number of dimensions, u64 dimensions (the fastest first), u32 ggml type, u64
//   offset padding to general.alignment (32 when it is not given), then the tensors' data, each padded to the
//   alignment.
// Source: ggml docs/gguf.md and ggml src/gguf.cpp, which demands, as this reader does, that the offsets are
// the running sum of the padded sizes: no gap, no overlap.

enum class GgufType : std::uint32_t {
    UInt8,
    Int8,
    UInt16,
    Int16,
    UInt32,
    Int32,
    Float32,
    Bool,
    String,
    Array,
    UInt64,
    Int64,
    Float64,
};
/// "uint32", "string", ...
const char* nameOf(GgufType type);
/// Bytes of a scalar; 0 for strings and arrays.
std::uint32_t sizeOf(GgufType type);

/// One metadata entry. Text and arrays are views into the file's bytes.
struct GgufEntry {
    std::string_view key;
    std::uint64_t keyOffset = 0; ///< byte where the entry begins
    std::uint64_t valueOffset = 0; ///< byte where its value begins (after the type)
    GgufType type = GgufType::UInt8;
    std::span<const std::byte> scalar; ///< the bytes of a scalar
    std::string_view text; ///< a string
    GgufType elementType = GgufType::UInt8; ///< arrays only, as the two below
    std::span<const std::byte> elements; ///< fixed-size elements, packed
    std::vector<std::string_view> strings;

    std::uint64_t arraySize() const
    {
        return elementType == GgufType::String ? strings.size() : elements.size() / sizeOf(elementType);
    }
};

/// One tensor of the table. Its data lies in the file, whole and aligned: that is checked.
struct GgufTensor {
    std::string_view name;
    std::uint64_t infoOffset = 0; ///< byte where its table entry begins
    std::vector<std::uint64_t> dimensions; ///< the fastest first: [cols, rows, ...]
    const GgmlType* type = nullptr;
    std::uint64_t elements = 0;
    std::span<const std::byte> data;
    std::uint32_t part = 0; ///< of GgufFile::parts, where the table entry and the data are
};

/// The validated header of a GGUF file, or those of a split model's parts together (openGguf()); borrows the
/// bytes it was read from.
struct GgufFile {
    GgufFile() = default;
    GgufFile(GgufFile&&) = default; // moves keep the addresses of the entries and tensors
    GgufFile& operator=(GgufFile&&) = default;

    std::string path; ///< for messages; of the first part, whose metadata these are
    std::vector<std::string> parts; ///< the parts' paths; empty: one file
    std::uint32_t version = 0;
    std::uint64_t metadataEnd = 0; ///< byte after the last metadata entry
    std::uint64_t dataOffset = 0; ///< byte of the first tensor's data
    std::deque<GgufEntry> entries;
    std::deque<GgufTensor> tensors;
    std::unordered_map<std::string_view, const GgufEntry*> entryByKey;
    std::unordered_map<std::string_view, const GgufTensor*> tensorByName;
    std::vector<std::string> warnings; ///< legal but odd: bytes after the last tensor

    const GgufEntry* find(std::string_view key) const;
    const GgufTensor* findTensor(std::string_view name) const;
    /// The file that holds the tensor, for messages.
    const std::string& pathOf(const GgufTensor& tensor) const
    {
        return parts.empty() ? path : parts[tensor.part];
    }
};

/// Reads and checks the header. Never allocates from a count of the file: heap <= 16 x bytes read + 8 MiB.
/// Errors: BadFormat and Unsupported, as "<path>: at byte <offset>: <field>: <found>, expected <what>". A
/// part of a split model is a file like any other here: openGguf() joins them.
Result<GgufFile> readGguf(std::span<const std::byte> bytes, const std::string& path);

} // namespace headwater
