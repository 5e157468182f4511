// SPDX-License-Identifier: Apache-2.0
#include "core/model/architecture/decoder_facts.h"

#include "core/model/architecture/rotary_facts.h"
#include "core/model/limits.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace headwater {
namespace {

Result<std::uint64_t> readHeadDim(const ModelSource& source, std::uint64_t hidden, std::uint64_t heads)
{
    HEADWATER_TRY_ASSIGN(const auto keys, source.findUnsigned(Fact::HeadDim, 1, limits::kHeadDim));
    HEADWATER_TRY_ASSIGN(const auto values, source.findUnsigned(Fact::ValueDim, 1, limits::kHeadDim));
    if (!keys && (hidden % heads != 0 || hidden / heads > limits::kHeadDim))
        return source.fail(Fact::HeadCount, fmt::format("{} heads for {} dimensions", heads, hidden),
                           fmt::format("a divisor with at most {} dimensions a head", limits::kHeadDim));
    const std::uint64_t headDim = keys.value_or(hidden / heads);
    if (values.value_or(headDim) != headDim)
        return source.fail(Fact::ValueDim, std::to_string(*values),
                           fmt::format("{}, the length of the keys", headDim), ErrorCode::Unsupported);
    return headDim;
}

Result<std::vector<LayerConfig>> readLayers(ModelSource& source, std::uint64_t hidden)
{
    HEADWATER_TRY_ASSIGN(const auto count, source.requireUnsigned(Fact::LayerCount, 1, limits::kLayers));
    HEADWATER_TRY_ASSIGN(const auto heads, source.requirePerLayer(Fact::HeadCount, count, 1, limits::kHeads));
    HEADWATER_TRY_ASSIGN(const auto saidKvHeads,
                         source.findPerLayer(Fact::KvHeadCount, count, 1, limits::kHeads));
    const std::vector<std::uint64_t> kvHeads = saidKvHeads.value_or(heads);
    HEADWATER_TRY_ASSIGN(const auto ffnSizes,
                         source.requirePerLayer(Fact::FfnSize, count, 1, limits::kFfnSize));
    HEADWATER_TRY_ASSIGN(const auto headDim, readHeadDim(source, hidden, heads[0]));
    HEADWATER_TRY_ASSIGN(const auto scale, source.findFloat(Fact::ScoreScale, 0, 1e6));
    HEADWATER_TRY_ASSIGN(const Rotary rotary, readRotary(source, headDim));
    std::vector<LayerConfig> layers(count);
    for (std::size_t i = 0; i < count; ++i) {
        if (heads[i] % kvHeads[i] != 0)
            return source.fail(Fact::KvHeadCount, fmt::format("{} for {} heads", kvHeads[i], heads[i]),
                               "a divisor of the number of heads");
        LayerConfig& layer = layers[i];
        layer.numHeads = static_cast<int>(heads[i]);
        layer.numKvHeads = static_cast<int>(kvHeads[i]);
        layer.headDim = static_cast<int>(headDim);
        layer.ffnSize = static_cast<int>(ffnSizes[i]);
        const bool isSaid = scale && *scale > 0;
        layer.attentionScale =
            static_cast<float>(isSaid ? *scale : 1.0 / std::sqrt(static_cast<double>(headDim)));
        layer.rotary = rotary;
    }
    return layers;
}

} // namespace

Result<ModelConfig> readDecoder(ModelSource& source)
{
    HEADWATER_TRY_ASSIGN(const auto hidden, source.requireUnsigned(Fact::HiddenSize, 1, limits::kHiddenSize));
    HEADWATER_TRY_ASSIGN(const auto context,
                         source.requireUnsigned(Fact::ContextLength, 1, limits::kContextLength));
    HEADWATER_TRY_ASSIGN(const auto epsilon, source.requireFloat(Fact::NormEpsilon, 0, 1));
    ModelConfig config;
    config.hiddenSize = static_cast<int>(hidden);
    config.contextLength = static_cast<std::uint32_t>(context);
    config.normEpsilon = static_cast<float>(epsilon);
    HEADWATER_TRY_ASSIGN(config.layers, readLayers(source, hidden));
    return config;
}

Result<std::vector<bool>> readWindows(const ModelSource& source, Unflagged unflagged, ModelConfig& config)
{
    HEADWATER_TRY_ASSIGN(const auto window,
                         source.findUnsigned(Fact::Window, 1, std::numeric_limits<std::uint32_t>::max()));
    HEADWATER_TRY_ASSIGN(const auto said, source.findFlags(Fact::WindowedLayers, config.layers.size()));
    std::vector<bool> slides(config.layers.size(), unflagged == Unflagged::AllSlide && window);
    if (said)
        slides = *said;
    if (!window && std::ranges::find(slides, true) != slides.end())
        return source.fail(Fact::Window, "missing", "the keys a row sees of the layers that slide");
    for (std::size_t i = 0; i < config.layers.size(); ++i) {
        // A window that no prompt fills leaves nothing out: that is a global layer.
        if (!slides[i] || *window >= limits::kPromptTokens)
            continue;
        config.layers[i].kind = HeadKind::Sliding;
        config.layers[i].window = static_cast<std::uint32_t>(*window);
    }
    return slides;
}

Result<void> readLocalRotary(ModelSource& source, const std::vector<bool>& slides, ModelConfig& config)
{
    for (std::size_t i = 0; i < config.layers.size(); ++i) {
        LayerConfig& layer = config.layers[i];
        if (slides[i]) {
            HEADWATER_TRY_ASSIGN(
                layer.rotary,
                readRotary(source, static_cast<std::uint64_t>(layer.headDim), RotaryLayers::Local));
        }
    }
    return {};
}

} // namespace headwater
