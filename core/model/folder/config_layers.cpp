// SPDX-License-Identifier: Apache-2.0
// Facts of config.json that differ from layer to layer.
#include "core/model/folder/config_facts.h"

#include "core/base/text.h"
#include "core/model/limits.h"

#include <algorithm>
#include <charconv>
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
    bool lastIsGlobal = false; ///< whatever is said of it
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
    {"gemma4_text", Windowed::Period, false, true, {}, true},
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

/// A layer's own config that says what the first says, and nothing else.
bool isOfGlobalLayers(const JsonValue& config, const JsonValue& first)
{
    return config.names.size() == first.names.size()
        && std::ranges::all_of(config.names, [&](const std::string& name) {
               const JsonValue* const there = first.find(name);
               return (name == "head_dim" || name == "num_key_value_heads") && there
                   && there->text == config.find(name)->text;
           });
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

/// Gemma 4 says head size and key heads of every global layer by its number ("5", "05"): the same of all.
Result<void> ConfigFacts::readGlobalLayers()
{
    const Place perLayer = find(m_top, "per_layer_config");
    if (!perLayer.value || perLayer.value->values.empty())
        return {};
    HEADWATER_TRY_ASSIGN(const auto count, findUnsigned(Fact::LayerCount, 1, limits::kLayers));
    HEADWATER_TRY_ASSIGN(const auto slides, windowedLayers(*count));
    std::vector<bool> isMissing = *slides;
    isMissing.flip();
    const JsonValue& first = perLayer.value->values.front();
    for (const std::string& name : perLayer.value->names) {
        const Place said = find({perLayer.key + ".", perLayer.value}, name);
        std::size_t layer = 0;
        const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), layer);
        if (failed != std::errc() || end != name.data() + name.size() || layer >= isMissing.size()
            || !isMissing[layer])
            return fail(perLayer, fmt::format("\"{}\"", printable(name.substr(0, 80))),
                        "the number of a global layer, each once", ErrorCode::Unsupported);
        isMissing[layer] = false;
        if (!said.value || !isOfGlobalLayers(*said.value, first))
            return fail(said, "another layer",
                        "head_dim and num_key_value_heads, the same of every global layer",
                        ErrorCode::Unsupported);
    }
    if (const auto left = std::ranges::find(isMissing, true); left != isMissing.end())
        return fail(perLayer, fmt::format("nothing of layer {}", left - isMissing.begin()),
                    "every global layer", ErrorCode::Unsupported);
    m_globalLayers = Holder{fmt::format("{}.{}.", perLayer.key, perLayer.value->names.front()), &first};
    return {};
}

Result<std::optional<std::vector<std::uint64_t>>>
ConfigFacts::findPerLayer(Fact fact, std::size_t layers, std::uint64_t min, std::uint64_t max) const
{
    HEADWATER_TRY_ASSIGN(const auto value, findUnsigned(fact, min, max));
    if (!value)
        return std::optional<std::vector<std::uint64_t>>{};
    std::vector<std::uint64_t> values(layers, *value);
    if (fact == Fact::KvHeadCount) {
        HEADWATER_TRY_ASSIGN(const bool areAlike, flag("attention_k_eq_v", false));
        const Place global = m_globalLayers ? find(*m_globalLayers, "num_key_value_heads")
                                            : find(m_top, "num_global_key_value_heads");
        if (global.value && (m_globalLayers || areAlike)) {
            HEADWATER_TRY_ASSIGN(const std::uint64_t count, toUnsigned(global, min, max));
            HEADWATER_TRY_ASSIGN(const auto slides, windowedLayers(layers));
            for (std::size_t layer = 0; slides && layer < layers; ++layer)
                if (!(*slides)[layer])
                    values[layer] = count;
        }
    }
    if (fact == Fact::FfnSize) {
        HEADWATER_TRY_ASSIGN(const bool isDoubled, flag("use_double_wide_mlp", false));
        HEADWATER_TRY_ASSIGN(const auto borrowing, findUnsigned(Fact::BorrowingLayers, 0, layers));
        for (std::size_t layer = layers - borrowing.value_or(0); isDoubled && layer < layers; ++layer)
            values[layer] *= 2;
    }
    return std::optional(std::move(values));
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
        if (rule->lastIsGlobal)
            flags.back() = false;
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
        auto flags = allButEveryLast(period, layers);
        if (rule->lastIsGlobal)
            flags.back() = false;
        return std::optional(std::move(flags));
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
