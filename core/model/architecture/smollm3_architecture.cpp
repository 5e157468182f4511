// SPDX-License-Identifier: Apache-2.0
#include "core/model/architecture/architecture.h"
#include "core/model/architecture/decoder_facts.h"

namespace headwater {
namespace {

/// As Llama, but every fourth layer has no positions.
Result<ModelConfig> smolLm3Config(ModelSource& source)
{
    HEADWATER_TRY_ASSIGN(ModelConfig config, readDecoder(source));
    HEADWATER_TRY(readWindows(source, Unflagged::NoneSlides, config));
    HEADWATER_TRY_ASSIGN(const auto turns, source.findFlags(Fact::RotatedLayers, config.layers.size()));
    for (std::size_t i = 0; turns && i < config.layers.size(); ++i)
        if (!(*turns)[i])
            config.layers[i].rotary = {};
    return config;
}

} // namespace

const Architecture kSmolLm3{.name = "smollm3", .config = smolLm3Config};

} // namespace headwater
