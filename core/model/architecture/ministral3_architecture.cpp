// SPDX-License-Identifier: Apache-2.0
#include "core/model/architecture/architecture.h"
#include "core/model/architecture/decoder_facts.h"

#include <limits>

namespace headwater {
namespace {

/// As Llama, with queries that grow with the position: times 1 + β · ln(1 + floor(position / original
/// context)).
Result<ModelConfig> ministral3Config(ModelSource& source)
{
    HEADWATER_TRY_ASSIGN(ModelConfig config, readDecoder(source));
    HEADWATER_TRY(readWindows(source, Unflagged::AllSlide, config));
    HEADWATER_TRY_ASSIGN(const auto temperature, source.findFloat(Fact::QueryTemperature, 0, 1e3));
    if (temperature.value_or(0) == 0)
        return config;
    HEADWATER_TRY_ASSIGN(
        const auto context,
        source.requireUnsigned(Fact::RopeOriginalContext, 1, std::numeric_limits<std::uint32_t>::max()));
    for (LayerConfig& layer : config.layers)
        layer.queryScale = {.slope = *temperature, .step = static_cast<std::uint32_t>(context)};
    return config;
}

} // namespace

const Architecture kMinistral3{.name = "ministral3", .config = ministral3Config};

} // namespace headwater
