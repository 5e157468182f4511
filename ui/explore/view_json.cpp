// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/explore/view_json.h"

#include "ui/bridge/json_access.h"

#include <algorithm>
#include <cmath>

namespace headwater {

namespace {

std::optional<std::uint32_t> tokenOf(const nlohmann::json& json, const char* key, std::uint32_t seqLen)
{
    const qint64 value = jsonInteger(json, key, -1);
    return value >= 0 && value < static_cast<qint64>(seqLen)
        ? std::optional(static_cast<std::uint32_t>(value))
        : std::nullopt;
}

} // namespace

nlohmann::json viewToJson(const ViewSnapshot& view, const QSizeF& size)
{
    nlohmann::json json{
        {"layer", view.head.layer},
        {"head", view.head.head},
        {"mode", static_cast<int>(view.mode)},
        {"centre_key", view.viewport.key + size.width() / 2 * view.viewport.tokensPerPixel},
        {"centre_query", view.viewport.query + size.height() / 2 * view.viewport.queryTokensPerPixel()},
        {"tokens_per_pixel", view.viewport.tokensPerPixel},
        {"stretch", view.viewport.stretch},
        {"colour_map", static_cast<int>(view.colours.map)},
        {"logarithmic", view.colours.logarithmic},
        {"low", view.colours.low},
        {"high", view.colours.high},
        {"mask_sinks", view.mask.sinks},
        {"mask_diagonal", view.mask.diagonal},
    };
    if (view.textShade == TextShade::Loss)
        json["text_shade"] = "loss";
    if (view.locked.query)
        json["query"] = *view.locked.query;
    if (view.locked.key)
        json["key"] = *view.locked.key;
    return json;
}

ViewSnapshot viewFromJson(const nlohmann::json& json, const ViewSnapshot& fallback, std::uint32_t seqLen,
                          const QSizeF& size)
{
    ViewSnapshot view = fallback;
    view.head.layer =
        static_cast<int>(std::clamp<qint64>(jsonInteger(json, "layer", fallback.head.layer), 0, 1 << 20));
    view.head.head =
        static_cast<int>(std::clamp<qint64>(jsonInteger(json, "head", fallback.head.head), 0, 1 << 20));
    const qint64 mode = jsonInteger(json, "mode", static_cast<int>(fallback.mode));
    if (mode >= 0 && mode <= static_cast<int>(MapMode::Missed))
        view.mode = static_cast<MapMode>(mode);
    const qint64 map = jsonInteger(json, "colour_map", static_cast<int>(fallback.colours.map));
    if (map >= 0 && map <= static_cast<int>(ColourScale::Map::Greys))
        view.colours.map = static_cast<ColourScale::Map>(map);
    view.colours.logarithmic = jsonBool(json, "logarithmic", fallback.colours.logarithmic);
    const double low = jsonNumber(json, "low", fallback.colours.low);
    const double high = jsonNumber(json, "high", fallback.colours.high);
    if (low >= 0 && high > low && (low > 0 || !view.colours.logarithmic) && high <= 1e12) {
        view.colours.low = low;
        view.colours.high = high;
    }
    view.mask.sinks = jsonBool(json, "mask_sinks", fallback.mask.sinks);
    view.mask.diagonal = jsonBool(json, "mask_diagonal", fallback.mask.diagonal);
    const double scale = jsonNumber(json, "tokens_per_pixel", 0);
    const double key = jsonNumber(json, "centre_key", -1);
    const double query = jsonNumber(json, "centre_query", -1);
    if (scale > 1e-4 && scale < 1e7 && std::abs(key) < 1e9 && std::abs(query) < 1e9 && !size.isEmpty()) {
        view.viewport.tokensPerPixel = scale;
        view.viewport.stretch = std::clamp(jsonNumber(json, "stretch", 1), 0.25, 4.0);
        view.viewport.key = key - size.width() / 2 * scale;
        view.viewport.query = query - size.height() / 2 * view.viewport.queryTokensPerPixel();
    }
    view.textShade =
        jsonText(json, "text_shade") == QLatin1String("loss") ? TextShade::Loss : TextShade::Reads;
    view.locked = {tokenOf(json, "query", seqLen), tokenOf(json, "key", seqLen)};
    return view;
}

} // namespace headwater
