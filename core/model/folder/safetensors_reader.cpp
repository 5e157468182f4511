// SPDX-License-Identifier: Apache-2.0
#include "core/model/folder/safetensors_reader.h"

#include "core/base/checked.h"
#include "core/base/text.h"
#include "core/model/byte_reader.h"
#include "core/model/json_reader.h"
#include "core/model/limits.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <utility>

namespace headwater {
namespace {

constexpr std::uint64_t kLengthBytes = 8;
constexpr std::uint64_t kMostHeaderBytes = 100'000'000;

// Source: safetensors 0.8, safetensors/src/tensor.rs.
constexpr SafetensorsType kTypes[] = {
    {"F32", 32, WeightType::F32},
    {"F16", 16, WeightType::F16},
    {"BF16", 16, WeightType::BF16},
    {"F64", 64, {}},
    {"BOOL", 8, {}},
    {"U8", 8, {}},
    {"I8", 8, {}},
    {"U16", 16, {}},
    {"I16", 16, {}},
    {"U32", 32, {}},
    {"I32", 32, {}},
    {"U64", 64, {}},
    {"I64", 64, {}},
    {"C64", 64, {}},
    {"F8_E4M3", 8, {}},
    {"F8_E5M2", 8, {}},
    {"F8_E8M0", 8, {}},
    {"F8_E4M3FNUZ", 8, {}},
    {"F8_E5M2FNUZ", 8, {}},
    {"F6_E2M3", 6, {}},
    {"F6_E3M2", 6, {}},
    {"F4", 4, {}},
};

struct Extent {
    std::uint64_t begin;
    std::uint64_t end; ///< from the first tensor's data
};

class Parser {
public:
    Parser(std::span<const std::byte> bytes, const std::string& path)
        : m_bytes(bytes)
    {
        m_file.path = path;
    }

    Result<SafetensorsFile> run()
    {
        HEADWATER_TRY_ASSIGN(const std::string_view text, header());
        // A matrix' entry is eight values; the rest may be metadata.
        HEADWATER_TRY_ASSIGN(
            const JsonValue root,
            readJson(text, m_file.path, kLengthBytes, {.depth = 8, .values = 24 * limits::kTensors}));
        if (root.values.size() > limits::kTensors + 1)
            return fail(root.offset, "header", fmt::format("{} entries", root.values.size()),
                        fmt::format("at most {} tensors", limits::kTensors));
        for (std::size_t i = 0; i < root.values.size(); ++i) {
            if (root.names[i] == "__metadata__")
                HEADWATER_TRY(checkMetadata(root.values[i]));
            else
                HEADWATER_TRY(readTensor(root.names[i], root.values[i]));
        }
        HEADWATER_TRY(placeData());
        return std::move(m_file);
    }

private:
    struct Placed {
        SafetensorsTensor tensor;
        Extent extent;
    };

    Error fail(std::uint64_t at, std::string_view field, const std::string& found,
               const std::string& expected) const
    {
        return formatError(m_file.path, at, printable(field.substr(0, 200)), found, expected);
    }

    /// The header's JSON, without the blanks that pad it.
    Result<std::string_view> header()
    {
        ByteReader in(m_bytes);
        const auto length = in.read<std::uint64_t>();
        if (!length)
            return fail(0, "header length", fmt::format("a file of {} bytes", m_bytes.size()),
                        "8 bytes at least: a safetensors file");
        if (*length < 2 || *length > kMostHeaderBytes)
            return fail(0, "header length", fmt::format("{} bytes", *length),
                        fmt::format("2 to {}: a safetensors file", kMostHeaderBytes));
        const auto bytes = in.readBytes(*length);
        if (!bytes)
            return fail(0, "header length", fmt::format("{} bytes", *length),
                        fmt::format("at most the {} that follow: the file is cut short, download it again",
                                    in.remaining()));
        m_file.dataOffset = in.offset();
        std::string_view text = textOf(*bytes);
        if (!text.starts_with('{'))
            return fail(kLengthBytes, "header", fmt::format("\"{}\"", printable(text.substr(0, 1))),
                        "\"{\": a safetensors file");
        text.remove_suffix(text.size() - 1 - text.find_last_not_of(' '));
        return text;
    }

    Result<void> checkMetadata(const JsonValue& metadata) const
    {
        if (metadata.kind != JsonValue::Kind::Object)
            return fail(metadata.offset, "__metadata__", metadata.described(), "an object of strings");
        for (const JsonValue& value : metadata.values)
            if (value.kind != JsonValue::Kind::String)
                return fail(value.offset, "__metadata__", value.described(), "a string");
        return {};
    }

    Result<void> readTensor(const std::string& name, const JsonValue& entry)
    {
        Placed placed;
        SafetensorsTensor& tensor = placed.tensor;
        tensor.name = name;
        tensor.infoOffset = entry.offset;
        for (const std::string& key : entry.names)
            if (key != "dtype" && key != "shape" && key != "data_offsets")
                return fail(entry.offset, name, fmt::format("\"{}\"", printable(key.substr(0, 80))),
                            "dtype, shape and data_offsets, no more");
        HEADWATER_TRY(readType(entry, tensor));
        HEADWATER_TRY(readShape(entry, tensor));
        HEADWATER_TRY_ASSIGN(placed.extent, readExtent(entry, tensor));
        m_placed.push_back(std::move(placed));
        return {};
    }

    Result<void> readType(const JsonValue& entry, SafetensorsTensor& tensor) const
    {
        const JsonValue* const type = entry.find("dtype");
        const bool isWord = type && type->kind == JsonValue::Kind::String;
        const auto* const known =
            isWord ? std::ranges::find(kTypes, type->text, &SafetensorsType::name) : std::end(kTypes);
        if (known == std::end(kTypes))
            return fail(type ? type->offset : entry.offset, tensor.name,
                        type ? "dtype " + type->described() : "no dtype", "a dtype of safetensors");
        tensor.type = known;
        return {};
    }

    Result<void> readShape(const JsonValue& entry, SafetensorsTensor& tensor) const
    {
        const JsonValue* const shape = entry.find("shape");
        if (!shape || shape->kind != JsonValue::Kind::Array)
            return fail(shape ? shape->offset : entry.offset, tensor.name,
                        shape ? "shape " + shape->described() : "no shape", "an array of integers");
        tensor.elements = 1;
        for (const JsonValue& extent : shape->values) {
            const auto count = extent.asUnsigned();
            if (!count)
                return fail(extent.offset, tensor.name, "a dimension " + extent.described(), "an integer");
            const auto product = checkedMultiply(tensor.elements, *count);
            if (!product)
                return fail(extent.offset, tensor.name,
                            fmt::format("{} after {} elements", *count, tensor.elements),
                            "a product below 2^64");
            tensor.elements = *product;
            tensor.shape.push_back(*count);
        }
        return {};
    }

    Result<Extent> readExtent(const JsonValue& entry, const SafetensorsTensor& tensor) const
    {
        const JsonValue* const offsets = entry.find("data_offsets");
        const bool isPair = offsets && offsets->kind == JsonValue::Kind::Array && offsets->values.size() == 2;
        const auto begin = isPair ? offsets->values[0].asUnsigned() : std::nullopt;
        const auto end = isPair ? offsets->values[1].asUnsigned() : std::nullopt;
        if (!begin || !end)
            return fail(offsets ? offsets->offset : entry.offset, tensor.name,
                        offsets ? "data_offsets that are no two integers" : "no data_offsets",
                        "[begin, end], two integers");
        const auto bits = checkedMultiply<std::uint64_t>(tensor.elements, tensor.type->bits);
        const std::string needs = fmt::format("{} [{}]", tensor.type->name, fmt::join(tensor.shape, ", "));
        if (!bits || *bits % 8 != 0)
            return fail(entry.offset, tensor.name, needs, "whole bytes, fewer than 2^61");
        if (*begin > *end || *end - *begin != *bits / 8)
            return fail(offsets->offset, tensor.name, fmt::format("bytes {} to {}", *begin, *end),
                        fmt::format("{} bytes, {}", *bits / 8, needs));
        return Extent{*begin, *end};
    }

    /// Tensors in the order of their data, each of which begins where the one before ends.
    Result<void> placeData()
    {
        std::ranges::stable_sort(m_placed, {}, [](const Placed& placed) {
            return std::pair(placed.extent.begin, placed.extent.end);
        });
        const std::uint64_t available = m_bytes.size() - m_file.dataOffset;
        std::uint64_t filled = 0;
        for (Placed& placed : m_placed) {
            SafetensorsTensor& tensor = placed.tensor;
            const Extent& extent = placed.extent;
            if (extent.begin != filled)
                return fail(
                    tensor.infoOffset, tensor.name,
                    fmt::format("{} at {}", extent.begin < filled ? "an overlap" : "a hole", extent.begin),
                    fmt::format("{}, where the tensor before ends", filled));
            if (extent.end > available)
                return fail(m_bytes.size(), tensor.name,
                            fmt::format("end of file after {} of its bytes",
                                        available > extent.begin ? available - extent.begin : 0),
                            fmt::format("{} bytes at byte {}: the file is cut short, download it again",
                                        extent.end - extent.begin, m_file.dataOffset + extent.begin));
            filled = extent.end;
            tensor.data = m_bytes.subspan(m_file.dataOffset + extent.begin, extent.end - extent.begin);
            m_file.tensors.push_back(std::move(tensor));
        }
        if (filled != available)
            return fail(m_file.dataOffset + filled, "data", fmt::format("{} more bytes", available - filled),
                        "the end of the file: no tensor holds them");
        return {};
    }

    std::span<const std::byte> m_bytes;
    SafetensorsFile m_file;
    std::vector<Placed> m_placed;
};

} // namespace

Result<SafetensorsFile> readSafetensors(std::span<const std::byte> bytes, const std::string& path)
{
    return Parser(bytes, path).run();
}

} // namespace headwater
