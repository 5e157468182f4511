// SPDX-License-Identifier: Apache-2.0
// Facts of config.json that differ from layer to layer.
#include "core/model/config_facts.h"
#include "core/model/limits.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace headwater {
namespace {

/// Which layers of a config class read its window where layer_types does not tell.
enum class Windowed { All, Period, FromLayer, WithoutPositions };

struct WindowRule {
    std::string_view modelType;
    Windowed layers;
    bool needsConsent = false; ///< use_sliding_window
    bool hasLayerTypes = true;
    std::string_view periodKey = {};
};

// Source: transformers 5.23, __post_init__ of the config classes. A class that is not here knows no window.
constexpr WindowRule kWindowRules[] = {
    {"mistral", Windowed::All, false, false},
    {"ministral3", Windowed::All, false, false},
    {"qwen2", Windowed::FromLayer, true},
    {"qwen3", Windowed::FromLayer, true},
    {"smollm3", Windowed::WithoutPositions, true},
    {"gemma2", Windowed::Period},
    {"gemma3_text", Windowed::Period, false, true, "sliding_window_pattern"},
    {"olmo3", Windowed::Period},
};
constexpr std::uint64_t kMaxWindowLayers = 28; // of Qwen2Config and Qwen3Config

const WindowRule* windowRuleOf(std::string_view modelType)
{
    const auto* const found = std::ranges::find(kWindowRules, modelType, &WindowRule::modelType);
    return found == std::end(kWindowRules) ? nullptr : found;
}

std::vector<bool> allButEveryLast(std::uint64_t period, std::size_t layers)
{
    std::vector<bool> flags;
    for (std::size_t layer = 0; layer < layers; ++layer)
        flags.push_back((layer + 1) % period != 0);
    return flags;
}

} // namespace

Result<bool> ConfigFacts::readsWindow() const
{
    const WindowRule* const rule = windowRuleOf(m_convention->name);
    if (!rule || !rule->needsConsent)
        return rule != nullptr;
    return flag("use_sliding_window", false);
}

Result<std::optional<std::vector<bool>>> ConfigFacts::findFlags(Fact fact, std::size_t layers) const
{
    return fact == Fact::WindowedLayers ? windowedLayers(layers) : rotatedLayers(layers);
}

Result<std::optional<std::vector<bool>>> ConfigFacts::windowedLayers(std::size_t layers) const
{
    const std::optional<std::vector<bool>> nothingSaid;
    const WindowRule* const rule = windowRuleOf(m_convention->name);
    HEADWATER_TRY_ASSIGN(const auto window, findUnsigned(Fact::Window, 1, limits::kContextLength));
    const Place types = placeOf(Fact::WindowedLayers);
    if (!rule || (rule->needsConsent && !window))
        return nothingSaid;
    if (types.value && rule->hasLayerTypes) {
        std::vector<bool> flags;
        for (const JsonValue& type : types.value->values) {
            if (type.text != "full_attention" && type.text != "sliding_attention")
                return fail(types, type.described(), "full_attention or sliding_attention",
                            ErrorCode::Unsupported);
            flags.push_back(type.text == "sliding_attention");
        }
        if (types.value->kind != JsonValue::Kind::Array || flags.size() != layers)
            return fail(types, fmt::format("{} layers", flags.size()),
                        fmt::format("{}, all of them", layers));
        return std::optional(std::move(flags));
    }
    switch (rule->layers) {
    case Windowed::All:
        return nothingSaid;
    case Windowed::Period: {
        auto period = static_cast<std::uint64_t>(unsaid(Fact::WindowedLayers).value_or(1));
        if (const Place said = find(m_top, rule->periodKey); said.value) {
            HEADWATER_TRY_ASSIGN(period, toUnsigned(said, 1, limits::kLayers));
        }
        return std::optional(allButEveryLast(period, layers));
    }
    case Windowed::FromLayer: {
        const Place first = find(m_top, "max_window_layers");
        std::uint64_t number = kMaxWindowLayers;
        if (first.value) {
            HEADWATER_TRY_ASSIGN(number, toUnsigned(first, 0, limits::kContextLength));
        }
        std::vector<bool> flags(layers);
        for (std::size_t layer = 0; layer < layers; ++layer)
            flags[layer] = layer >= number;
        return std::optional(std::move(flags));
    }
    case Windowed::WithoutPositions: {
        HEADWATER_TRY_ASSIGN(auto flags, rotatedLayers(layers));
        if (flags)
            flags->flip();
        return flags;
    }
    }
    return nothingSaid;
}

Result<std::optional<std::vector<bool>>> ConfigFacts::rotatedLayers(std::size_t layers) const
{
    const auto period = unsaid(Fact::RotatedLayers);
    if (!period)
        return std::optional<std::vector<bool>>{};
    if (const Place said = placeOf(Fact::RotatedLayers); said.value) {
        std::vector<bool> flags;
        for (const JsonValue& layer : said.value->values) {
            const auto turns = layer.asUnsigned();
            if (!turns || *turns > 1)
                return fail(said, layer.described(), "1 or 0");
            flags.push_back(*turns == 1);
        }
        if (said.value->kind != JsonValue::Kind::Array || flags.size() != layers)
            return fail(said, fmt::format("{} layers", flags.size()), fmt::format("{}, all of them", layers));
        return std::optional(std::move(flags));
    }
    auto length = static_cast<std::uint64_t>(*period);
    if (const Place interval = find(m_top, "no_rope_layer_interval"); interval.value) {
        HEADWATER_TRY_ASSIGN(length, toUnsigned(interval, 1, limits::kLayers));
    }
    return std::optional(allButEveryLast(length, layers));
}

} // namespace headwater
