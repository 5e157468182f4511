// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/model_config.h"
#include "core/model/model_source.h"

namespace headwater {

/// What every decoder says, as a config of global layers alike: sizes, heads, scale 1 / sqrt(head size) or as
/// it is said, rotary positions, SiLU. An architecture changes of it what is its own. Errors: those of the
/// source.
Result<ModelConfig> readDecoder(ModelSource& source);

/// Gives layers their window: those that the source flags; where it flags none, all of them or none.
enum class Unflagged { AllSlide, NoneSlides };
Result<void> readWindows(const ModelSource& source, Unflagged unflagged, ModelConfig& config);

} // namespace headwater
