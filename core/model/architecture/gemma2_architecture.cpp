// SPDX-License-Identifier: Apache-2.0
#include "core/model/architecture/architecture.h"
#include "core/model/architecture/decoder_facts.h"
#include "core/model/architecture/gemma_decoder.h"

namespace headwater {
namespace {

/// Every other layer reads a window; scores are capped.
Result<ModelConfig> gemma2Config(ModelSource& source)
{
    HEADWATER_TRY_ASSIGN(ModelConfig config, readGemma(source));
    HEADWATER_TRY(readWindows(source, Unflagged::NoneSlides, config));
    HEADWATER_TRY_ASSIGN(const auto cap, source.findFloat(Fact::ScoreCap, 0, 1e6));
    for (LayerConfig& layer : config.layers)
        layer.scoreCap = static_cast<float>(cap.value_or(0));
    return config;
}

} // namespace

const Architecture kGemma2{.name = "gemma2", .norms = NormPlace::Around, .config = gemma2Config};

} // namespace headwater
