// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/model_config.h"
#include "core/model/model_source.h"

namespace headwater {

/// Which layers are asked about: local ones read a window, and have their own base and dimensions where the
/// source says any.
enum class RotaryLayers { Global, Local };

/// Rotary positions of layers with heads of `headDim`; base 10 000 where nothing says it. Those of global
/// layers are scaled linearly, as Llama 3, by YaRN (arXiv 2309.00071) or by a tensor of factors. Errors:
/// those of the source; Unsupported (another scaling, by name).
Result<Rotary> readRotary(ModelSource& source, std::uint64_t headDim,
                          RotaryLayers layers = RotaryLayers::Global);

} // namespace headwater
