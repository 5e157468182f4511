// SPDX-License-Identifier: Apache-2.0
#include "core/model/architecture/architecture.h"
#include "core/model/architecture/decoder_facts.h"
#include "core/model/architecture/gemma_decoder.h"
#include "core/model/limits.h"

#include <algorithm>
#include <fmt/format.h>

namespace headwater {
namespace {

/// Heads of layers that read a window have their own size.
Result<void> readLocalHeads(const ModelSource& source, const std::vector<bool>& slides, ModelConfig& config)
{
    HEADWATER_TRY_ASSIGN(const auto keys, source.findUnsigned(Fact::LocalHeadDim, 1, limits::kHeadDim));
    HEADWATER_TRY_ASSIGN(const auto values, source.findUnsigned(Fact::LocalValueDim, 1, limits::kHeadDim));
    if (values && values != keys)
        return source.fail(Fact::LocalValueDim, std::to_string(*values), "the length of the keys",
                           ErrorCode::Unsupported);
    for (std::size_t i = 0; keys && i < config.layers.size(); ++i)
        if (slides[i])
            config.layers[i].headDim = static_cast<int>(*keys);
    return {};
}

/// The last layers read the keys and values of the last layer of their kind before them.
Result<void> readBorrowing(const ModelSource& source, const std::vector<bool>& slides, ModelConfig& config)
{
    const std::size_t count = config.layers.size();
    HEADWATER_TRY_ASSIGN(const auto said, source.findUnsigned(Fact::BorrowingLayers, 0, count - 1));
    const std::size_t firstBorrower = count - said.value_or(0);
    for (std::size_t i = firstBorrower; i < count; ++i) {
        std::size_t lender = firstBorrower;
        while (lender > 0 && slides[lender - 1] != slides[i])
            --lender;
        const bool isThere = lender > 0;
        lender = isThere ? lender - 1 : 0;
        LayerConfig& layer = config.layers[i];
        if (!isThere || layer.numKvHeads != config.layers[lender].numKvHeads)
            return source.fail(
                Fact::BorrowingLayers, std::to_string(*said),
                fmt::format("layers before them from which layer {} can take keys and values", i));
        layer.keysOf = static_cast<int>(lender);
    }
    return {};
}

/// Text, dense. Two sizes of heads; scores are not scaled; layers borrow keys, or have values that are their
/// keys; every layer may add something of its own for a row's token, and scale what leaves it.
Result<ModelConfig> gemma4Config(ModelSource& source)
{
    HEADWATER_TRY_ASSIGN(ModelConfig config, readGemma(source));
    HEADWATER_TRY_ASSIGN(const auto slides, readWindows(source, Unflagged::NoneSlides, config));
    HEADWATER_TRY(readLocalHeads(source, slides, config));
    HEADWATER_TRY(readLocalRotary(source, slides, config));
    HEADWATER_TRY(readBorrowing(source, slides, config));
    HEADWATER_TRY_ASSIGN(const auto input, source.findUnsigned(Fact::LayerInputSize, 0, limits::kHiddenSize));
    config.layerInputSize = static_cast<int>(input.value_or(0));
    for (int i = 0; i < config.numLayers(); ++i) {
        LayerConfig& layer = config.layers[static_cast<std::size_t>(i)];
        layer.attentionScale = 1;
        layer.normsValues = true;
        layer.valuesAreKeys = !layer.borrowsKeys() && !source.has({Part::Value, i});
    }
    return config;
}

} // namespace

const Architecture kGemma4{
    .name = "gemma4", .norms = NormPlace::Around, .headNorm = HeadNorm::EachHead, .config = gemma4Config};

} // namespace headwater
