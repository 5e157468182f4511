// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace headwater {

/// How the kept key blocks of a query block are chosen (DESIGN §3). `Auto` is resolved from the length alone.
enum class Selection { Auto, Exact, Tree, Stream };

/// How a head's probabilities are normalised. Exact: by the row's true log-sum-exp, so masses are true and
/// missed mass is known. Kept: over the kept keys alone; missed mass of chunk rows is NaN and only the probe
/// rows know it.
enum class Normaliser { Exact, Kept };

/// Global heads read the whole past and are pruned; sliding heads read a window and keep it whole.
enum class HeadKind { Global, Sliding };

} // namespace headwater
