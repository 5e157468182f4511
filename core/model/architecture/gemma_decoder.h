// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/model_config.h"
#include "core/model/model_source.h"

namespace headwater {

/// What Gemma 2 and 3 have in common: the embedding times sqrt(width), GELU, scores divided by the root of
/// the query scalar, a cap of the logits where one is said, windows. Norms stand around attention and
/// feed-forward. Errors: those of the source.
Result<ModelConfig> readGemma(ModelSource& source);

} // namespace headwater
