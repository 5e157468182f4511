// SPDX-License-Identifier: Apache-2.0
#include "core/figure/heatmap_options.h"

#include "core/base/text.h"
#include "core/tiles/tile_geometry.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

namespace headwater {

namespace {

constexpr std::array kQuantities{CellQuantity::Max, CellQuantity::Count, CellQuantity::Missed};

Error wrong(const char* key, const nlohmann::json& found, const char* expected)
{
    return {ErrorCode::BadFormat,
            fmt::format("'{}' is {}, expected {}", key,
                        found.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace).substr(0, 60),
                        expected),
            {}};
}

/// Reads members of one object, remembering the first error and which keys it was asked for.
class Members {
public:
    explicit Members(const nlohmann::json& object)
        : m_object(object)
    {
    }

    template <class Integer> void integer(const char* key, Integer& value)
    {
        const nlohmann::json* found = find(key);
        if (!found)
            return;
        const bool fits = found->is_number_integer() && *found >= 0
            && *found <= static_cast<std::int64_t>(std::numeric_limits<std::int32_t>::max());
        if (!fits)
            return fail(wrong(key, *found, "a whole number"));
        value = found->get<Integer>();
    }

    void number(const char* key, double& value)
    {
        if (const nlohmann::json* found = find(key))
            found->is_number() ? void(value = found->get<double>()) : fail(wrong(key, *found, "a number"));
    }

    void boolean(const char* key, bool& value)
    {
        if (const nlohmann::json* found = find(key))
            found->is_boolean() ? void(value = found->get<bool>())
                                : fail(wrong(key, *found, "true or false"));
    }

    void text(const char* key, std::string& value)
    {
        if (const nlohmann::json* found = find(key))
            found->is_string() ? void(value = found->get<std::string>()) : fail(wrong(key, *found, "a text"));
    }

    void range(const char* key, std::optional<TokenRange>& value)
    {
        const nlohmann::json* found = find(key);
        if (!found || found->is_null())
            return;
        if (value = rangeOf(*found); !value)
            fail(wrong(key, *found, "two token positions [begin, end]"));
    }

    void ranges(const char* key, std::vector<TokenRange>& values)
    {
        const nlohmann::json* found = find(key);
        if (!found)
            return;
        bool isList = found->is_array();
        for (const nlohmann::json& one : isList ? *found : nlohmann::json::array()) {
            const std::optional<TokenRange> range = rangeOf(one);
            isList = isList && range;
            values.push_back(range.value_or(TokenRange{}));
        }
        if (!isList)
            fail(wrong(key, *found, "a list of token positions [begin, end]"));
    }

    template <class Value, class Named>
    void named(const char* key, Value& value, Named parse, const char* expected)
    {
        const nlohmann::json* found = find(key);
        if (!found)
            return;
        const std::optional<Value> parsed =
            found->is_string() ? parse(found->get<std::string>()) : std::nullopt;
        parsed ? void(value = *parsed) : fail(wrong(key, *found, expected));
    }

    /// The first error; a key nobody asked for is one: what it says would be lost without a word.
    Result<void> result() const
    {
        if (m_error)
            return *m_error;
        for (const auto& member : m_object.items()) {
            if (std::find(m_asked.begin(), m_asked.end(), member.key()) == m_asked.end())
                return Error{ErrorCode::BadFormat,
                             fmt::format("'{}' is no option of a figure, expected one of: {}",
                                         printable(member.key()).substr(0, 60), fmt::join(m_asked, ", ")),
                             {}};
        }
        return {};
    }

    void heads(const char* key, std::vector<HeadId>& values)
    {
        const nlohmann::json* found = find(key);
        if (!found)
            return;
        const auto isNumber = [](const nlohmann::json& part) {
            return part.is_number_unsigned() && part <= std::numeric_limits<int>::max();
        };
        bool isList = found->is_array();
        for (const nlohmann::json& one : isList ? *found : nlohmann::json::array()) {
            isList = isList && one.is_array() && one.size() == 2 && isNumber(one[0]) && isNumber(one[1]);
            if (isList)
                values.push_back({one[0].get<int>(), one[1].get<int>()});
        }
        if (!isList)
            fail(wrong(key, *found, "a list of heads [layer, head]"));
    }

private:
    static std::optional<TokenRange> rangeOf(const nlohmann::json& json)
    {
        const auto isToken = [](const nlohmann::json& part) {
            return part.is_number_unsigned() && part <= UINT32_MAX;
        };
        if (!json.is_array() || json.size() != 2 || !isToken(json[0]) || !isToken(json[1]))
            return std::nullopt;
        return TokenRange{json[0].get<std::uint32_t>(), json[1].get<std::uint32_t>()};
    }

    const nlohmann::json* find(const char* key)
    {
        m_asked.push_back(key);
        const auto it = m_object.find(key);
        return it == m_object.end() ? nullptr : &*it;
    }
    void fail(Error error)
    {
        if (!m_error)
            m_error = std::move(error);
    }

    const nlohmann::json& m_object;
    std::vector<std::string_view> m_asked;
    std::optional<Error> m_error;
};

} // namespace

const char* nameOf(CellQuantity quantity)
{
    switch (quantity) {
    case CellQuantity::Count:
        return "count";
    case CellQuantity::Missed:
        return "missed";
    case CellQuantity::Max:
        break;
    }
    return "max";
}

std::optional<CellQuantity> cellQuantityNamed(std::string_view name)
{
    for (const CellQuantity quantity : kQuantities) {
        if (name == nameOf(quantity))
            return quantity;
    }
    return std::nullopt;
}

nlohmann::json toJson(const HeatmapFigureOptions& options)
{
    nlohmann::json json{{"layer", options.layer},
                        {"head", options.head},
                        {"quantity", nameOf(options.quantity)},
                        {"colormap", nameOf(options.colormap)},
                        {"reversed", options.isReversed},
                        {"low", options.limits.low},
                        {"high", options.limits.high},
                        {"logarithmic", options.limits.isLogarithmic},
                        {"width_mm", options.widthMm},
                        {"png_dpi", options.pngDpi},
                        {"live_text", options.hasLiveText},
                        {"mask_sinks", options.maskSinks},
                        {"mask_diagonal", options.maskDiagonal},
                        {"title", options.title},
                        {"with_title", options.hasTitle},
                        {"with_caption", options.hasCaption},
                        {"with_bar", options.hasBar},
                        {"columns", options.columns}};
    json["heads"] = nlohmann::json::array();
    for (const HeadId& head : options.heads)
        json["heads"].push_back({head.layer, head.head});
    if (options.queries)
        json["query"] = {options.queries->begin, options.queries->end};
    if (options.keys)
        json["key"] = {options.keys->begin, options.keys->end};
    if (options.level)
        json["level"] = *options.level;
    const auto listOf = [](const std::vector<TokenRange>& ranges) {
        nlohmann::json list = nlohmann::json::array();
        for (const TokenRange& range : ranges)
            list.push_back({range.begin, range.end});
        return list;
    };
    json["mark_query"] = listOf(options.markedQueries);
    json["mark_key"] = listOf(options.markedKeys);
    json["margin_query"] = options.hasRowMargin;
    json["margin_key"] = options.hasKeyMargin;
    return json;
}

Result<HeatmapFigureOptions> heatmapOptionsFromJson(const nlohmann::json& json)
{
    if (!json.is_object())
        return Error{ErrorCode::BadFormat, "the figure's options are not a JSON object", {}};
    HeatmapFigureOptions options;
    Members members(json);
    members.integer("layer", options.layer);
    members.integer("head", options.head);
    members.named("quantity", options.quantity, cellQuantityNamed, "max, count or missed");
    members.named("colormap", options.colormap, colormapNamed, "magma, viridis, cividis or greys");
    members.boolean("reversed", options.isReversed);
    members.number("low", options.limits.low);
    members.number("high", options.limits.high);
    members.boolean("logarithmic", options.limits.isLogarithmic);
    members.number("width_mm", options.widthMm);
    members.number("png_dpi", options.pngDpi);
    members.boolean("live_text", options.hasLiveText);
    members.boolean("mask_sinks", options.maskSinks);
    members.boolean("mask_diagonal", options.maskDiagonal);
    members.text("title", options.title);
    members.boolean("with_title", options.hasTitle);
    members.boolean("with_caption", options.hasCaption);
    members.boolean("with_bar", options.hasBar);
    members.integer("columns", options.columns);
    members.heads("heads", options.heads);
    members.range("query", options.queries);
    members.range("key", options.keys);
    members.ranges("mark_query", options.markedQueries);
    members.ranges("mark_key", options.markedKeys);
    members.boolean("margin_query", options.hasRowMargin);
    members.boolean("margin_key", options.hasKeyMargin);
    std::uint32_t level = 0;
    members.integer("level", level);
    if (json.contains("level"))
        options.level = level;
    HEADWATER_TRY(members.result());
    HEADWATER_TRY(checkHeatmapOptions(options));
    return options;
}

Result<void> checkHeatmapOptions(const HeatmapFigureOptions& options)
{
    const ScaleLimits& limits = options.limits;
    const auto refuse = [](std::string message) {
        return Error{ErrorCode::InvalidArgument, std::move(message), {}};
    };
    if (!(limits.low >= 0 && limits.high <= 1 && limits.high > 0x1p-24 && limits.low < limits.high))
        return refuse(
            fmt::format("the colour range {} to {} is not 0 <= low < high <= 1", limits.low, limits.high));
    if (!(options.widthMm >= 10 && options.widthMm <= 2000))
        return refuse(fmt::format("a width of {:.1f} mm is not within 10 mm and 2 m", options.widthMm));
    if (!(options.pngDpi >= 30 && options.pngDpi <= 2400))
        return refuse(fmt::format("{:.0f} dots per inch are not within 30 and 2400", options.pngDpi));
    if (options.heads.size() > kMostPanels)
        return refuse(
            fmt::format("{} heads in one figure are more than {}", options.heads.size(), kMostPanels));
    if (options.level && *options.level > kMaxLevel)
        return refuse(fmt::format("level {} is above {}", *options.level, kMaxLevel));
    return {};
}

} // namespace headwater
