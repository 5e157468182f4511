// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/model_config.h"
#include "core/model/model_source.h"

namespace headwater {

/// Whether a layer's positions are stretched beyond the original context.
enum class RotaryScaling { AsTheModel, None };

/// Rotary positions of layers with heads of `headDim`, by the base that `base` names (10 000 where nothing
/// says it): scaled linearly, as Llama 3, by YaRN (arXiv 2309.00071) or by a tensor of factors. Errors: those
/// of the source; Unsupported (another scaling, by name).
Result<Rotary> readRotary(ModelSource& source, std::uint64_t headDim, Fact base = Fact::RopeBase,
                          RotaryScaling scaling = RotaryScaling::AsTheModel);

} // namespace headwater
