// SPDX-License-Identifier: Apache-2.0
#include "core/model/gguf/gguf_metadata.h"

#include "core/model/byte_reader.h"

#include <cmath>
#include <fmt/format.h>

namespace headwater {
namespace {

struct Integer {
    bool negative = false;
    std::uint64_t magnitude = 0;
};

template <class T> Integer toInteger(ByteReader& in)
{
    const T value = in.read<T>().value_or(T{});
    if constexpr (std::is_signed_v<T>) {
        if (value < 0)
            return {true, 0 - static_cast<std::uint64_t>(value)};
    }
    return {false, static_cast<std::uint64_t>(value)};
}

std::optional<Integer> decodeInteger(GgufType type, std::span<const std::byte> bytes)
{
    ByteReader in(bytes);
    switch (type) {
    case GgufType::UInt8:
        return toInteger<std::uint8_t>(in);
    case GgufType::Int8:
        return toInteger<std::int8_t>(in);
    case GgufType::UInt16:
        return toInteger<std::uint16_t>(in);
    case GgufType::Int16:
        return toInteger<std::int16_t>(in);
    case GgufType::UInt32:
        return toInteger<std::uint32_t>(in);
    case GgufType::Int32:
        return toInteger<std::int32_t>(in);
    case GgufType::UInt64:
        return toInteger<std::uint64_t>(in);
    case GgufType::Int64:
        return toInteger<std::int64_t>(in);
    default:
        return std::nullopt;
    }
}

std::string rangeText(std::uint64_t min, std::uint64_t max)
{
    return min == max ? std::to_string(min) : fmt::format("an integer from {} to {}", min, max);
}

} // namespace

Error GgufMetadata::fail(std::string_view key, const std::string& found, const std::string& expected,
                         ErrorCode code) const
{
    const GgufEntry* entry = m_file.find(key);
    return formatError(m_file.path, entry ? entry->valueOffset : m_file.metadataEnd, std::string(key), found,
                       expected, code);
}

Error GgufMetadata::missing(std::string_view key, const std::string& expected) const
{
    return fail(key, "missing", expected);
}

Result<std::uint64_t> GgufMetadata::toUnsigned(const GgufEntry& entry, GgufType type,
                                               std::span<const std::byte> bytes, std::uint64_t min,
                                               std::uint64_t max) const
{
    const auto value = decodeInteger(type, bytes);
    if (!value)
        return fail(entry.key, nameOf(type), rangeText(min, max));
    if (value->negative || value->magnitude < min || value->magnitude > max)
        return fail(entry.key, fmt::format("{}{}", value->negative ? "-" : "", value->magnitude),
                    rangeText(min, max));
    return value->magnitude;
}

Result<std::optional<std::uint64_t>> GgufMetadata::findUnsigned(std::string_view key, std::uint64_t min,
                                                                std::uint64_t max) const
{
    const GgufEntry* entry = m_file.find(key);
    if (!entry)
        return std::optional<std::uint64_t>{};
    HEADWATER_TRY_ASSIGN(const std::uint64_t value, toUnsigned(*entry, entry->type, entry->scalar, min, max));
    return std::optional{value};
}

Result<std::optional<double>> GgufMetadata::findFloat(std::string_view key, double min, double max) const
{
    const GgufEntry* entry = m_file.find(key);
    if (!entry)
        return std::optional<double>{};
    const std::string expected = fmt::format("a float from {:g} to {:g}", min, max);
    ByteReader in(entry->scalar);
    double value = 0;
    if (entry->type == GgufType::Float32)
        value = static_cast<double>(in.read<float>().value_or(0));
    else if (entry->type == GgufType::Float64)
        value = in.read<double>().value_or(0);
    else
        return fail(key, nameOf(entry->type), expected);
    if (!std::isfinite(value) || value < min || value > max)
        return fail(key, fmt::format("{:g}", value), expected);
    return std::optional{value};
}

Result<std::optional<bool>> GgufMetadata::findBool(std::string_view key) const
{
    const GgufEntry* entry = m_file.find(key);
    if (!entry)
        return std::optional<bool>{};
    if (entry->type != GgufType::Bool)
        return fail(key, nameOf(entry->type), "a bool");
    return std::optional{entry->scalar[0] != std::byte{0}};
}

Result<std::optional<std::string_view>> GgufMetadata::findString(std::string_view key) const
{
    const GgufEntry* entry = m_file.find(key);
    if (!entry)
        return std::optional<std::string_view>{};
    if (entry->type != GgufType::String)
        return fail(key, nameOf(entry->type), "a string");
    return std::optional{entry->text};
}

Result<const std::vector<std::string_view>*> GgufMetadata::findStrings(std::string_view key) const
{
    const GgufEntry* entry = m_file.find(key);
    if (!entry)
        return static_cast<const std::vector<std::string_view>*>(nullptr);
    if (entry->type != GgufType::Array || entry->elementType != GgufType::String)
        return fail(key,
                    entry->type == GgufType::Array ? fmt::format("an array of {}", nameOf(entry->elementType))
                                                   : nameOf(entry->type),
                    "an array of strings");
    return &entry->strings;
}

Result<std::optional<std::span<const std::byte>>> GgufMetadata::findArray(std::string_view key,
                                                                          GgufType elementType) const
{
    const GgufEntry* entry = m_file.find(key);
    if (!entry)
        return std::optional<std::span<const std::byte>>{};
    if (entry->type != GgufType::Array || entry->elementType != elementType)
        return fail(key,
                    entry->type == GgufType::Array ? fmt::format("an array of {}", nameOf(entry->elementType))
                                                   : nameOf(entry->type),
                    fmt::format("an array of {}", nameOf(elementType)));
    return std::optional{entry->elements};
}

Result<std::uint64_t> GgufMetadata::requireUnsigned(std::string_view key, std::uint64_t min,
                                                    std::uint64_t max) const
{
    HEADWATER_TRY_ASSIGN(const auto value, findUnsigned(key, min, max));
    if (!value)
        return missing(key, rangeText(min, max));
    return *value;
}

Result<double> GgufMetadata::requireFloat(std::string_view key, double min, double max) const
{
    HEADWATER_TRY_ASSIGN(const auto value, findFloat(key, min, max));
    if (!value)
        return missing(key, "a float");
    return *value;
}

Result<std::string_view> GgufMetadata::requireString(std::string_view key) const
{
    HEADWATER_TRY_ASSIGN(const auto value, findString(key));
    if (!value)
        return missing(key, "a string");
    return *value;
}

Result<std::vector<std::uint64_t>> GgufMetadata::requirePerLayer(std::string_view key, std::size_t count,
                                                                 std::uint64_t min, std::uint64_t max) const
{
    const GgufEntry* entry = m_file.find(key);
    if (!entry || entry->type != GgufType::Array) {
        HEADWATER_TRY_ASSIGN(const std::uint64_t value, requireUnsigned(key, min, max));
        return std::vector<std::uint64_t>(count, value);
    }
    if (entry->elementType == GgufType::String || entry->arraySize() != count)
        return fail(key, fmt::format("an array of {} {}", entry->arraySize(), nameOf(entry->elementType)),
                    fmt::format("one integer or an array of {}", count));
    const std::size_t width = sizeOf(entry->elementType);
    std::vector<std::uint64_t> values;
    for (std::size_t i = 0; i < count; ++i) {
        HEADWATER_TRY_ASSIGN(
            const std::uint64_t value,
            toUnsigned(*entry, entry->elementType, entry->elements.subspan(i * width, width), min, max));
        values.push_back(value);
    }
    return values;
}

} // namespace headwater
