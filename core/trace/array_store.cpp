// SPDX-License-Identifier: Apache-2.0
#include "core/trace/array_store.h"

#include "core/base/bounded_json.h"
#include "core/base/checked.h"
#include "core/trace/bad_format.h"
#include "core/trace/head_row.h"
#include "core/trace/trace_format.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace headwater {
namespace {

FieldCodec codecFor(std::string_view name, std::size_t elementBytes)
{
    if (name == kArrayTokenBytes || name == kArraySentences)
        return FieldCodec::DeltaShuffleZstd4;
    switch (elementBytes) {
    case 2:
        return FieldCodec::ShuffleZstd2;
    case 4:
        return FieldCodec::ShuffleZstd4;
    default:
        return FieldCodec::Zstd;
    }
}

/// The bytes dtype and shape say, or nothing when they are absurd.
std::optional<std::uint64_t> bytesOfShape(std::string_view dtype, std::span<const std::uint64_t> shape)
{
    std::uint64_t bytes = elementBytesOfDtype(dtype);
    if (bytes == 0)
        return std::nullopt;
    for (const std::uint64_t extent : shape) {
        const auto product = checkedMultiply(bytes, extent);
        if (!product)
            return std::nullopt;
        bytes = *product;
    }
    return bytes <= kMaxArrayBytes ? std::optional(bytes) : std::nullopt;
}

Result<std::vector<std::uint64_t>> parseShape(std::string_view text)
{
    HEADWATER_TRY_ASSIGN(const nlohmann::json json, parseBoundedJson(text, {}, kMaxMetaBytes));
    std::vector<std::uint64_t> shape;
    if (!json.is_array() || json.size() > 4)
        return badFormat(fmt::format("shape '{}': expected a list of at most 4 extents", text));
    for (const nlohmann::json& extent : json) {
        if (!extent.is_number_unsigned())
            return badFormat(fmt::format("shape '{}': an extent is not a natural number", text));
        shape.push_back(extent.get<std::uint64_t>());
    }
    return shape;
}

template <class T>
Result<void> readVector(const SqliteDatabase& database, FieldCoder& coder, const char* name,
                        const char* dtype, std::vector<T>& values)
{
    HEADWATER_TRY_ASSIGN(const NamedArray array, readArray(database, coder, name));
    if (array.dtype != dtype || array.shape.size() != 1)
        return inContext(badFormat(fmt::format("is {} with {} axes, expected {} with one", array.dtype,
                                               array.shape.size(), dtype)),
                         fmt::format("array '{}'", name));
    values.resize(array.data.size() / sizeof(T));
    if (!array.data.empty())
        std::memcpy(values.data(), array.data.data(), values.size() * sizeof(T));
    return {};
}

nlohmann::json jsonOf(const std::vector<Segment>& segments)
{
    nlohmann::json list = nlohmann::json::array();
    for (const Segment& segment : segments)
        list.push_back({{"name", segment.name}, {"begin", segment.begin}, {"end", segment.end}});
    return list;
}

Result<std::vector<Segment>> segmentsOf(std::string_view text)
{
    HEADWATER_TRY_ASSIGN(const nlohmann::json list, parseBoundedJson(text, {}, kMaxMetaBytes));
    std::vector<Segment> segments;
    if (!list.is_array())
        return badFormat("is not a JSON list");
    for (const nlohmann::json& item : list) {
        if (!item.is_object() || !item.contains("name") || !item["name"].is_string()
            || !item.contains("begin") || !item["begin"].is_number_unsigned() || !item.contains("end")
            || !item["end"].is_number_unsigned() || item["begin"].get<std::uint64_t>() > kMaxTokens
            || item["end"].get<std::uint64_t>() > kMaxTokens)
            return badFormat("an entry is not {name, begin, end}");
        segments.push_back({item["name"].get<std::string>(), item["begin"].get<std::uint32_t>(),
                            item["end"].get<std::uint32_t>()});
    }
    return segments;
}

} // namespace

std::string probeRowsName(int layer, int head)
{
    return fmt::format("probe_rows/{}/{}", layer, head);
}

std::string probeKeptMassName(int layer, int head)
{
    return fmt::format("probe_kept_mass/{}/{}", layer, head);
}

std::string contentName(int layer, int head)
{
    return fmt::format("content/{}/{}", layer, head);
}

std::size_t elementBytesOfDtype(std::string_view dtype)
{
    if (dtype == "u8" || dtype == "i8" || dtype == "json")
        return 1;
    if (dtype == "u16" || dtype == "i16" || dtype == "f16")
        return 2;
    if (dtype == "u32" || dtype == "i32" || dtype == "f32")
        return 4;
    if (dtype == "u64" || dtype == "i64" || dtype == "f64")
        return 8;
    return 0;
}

Result<StoredArray> encodeArray(FieldCoder& coder, std::string_view name, std::string_view dtype,
                                std::span<const std::uint64_t> shape, std::span<const std::byte> data)
{
    const auto bytes = bytesOfShape(dtype, shape);
    if (!bytes || *bytes != data.size()) {
        return Error{
            ErrorCode::InvalidArgument,
            fmt::format("array '{}': {} bytes do not fit {} and its shape", name, data.size(), dtype),
            {}};
    }
    StoredArray array{std::string(name), std::string(dtype), {shape.begin(), shape.end()}, {}, {}};
    array.codec = codecFor(name, elementBytesOfDtype(dtype));
    HEADWATER_TRY_ASSIGN(array.data, coder.encode(array.codec, data));
    return array;
}

Result<void> insertArray(RowInserter& inserter, const StoredArray& array)
{
    const std::string shapeText = nlohmann::json(array.shape).dump();
    const std::array<SqlValue, 5> values = {
        SqlValue(std::string_view(array.name)), SqlValue(std::string_view(array.dtype)),
        SqlValue(std::string_view(shapeText)), SqlValue(std::string_view(nameOf(array.codec))),
        SqlValue(std::span<const std::byte>(array.data))};
    return inserter.insert(values);
}

Result<void> insertArray(RowInserter& inserter, FieldCoder& coder, std::string_view name,
                         std::string_view dtype, std::span<const std::uint64_t> shape,
                         std::span<const std::byte> data, std::uint64_t& storedBytes)
{
    HEADWATER_TRY_ASSIGN(const StoredArray array, encodeArray(coder, name, dtype, shape, data));
    storedBytes += array.data.size();
    return insertArray(inserter, array);
}

Result<NamedArray> readArrayRow(FieldCoder& coder, const SqliteStatement& row)
{
    HEADWATER_TRY(checkRowHash(tableOf(TraceTableId::Array), row));
    NamedArray array;
    array.dtype = row.text(1);
    HEADWATER_TRY_ASSIGN(array.shape, parseShape(row.text(2)));
    const auto bytes = bytesOfShape(array.dtype, array.shape);
    if (!bytes)
        return badFormat(fmt::format("dtype '{}' with shape {} is not allowed", array.dtype, row.text(2)));
    const auto codec = fieldCodecOfName(row.text(3));
    if (!codec || *bytes % elementBytesOf(*codec) != 0)
        return badFormat(fmt::format("codec '{}' is not known for this array", row.text(3)));
    HEADWATER_TRY(checkFrame(row.blob(5), *bytes));
    array.data.resize(static_cast<std::size_t>(*bytes));
    HEADWATER_TRY(coder.decode(*codec, row.blob(5), array.data));
    return array;
}

Result<NamedArray> readArray(const SqliteDatabase& database, FieldCoder& coder, std::string_view name)
{
    const std::string where = fmt::format("array '{}'", name);
    HEADWATER_TRY_ASSIGN(SqliteStatement row, database.prepare("SELECT * FROM array WHERE name=?"));
    const std::array<SqlValue, 1> key = {SqlValue(name)};
    HEADWATER_TRY(row.bind(key));
    const Result<bool> hasRow = row.step();
    if (!hasRow)
        return inContext(hasRow.error(), where);
    if (!*hasRow)
        return Error{ErrorCode::NotFound, "the trace has no such array", where};
    Result<NamedArray> array = readArrayRow(coder, row);
    if (!array)
        return inContext(array.error(), where);
    return array;
}

Result<void> checkTokenTables(const TokenTables& tables)
{
    const std::size_t tokens = tables.tokenIds.size();
    if (tokens == 0 || tokens > kMaxTokens)
        return badFormat(fmt::format("{} tokens, expected 1 to {}", tokens, kMaxTokens));
    if (tables.text.size() > kMaxTextBytes)
        return badFormat(
            fmt::format("text of {} bytes, expected at most {}", tables.text.size(), kMaxTextBytes));
    if (tables.tokenOffsets.size() != tokens + 1)
        return badFormat(fmt::format("{} token offsets for {} tokens", tables.tokenOffsets.size(), tokens));
    const auto isInside = [&](const std::vector<std::uint32_t>& offsets) {
        return std::is_sorted(offsets.begin(), offsets.end())
            && (offsets.empty() || offsets.back() <= tables.text.size());
    };
    if (!isInside(tables.tokenOffsets))
        return badFormat("the token offsets fall or leave the text");
    if (!isInside(tables.sentenceOffsets))
        return badFormat("the sentence offsets fall or leave the text");
    for (const Segment& segment : tables.segments) {
        if (segment.begin > segment.end || segment.end > tokens)
            return badFormat(fmt::format("segment '{}' is [{}, {}) of {} tokens", segment.name, segment.begin,
                                         segment.end, tokens));
    }
    const auto isHeads = [](std::uint32_t heads) { return heads <= static_cast<std::uint32_t>(kMaxHeads); };
    if (tables.headsPerLayer.empty() || tables.headsPerLayer.size() > static_cast<std::size_t>(kMaxLayers)
        || !std::all_of(tables.headsPerLayer.begin(), tables.headsPerLayer.end(), isHeads))
        return badFormat(fmt::format("{} layers: expected 1 to {} with at most {} heads",
                                     tables.headsPerLayer.size(), kMaxLayers, kMaxHeads));
    return {};
}

Result<std::uint64_t> insertTokenTables(RowInserter& inserter, FieldCoder& coder, const TokenTables& tables)
{
    std::uint64_t storedBytes = 0;
    const auto insert = [&](const char* name, const char* dtype, const auto& values) {
        const std::array<std::uint64_t, 1> shape = {values.size()};
        return insertArray(inserter, coder, name, dtype, shape, std::as_bytes(std::span(values)),
                           storedBytes);
    };
    HEADWATER_TRY(insert(kArrayPrompt, "u8", tables.text));
    HEADWATER_TRY(insert(kArrayTokenIds, "i32", tables.tokenIds));
    HEADWATER_TRY(insert(kArrayTokenBytes, "u32", tables.tokenOffsets));
    HEADWATER_TRY(insert(kArraySentences, "u32", tables.sentenceOffsets));
    HEADWATER_TRY(insert(kArrayHeadsPerLayer, "u32", tables.headsPerLayer));
    const std::string segments = jsonText(jsonOf(tables.segments));
    HEADWATER_TRY(insert(kArraySegments, "json", segments));
    return storedBytes;
}

Result<TokenTables> readTokenTables(const SqliteDatabase& database, FieldCoder& coder)
{
    TokenTables tables;
    std::vector<char> text;
    std::vector<char> segments;
    HEADWATER_TRY(readVector(database, coder, kArrayPrompt, "u8", text));
    HEADWATER_TRY(readVector(database, coder, kArrayTokenIds, "i32", tables.tokenIds));
    HEADWATER_TRY(readVector(database, coder, kArrayTokenBytes, "u32", tables.tokenOffsets));
    HEADWATER_TRY(readVector(database, coder, kArraySentences, "u32", tables.sentenceOffsets));
    HEADWATER_TRY(readVector(database, coder, kArrayHeadsPerLayer, "u32", tables.headsPerLayer));
    HEADWATER_TRY(readVector(database, coder, kArraySegments, "json", segments));
    tables.text.assign(text.begin(), text.end());
    Result<std::vector<Segment>> parsed = segmentsOf({segments.data(), segments.size()});
    if (!parsed)
        return inContext(parsed.error(), fmt::format("array '{}'", kArraySegments));
    tables.segments = std::move(*parsed);
    HEADWATER_TRY(checkTokenTables(tables));
    return tables;
}

} // namespace headwater
