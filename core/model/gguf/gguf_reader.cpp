// SPDX-License-Identifier: Apache-2.0
#include "core/model/gguf/gguf_reader.h"

#include "core/base/checked.h"
#include "core/base/text.h"
#include "core/model/byte_reader.h"
#include "core/model/limits.h"

#include <algorithm>
#include <array>
#include <bit>
#include <fmt/format.h>

namespace headwater {
namespace {

constexpr std::string_view kMagic = "GGUF";
/// What to do about a file that ends too early.
constexpr std::string_view kCutShort = "; if its download ended early, download it again";
constexpr std::uint64_t kMinEntryBytes = 8 + 1 + 4 + 1; // key length, key, type, smallest value
constexpr std::uint64_t kMinTensorBytes =
    8 + 1 + 4 + 8 + 4 + 8; // name length, name, rank, one dimension, type, offset
constexpr std::uint64_t kDefaultAlignment = 32;

struct TypeTraits {
    const char* name;
    std::uint32_t bytes;
};
constexpr std::array<TypeTraits, 13> kValueTypes = {{
    {"uint8", 1},
    {"int8", 1},
    {"uint16", 2},
    {"int16", 2},
    {"uint32", 4},
    {"int32", 4},
    {"float32", 4},
    {"bool", 1},
    {"string", 0},
    {"array", 0},
    {"uint64", 8},
    {"int64", 8},
    {"float64", 8},
}};

/// A place in the file, spelled only when something is wrong there: "kv[3].key length".
struct Field {
    std::string_view name;
    std::uint64_t index = 0;
    std::string_view part;

    std::string text() const
    {
        if (part.empty())
            return std::string(name);
        return name.empty() ? std::string(part) : fmt::format("{}[{}].{}", name, index, part);
    }
};

class GgufParser {
public:
    GgufParser(std::span<const std::byte> bytes, const std::string& path)
        : m_bytes(bytes)
        , m_in(bytes)
    {
        m_file.path = path;
    }

    Result<GgufFile> run()
    {
        HEADWATER_TRY(readPreamble());
        for (std::uint64_t i = 0; i < m_numEntries; ++i)
            HEADWATER_TRY(readEntry(i));
        m_file.metadataEnd = m_in.offset();
        HEADWATER_TRY(readAlignment());
        std::uint64_t dataBytes = 0;
        for (std::uint64_t i = 0; i < m_numTensors; ++i)
            HEADWATER_TRY(readTensor(i, dataBytes));
        HEADWATER_TRY(placeData(dataBytes));
        return std::move(m_file);
    }

private:
    Error fail(std::uint64_t offset, const Field& field, const std::string& found,
               const std::string& expected, ErrorCode code = ErrorCode::BadFormat) const
    {
        return formatError(m_file.path, offset, field.text(), found, expected, code);
    }

    Error endOfFile(const Field& field, std::uint64_t wanted) const
    {
        return fail(m_in.offset(), field, fmt::format("end of file after {} bytes", m_in.remaining()),
                    fmt::format("{} bytes{}", wanted, kCutShort));
    }

    template <class T> Result<T> read(const Field& field)
    {
        if (const auto value = m_in.read<T>())
            return *value;
        return endOfFile(field, sizeof(T));
    }

    /// A string of at most `limit` bytes: its length is compared with what is left before anything else.
    Result<std::string_view> readString(const Field& field, const Field& lengthField, std::uint64_t limit)
    {
        const std::uint64_t at = m_in.offset();
        HEADWATER_TRY_ASSIGN(const std::uint64_t length, read<std::uint64_t>(lengthField));
        if (length > limit)
            return fail(at, lengthField, std::to_string(length), fmt::format("at most {}", limit));
        const auto bytes = m_in.readBytes(length);
        if (!bytes)
            return fail(at, lengthField, std::to_string(length),
                        fmt::format("at most the {} bytes that remain (end of file inside {}){}",
                                    m_in.remaining(), field.text(), kCutShort));
        return textOf(*bytes);
    }

    Result<std::uint64_t> readCount(const char* field, std::uint64_t limit, std::uint64_t minEntryBytes)
    {
        const std::uint64_t at = m_in.offset();
        HEADWATER_TRY_ASSIGN(const std::uint64_t count, read<std::uint64_t>(Field{field, 0, {}}));
        if (count > limit)
            return fail(at, Field{field, 0, {}}, std::to_string(count), fmt::format("at most {}", limit));
        // One more than fits is left to the entry itself, whose message then names the entry that is cut off.
        if (count > m_in.remaining() / minEntryBytes + 1)
            return fail(at, Field{field, 0, {}}, std::to_string(count),
                        fmt::format("at most {} in the {} bytes that remain{}",
                                    m_in.remaining() / minEntryBytes, m_in.remaining(), kCutShort));
        return count;
    }

    Result<void> readPreamble()
    {
        const Field magic{"magic", 0, {}};
        if (m_bytes.size() > limits::kFileBytes)
            return fail(0, Field{"file size", 0, {}}, std::to_string(m_bytes.size()),
                        fmt::format("at most {}", limits::kFileBytes));
        const auto start = m_in.readBytes(kMagic.size());
        if (!start)
            return fail(0, magic, fmt::format("end of file after {} bytes", m_bytes.size()),
                        fmt::format("\"GGUF\"{}", kCutShort));
        if (textOf(*start) != kMagic)
            return fail(0, magic, fmt::format("\"{}\"", printable(textOf(*start))), "\"GGUF\"");
        HEADWATER_TRY_ASSIGN(m_file.version, read<std::uint32_t>(Field{"version", 0, {}}));
        if (m_file.version != 2 && m_file.version != 3) {
            const std::uint32_t swapped = __builtin_bswap32(m_file.version);
            const bool bigEndian = swapped >= 1 && swapped <= 3;
            return fail(
                kMagic.size(), Field{"version", 0, {}},
                bigEndian ? fmt::format("{:#010x}, version {} of a big-endian file", m_file.version, swapped)
                          : std::to_string(m_file.version),
                "2 or 3, little-endian", bigEndian ? ErrorCode::Unsupported : ErrorCode::BadFormat);
        }
        HEADWATER_TRY_ASSIGN(m_numTensors, readCount("tensor_count", limits::kTensors, kMinTensorBytes));
        HEADWATER_TRY_ASSIGN(m_numEntries, readCount("kv_count", limits::kMetadataEntries, kMinEntryBytes));
        return {};
    }

    Result<void> readEntry(std::uint64_t index)
    {
        GgufEntry entry;
        entry.keyOffset = m_in.offset();
        const Field keyField{"kv", index, "key"};
        HEADWATER_TRY_ASSIGN(entry.key,
                             readString(keyField, Field{"kv", index, "key length"}, limits::kKeyBytes));
        if (entry.key.empty())
            return fail(entry.keyOffset, Field{"kv", index, "key length"}, "0", "1 to 65535");
        const auto isPlain = [](char c) { return c > ' ' && c <= '~'; };
        if (!std::ranges::all_of(entry.key, isPlain))
            return fail(entry.keyOffset, keyField, fmt::format("\"{}\"", printable(entry.key.substr(0, 80))),
                        "printable ASCII");
        if (const GgufEntry* first = m_file.find(entry.key))
            return fail(entry.keyOffset, keyField,
                        fmt::format("\"{}\" again (first at byte {})", entry.key, first->keyOffset),
                        "every key once");
        const std::uint64_t typeAt = m_in.offset();
        HEADWATER_TRY_ASSIGN(const std::uint32_t type, read<std::uint32_t>(Field{"kv", index, "value type"}));
        HEADWATER_TRY_ASSIGN(entry.type, toType(type, typeAt, entry.key));
        entry.valueOffset = m_in.offset();
        HEADWATER_TRY(readValue(entry));
        m_file.entries.push_back(std::move(entry));
        m_file.entryByKey.emplace(m_file.entries.back().key, &m_file.entries.back());
        return {};
    }

    Result<GgufType> toType(std::uint32_t id, std::uint64_t at, std::string_view key) const
    {
        if (id >= kValueTypes.size())
            return fail(at, Field{key, 0, {}}, fmt::format("value type {}", static_cast<std::int32_t>(id)),
                        "0 to 12");
        return static_cast<GgufType>(id);
    }

    Result<void> readValue(GgufEntry& entry)
    {
        const Field field{entry.key, 0, {}};
        if (entry.type == GgufType::Array)
            return readArray(entry);
        if (entry.type == GgufType::String) {
            HEADWATER_TRY_ASSIGN(entry.text, readString(field, field, limits::kStringBytes));
            return {};
        }
        const auto scalar = m_in.readBytes(sizeOf(entry.type));
        if (!scalar)
            return endOfFile(field, sizeOf(entry.type));
        entry.scalar = *scalar;
        if (entry.type == GgufType::Bool && entry.scalar[0] > std::byte{1})
            return fail(entry.valueOffset, field,
                        fmt::format("bool {}", std::to_integer<int>(entry.scalar[0])), "0 or 1");
        return {};
    }

    Result<void> readArray(GgufEntry& entry)
    {
        const Field field{entry.key, 0, {}};
        HEADWATER_TRY_ASSIGN(const std::uint32_t id, read<std::uint32_t>(field));
        HEADWATER_TRY_ASSIGN(entry.elementType, toType(id, entry.valueOffset, entry.key));
        if (entry.elementType == GgufType::Array)
            return fail(entry.valueOffset, field, "an array of arrays", "an array of scalars or strings");
        const std::uint64_t countAt = m_in.offset();
        HEADWATER_TRY_ASSIGN(const std::uint64_t count, read<std::uint64_t>(field));
        const bool strings = entry.elementType == GgufType::String;
        const std::uint64_t elementBytes = strings ? 8 : sizeOf(entry.elementType);
        if (count > limits::kArrayElements)
            return fail(countAt, field, fmt::format("array length {}", count),
                        fmt::format("at most {}", limits::kArrayElements));
        if (count > m_in.remaining() / elementBytes)
            return fail(countAt, field, fmt::format("array length {}", count),
                        fmt::format("at most {} in the {} bytes that remain{}",
                                    m_in.remaining() / elementBytes, m_in.remaining(), kCutShort));
        if (!strings) {
            entry.elements = *m_in.readBytes(count * elementBytes);
            return {};
        }
        for (std::uint64_t i = 0; i < count; ++i) {
            const Field element{entry.key, i, "length"};
            HEADWATER_TRY_ASSIGN(const std::string_view text,
                                 readString(field, element, limits::kStringBytes));
            entry.strings.push_back(text);
        }
        return {};
    }

    Result<void> readAlignment()
    {
        m_alignment = kDefaultAlignment;
        const GgufEntry* entry = m_file.find("general.alignment");
        if (!entry)
            return {};
        const Field field{entry->key, 0, {}};
        const std::string expected = fmt::format("a power of two from {} to {} as uint32",
                                                 limits::kAlignmentMin, limits::kAlignmentMax);
        if (entry->type != GgufType::UInt32)
            return fail(entry->valueOffset, field, nameOf(entry->type), expected);
        ByteReader value(entry->scalar);
        m_alignment = value.read<std::uint32_t>().value_or(0);
        if (!std::has_single_bit(m_alignment) || m_alignment < limits::kAlignmentMin
            || m_alignment > limits::kAlignmentMax)
            return fail(entry->valueOffset, field, std::to_string(m_alignment), expected);
        return {};
    }

    /// Reads table entry `index` and adds its padded size to `dataBytes`, which must be its offset.
    Result<void> readTensor(std::uint64_t index, std::uint64_t& dataBytes)
    {
        GgufTensor tensor;
        tensor.infoOffset = m_in.offset();
        const Field nameField{"tensor", index, "name"};
        HEADWATER_TRY_ASSIGN(
            tensor.name,
            readString(nameField, Field{"tensor", index, "name length"}, limits::kTensorNameBytes));
        if (tensor.name.empty())
            return fail(tensor.infoOffset, nameField, "an empty name", "1 to 64 bytes");
        if (const GgufTensor* first = m_file.findTensor(tensor.name))
            return fail(
                tensor.infoOffset, nameField,
                fmt::format("\"{}\" again (first at byte {})", printable(tensor.name), first->infoOffset),
                "every name once");
        HEADWATER_TRY(readShape(index, tensor));
        HEADWATER_TRY_ASSIGN(const std::uint64_t bytes, readTensorType(index, tensor));
        const std::uint64_t offsetAt = m_in.offset();
        const Field offsetField{"tensor", index, "offset"};
        HEADWATER_TRY_ASSIGN(const std::uint64_t offset, read<std::uint64_t>(offsetField));
        if (offset != dataBytes)
            return fail(offsetAt, offsetField, fmt::format("{} ({})", offset, printable(tensor.name)),
                        fmt::format("{}, where the tensor before ends", dataBytes));
        const auto end = checkedAdd(offset, bytes);
        const auto padded = end ? checkedAlignUp(*end, m_alignment) : std::nullopt;
        if (!padded || *padded > limits::kFileBytes)
            return fail(offsetAt, Field{"tensor", index, "size"},
                        fmt::format("{} bytes at {}", bytes, offset), "a sum of sizes below 2^48");
        m_extents.push_back({offset, bytes});
        dataBytes = *padded;
        m_file.tensors.push_back(std::move(tensor));
        m_file.tensorByName.emplace(m_file.tensors.back().name, &m_file.tensors.back());
        return {};
    }

    Result<void> readShape(std::uint64_t index, GgufTensor& tensor)
    {
        const std::uint64_t rankAt = m_in.offset();
        HEADWATER_TRY_ASSIGN(const std::uint32_t rank, read<std::uint32_t>(Field{"tensor", index, "n_dims"}));
        if (rank < 1 || rank > limits::kDimensions)
            return fail(rankAt, Field{"tensor", index, "n_dims"}, std::to_string(rank), "1 to 4");
        std::uint64_t elements = 1;
        for (std::uint32_t d = 0; d < rank; ++d) {
            const std::uint64_t at = m_in.offset();
            const Field field{"tensor", index, "dims"};
            HEADWATER_TRY_ASSIGN(const std::uint64_t extent, read<std::uint64_t>(field));
            if (extent < 1 || extent > limits::kDimension)
                return fail(at, field, fmt::format("{} ({})", extent, printable(tensor.name)), "1 to 2^32");
            const auto product = checkedMultiply(elements, extent);
            if (!product)
                return fail(
                    at, field,
                    fmt::format("{} after {} elements ({})", extent, elements, printable(tensor.name)),
                    "a product below 2^64");
            elements = *product;
            tensor.dimensions.push_back(extent);
        }
        tensor.elements = elements;
        return {};
    }

    /// Reads the type; returns the bytes of the tensor.
    Result<std::uint64_t> readTensorType(std::uint64_t index, GgufTensor& tensor)
    {
        const std::uint64_t at = m_in.offset();
        const Field field{"tensor", index, "type"};
        HEADWATER_TRY_ASSIGN(const std::uint32_t id, read<std::uint32_t>(field));
        tensor.type = ggmlType(id);
        if (!tensor.type)
            return fail(at, field,
                        fmt::format("{} ({})", describeUnknownGgmlType(id), printable(tensor.name)),
                        "a ggml type");
        if (tensor.dimensions[0] % tensor.type->blockElements != 0)
            return fail(at, Field{"tensor", index, "dims"},
                        fmt::format("rows of {} elements as {} ({})", tensor.dimensions[0], tensor.type->name,
                                    printable(tensor.name)),
                        fmt::format("a multiple of {}", tensor.type->blockElements));
        const auto bytes = checkedMultiply<std::uint64_t>(tensor.elements / tensor.type->blockElements,
                                                          tensor.type->blockBytes);
        if (!bytes || *bytes > limits::kFileBytes)
            return fail(at, Field{"tensor", index, "size"},
                        fmt::format("{} elements of {} ({})", tensor.elements, tensor.type->name,
                                    printable(tensor.name)),
                        "at most 2^48 bytes");
        return *bytes;
    }

    Result<void> placeData(std::uint64_t dataBytes)
    {
        const auto start = checkedAlignUp(m_in.offset(), m_alignment);
        m_file.dataOffset = *start; // the cursor is at most 2^48
        const std::uint64_t available = m_bytes.size() > *start ? m_bytes.size() - *start : 0;
        const std::uint64_t dataEnd =
            m_extents.empty() ? 0 : m_extents.back().offset + m_extents.back().bytes;
        for (std::size_t i = 0; i < m_extents.size(); ++i) {
            GgufTensor& tensor = m_file.tensors[i];
            const Extent& extent = m_extents[i];
            if (extent.offset + extent.bytes > available)
                return fail(m_bytes.size(), Field{tensor.name, 0, {}},
                            fmt::format("end of file after {} of its bytes",
                                        available > extent.offset ? available - extent.offset : 0),
                            fmt::format("{} bytes at byte {}: the file lacks its last {} bytes{}",
                                        extent.bytes, *start + extent.offset, dataEnd - available,
                                        kCutShort));
            tensor.data = m_bytes.subspan(*start + extent.offset, extent.bytes);
        }
        if (available > dataBytes)
            m_file.warnings.push_back(fmt::format("{}: {} bytes after the last tensor are ignored",
                                                  m_file.path, available - dataBytes));
        return {};
    }

    struct Extent {
        std::uint64_t offset; ///< from the first tensor's data
        std::uint64_t bytes;
    };

    std::span<const std::byte> m_bytes;
    ByteReader m_in;
    GgufFile m_file;
    std::uint64_t m_numTensors = 0;
    std::uint64_t m_numEntries = 0;
    std::uint64_t m_alignment = kDefaultAlignment;
    std::vector<Extent> m_extents;
};

} // namespace

const char* nameOf(GgufType type)
{
    return kValueTypes[static_cast<std::size_t>(type)].name;
}

std::uint32_t sizeOf(GgufType type)
{
    return kValueTypes[static_cast<std::size_t>(type)].bytes;
}

const GgufEntry* GgufFile::find(std::string_view key) const
{
    const auto found = entryByKey.find(key);
    return found == entryByKey.end() ? nullptr : found->second;
}

const GgufTensor* GgufFile::findTensor(std::string_view name) const
{
    const auto found = tensorByName.find(name);
    return found == tensorByName.end() ? nullptr : found->second;
}

Result<GgufFile> readGguf(std::span<const std::byte> bytes, const std::string& path)
{
    return GgufParser(bytes, path).run();
}

} // namespace headwater
