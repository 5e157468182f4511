// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/model_config.h"
#include "core/model/model_source.h"

#include <vector>

namespace headwater {

/// What every decoder says, as a config of global layers alike: sizes, heads, scale 1 / sqrt(head size) or as
/// it is said, rotary positions, SiLU. An architecture changes of it what is its own. Errors: those of the
/// source.
Result<ModelConfig> readDecoder(ModelSource& source);

/// Gives layers their window: those that the source flags; where it flags none, all of them or none. Returns
/// which slide, be their window so long that they are global all the same. Errors: BadFormat (no window).
enum class Unflagged { AllSlide, NoneSlides };
Result<std::vector<bool>> readWindows(const ModelSource& source, Unflagged unflagged, ModelConfig& config);

/// Layers that slide turn by their own base, unscaled.
Result<void> readLocalRotary(ModelSource& source, const std::vector<bool>& slides, ModelConfig& config);

} // namespace headwater
