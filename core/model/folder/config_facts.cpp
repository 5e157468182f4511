// SPDX-License-Identifier: Apache-2.0
#include "core/model/folder/config_facts.h"

#include "core/base/text.h"
#include "core/model/byte_reader.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace headwater {
namespace {

struct FactKey {
    Fact fact;
    std::string_view key;
    bool isOfPositions = false; ///< stands in rope_parameters or rope_scaling
};

// Source: transformers 5.23, the config classes and modeling_rope_utils.py.
constexpr FactKey kFactKeys[] = {
    {Fact::LayerCount, "num_hidden_layers"},
    {Fact::HiddenSize, "hidden_size"},
    {Fact::ContextLength, "max_position_embeddings"},
    {Fact::NormEpsilon, "rms_norm_eps"},
    {Fact::ExpertCount, "num_experts"},
    {Fact::HeadCount, "num_attention_heads"},
    {Fact::KvHeadCount, "num_key_value_heads"},
    {Fact::FfnSize, "intermediate_size"},
    {Fact::HeadDim, "head_dim"},
    {Fact::LocalHeadDim, "head_dim"},
    {Fact::BorrowingLayers, "num_kv_shared_layers"},
    {Fact::LayerInputSize, "hidden_size_per_layer_input"},
    {Fact::QueryScalar, "query_pre_attn_scalar"},
    {Fact::ScoreCap, "attn_logit_softcapping"},
    {Fact::LogitCap, "final_logit_softcapping"},
    {Fact::Window, "sliding_window"},
    {Fact::WindowedLayers, "layer_types"},
    {Fact::RotatedLayers, "no_rope_layers"},
    {Fact::RotatedDims, "partial_rotary_factor", true},
    {Fact::RotatedShare, "partial_rotary_factor", true},
    {Fact::RopeBase, "rope_theta", true},
    {Fact::RopeScaling, "rope_type", true},
    {Fact::RopeFactor, "factor", true},
    {Fact::RopeOriginalContext, "original_max_position_embeddings", true},
    {Fact::RopeLowFactor, "low_freq_factor", true},
    {Fact::RopeHighFactor, "high_freq_factor", true},
    {Fact::YarnBetaFast, "beta_fast", true},
    {Fact::YarnBetaSlow, "beta_slow", true},
    {Fact::YarnMagnitude, "attention_factor", true},
    {Fact::YarnMscale, "mscale", true},
    {Fact::YarnMscaleAllDim, "mscale_all_dim", true},
    {Fact::YarnTruncates, "truncate", true},
    {Fact::QueryTemperature, "llama_4_scaling_beta", true},
};

/// Models that also see hold their text's config within.
constexpr std::string_view kWholeModels[] = {"gemma3", "gemma4", "mistral3"};

} // namespace

ConfigFacts::ConfigFacts(const ModelFolder& folder, const JsonValue& text, const Convention& convention)
    : m_folder(&folder)
    , m_text(&text)
    , m_convention(&convention)
    , m_top{isPartOfWhole() ? "text_config." : "", &text}
{
}

Result<ConfigFacts> ConfigFacts::read(const ModelFolder& folder)
{
    constexpr std::string_view kType = "model_type";
    const JsonValue* text = &folder.config;
    const JsonValue* type = text->find(kType);
    if (type && std::ranges::find(kWholeModels, type->text) != std::end(kWholeModels)) {
        if (const JsonValue* const part = text->find("text_config");
            part && part->kind == JsonValue::Kind::Object) {
            text = part;
            type = part->find(kType);
        }
    }
    const std::string path = text == &folder.config ? "" : "text_config.";
    if (!type || type->kind != JsonValue::Kind::String)
        return formatError(folder.configPath, type ? type->offset : text->offset, path + "model_type",
                           type ? type->described() : "missing", "the name of an architecture");
    const Convention* const convention = findConvention(Container::Folder, type->text);
    if (!convention)
        return formatError(
            folder.configPath, type->offset, path + "model_type", type->described(),
            fmt::format("an architecture this version reads ({}; of gemma3, gemma4 and mistral3 the text)",
                        namesThatRun(Container::Folder)),
            ErrorCode::Unsupported);
    ConfigFacts facts(folder, *text, *convention);
    HEADWATER_TRY(facts.checkSupported());
    HEADWATER_TRY(facts.readPositions());
    if (facts.hasLocalHeads())
        HEADWATER_TRY(facts.readGlobalLayers());
    return facts;
}

/// What would make another model of the same tensors.
Result<void> ConfigFacts::checkSupported() const
{
    const Holder root{"", &m_folder->config};
    for (const Holder& holder : {root, m_top}) {
        const Place quantised = find(holder, "quantization_config");
        if (quantised.value)
            return fail(quantised, "quantised weights",
                        "F32, F16 or BF16: save the model without quantisation", ErrorCode::Unsupported);
    }
    const Place perLayer = find(m_top, "per_layer_config");
    if (perLayer.value && !perLayer.value->values.empty() && !hasLocalHeads())
        return fail(perLayer, "layers of their own", "layers alike", ErrorCode::Unsupported);
    HEADWATER_TRY_ASSIGN(const bool hasExperts, flag("enable_moe_block", false));
    if (hasExperts)
        return fail(find(m_top, "enable_moe_block"), "true", "false: mixtures of experts are not read",
                    ErrorCode::Unsupported);
    const Place seeing = find(m_top, "use_bidirectional_attention");
    if (seeing.value && seeing.value->text == "vision") // of images alone
        return {};
    HEADWATER_TRY_ASSIGN(const bool both, flag("use_bidirectional_attention", false));
    if (both)
        return fail(find(m_top, "use_bidirectional_attention"), "true",
                    "false: a row that sees the keys behind it is not read", ErrorCode::Unsupported);
    return {};
}

ConfigFacts::Place ConfigFacts::find(const Holder& holder, std::string_view key) const
{
    const JsonValue* const value = holder.object->find(key);
    const bool isNull = value && value->isNull();
    return {fmt::format("{}{}", holder.path, key), holder.object, isNull ? nullptr : value,
            isNull && holder.object == m_text};
}

ConfigFacts::Place ConfigFacts::findAmong(const std::vector<Holder>& holders, std::string_view key) const
{
    for (const Holder& holder : holders)
        if (Place place = find(holder, key); place.value)
            return place;
    return find(holders.empty() ? m_top : holders.front(), key);
}

ConfigFacts::Place ConfigFacts::placeOf(Fact fact) const
{
    if (fact == Fact::LocalRopeBase) {
        const Place place = findAmong(m_localPositions, "rope_theta");
        return !m_localPositions.empty() && place.value ? place : find(m_top, "rope_local_base_freq");
    }
    if (fact == Fact::HeadDim && m_globalLayers) {
        const Place place = find(*m_globalLayers, "head_dim");
        return place.value ? place : find(m_top, "head_dim");
    }
    if (fact == Fact::HeadDim && hasLocalHeads())
        return find(m_top, "global_head_dim");
    if (fact == Fact::LocalHeadDim && !hasLocalHeads())
        return {};
    if (fact == Fact::Activation) {
        const Place place = find(m_top, "hidden_activation");
        return place.value ? place : find(m_top, "hidden_act");
    }
    const auto* const known = std::ranges::find(kFactKeys, fact, &FactKey::fact);
    if (known == std::end(kFactKeys))
        return {};
    if (!known->isOfPositions)
        return find(m_top, known->key);
    if (fact == Fact::RopeOriginalContext) { // at the top it counts first, as transformers has it
        if (const Place place = find(m_top, known->key); place.value && m_localPositions.empty())
            return place;
    }
    Place place = findAmong(m_positions, known->key);
    if (!place.value && fact == Fact::RopeScaling)
        if (Place older = findAmong(m_positions, "type"); older.value)
            return older;
    const bool isAlsoOnTop = fact == Fact::RopeBase || fact == Fact::RotatedDims;
    if (!place.value && isAlsoOnTop)
        if (Place onTop = find(m_top, known->key); onTop.value)
            return onTop;
    return place;
}

std::optional<double> ConfigFacts::unsaid(Fact fact) const
{
    const auto found = std::ranges::find(m_convention->unsaid, fact, &UnsaidFact::fact);
    return found == m_convention->unsaid.end() ? std::nullopt : std::optional(found->value);
}

Error ConfigFacts::fail(const Place& place, const std::string& found, const std::string& expected,
                        ErrorCode code) const
{
    const std::uint64_t offset =
        place.value ? place.value->offset : (place.holder ? place.holder : m_text)->offset;
    return formatError(m_folder->configPath, offset, place.key, found, expected, code);
}

Error ConfigFacts::fail(Fact fact, const std::string& found, const std::string& expected,
                        ErrorCode code) const
{
    return fail(placeOf(fact), found, expected, code);
}

Result<std::uint64_t> ConfigFacts::toUnsigned(const Place& place, std::uint64_t min, std::uint64_t max) const
{
    const auto value = place.value->asUnsigned();
    if (!value || *value < min || *value > max)
        return fail(place, place.value->described(), fmt::format("an integer from {} to {}", min, max));
    return *value;
}

Result<std::optional<std::uint64_t>> ConfigFacts::findUnsigned(Fact fact, std::uint64_t min,
                                                               std::uint64_t max) const
{
    const Place place = placeOf(fact);
    if (fact == Fact::Window) {
        HEADWATER_TRY_ASSIGN(const bool isRead, readsWindow());
        if (!isRead)
            return std::optional<std::uint64_t>{};
    }
    if (fact == Fact::YarnTruncates) { // only a config that does not nest is asked (transformers)
        const bool isAsked = place.value && m_localPositions.empty();
        const auto truncates = isAsked ? place.value->asBool() : std::optional(true);
        if (!truncates)
            return fail(place, place.value->described(), "true or false");
        return std::optional<std::uint64_t>(*truncates ? 1 : 0);
    }
    if (fact == Fact::RotatedDims) {
        if (const auto word = placeOf(Fact::RopeScaling); word.value && word.value->text == "proportional")
            return std::optional<std::uint64_t>{};
        HEADWATER_TRY_ASSIGN(const auto share, findFloat(fact, 0, 1));
        if (share.value_or(1) != 1)
            return fail(place, place.value->described(), "1: every dimension of a head turns",
                        ErrorCode::Unsupported);
        return std::optional<std::uint64_t>{};
    }
    if (fact == Fact::RopeOriginalContext && !place.value)
        return findUnsigned(Fact::ContextLength, min, max);
    if (place.value) {
        HEADWATER_TRY_ASSIGN(const std::uint64_t value, toUnsigned(place, min, max));
        return std::optional(value);
    }
    const auto value = place.isDenied ? std::nullopt : unsaid(fact);
    return value ? std::optional(static_cast<std::uint64_t>(*value)) : std::nullopt;
}

Result<std::optional<double>> ConfigFacts::findFloat(Fact fact, double min, double max) const
{
    const Place place = placeOf(fact);
    const std::string expected = fmt::format("a number from {:g} to {:g}", min, max);
    if (place.value) {
        const auto value = place.value->asDouble();
        if (!value || *value < min || *value > max)
            return fail(place, place.value->described(), expected);
        return value;
    }
    const auto value = place.isDenied ? std::nullopt : unsaid(fact);
    const bool isStretched = fact == Fact::RopeFactor && placeOf(Fact::RopeScaling).value
        && placeOf(Fact::RopeScaling).value->text != "default"
        && placeOf(Fact::RopeScaling).value->text != "proportional";
    if (isStretched || (value && std::isnan(*value)))
        return fail(place, "missing", expected);
    return value;
}

Result<std::optional<std::string>> ConfigFacts::findWord(Fact fact) const
{
    const Place place = placeOf(fact);
    if (!place.value)
        return std::optional<std::string>{};
    if (place.value->kind != JsonValue::Kind::String)
        return fail(place, place.value->described(), "a word");
    struct Word {
        Fact fact;
        std::string_view spelled;
        std::string_view meant;
    };
    constexpr Word kWords[] = {{Fact::RopeScaling, "default", "none"},
                               {Fact::Activation, "swish", "silu"},
                               {Fact::Activation, "gelu_pytorch_tanh", "gelu_tanh"}};
    for (const Word& word : kWords)
        if (word.fact == fact && word.spelled == place.value->text)
            return std::optional(std::string(word.meant));
    return std::optional(place.value->text);
}

Result<bool> ConfigFacts::flag(std::string_view key, bool fallback) const
{
    const Place place = find(m_top, key);
    if (!place.value)
        return fallback;
    const auto value = place.value->asBool();
    if (!value)
        return fail(place, place.value->described(), "true or false");
    return *value;
}

Result<bool> ConfigFacts::isTied() const
{
    constexpr std::string_view kKey = "tie_word_embeddings";
    const Place onTop = find(Holder{"", &m_folder->config}, kKey);
    if (isPartOfWhole() && onTop.value && !find(m_top, kKey).value)
        return onTop.value->text == "true";
    return flag(kKey, unsaid(Fact::TiedUnembedding).value_or(0) == 1);
}

Result<std::optional<std::uint64_t>> ConfigFacts::vocabSize(std::uint64_t max) const
{
    const Place place = find(m_top, "vocab_size");
    if (!place.value)
        return std::optional<std::uint64_t>{};
    HEADWATER_TRY_ASSIGN(const std::uint64_t value, toUnsigned(place, 1, max));
    return std::optional(value);
}

} // namespace headwater
