// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/architecture/architecture.h"
#include "core/model/model_config.h"
#include "core/model/model_source.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace headwater {

enum class Container { Gguf, Folder };

/// A fact that a container leaves out for an architecture, and its value there. Of a flag a layer: the
/// period; NaN: it must be said.
struct UnsaidFact {
    Fact fact;
    double value;
};

/// What depends on both container and architecture, and is known to neither.
struct Convention {
    Container container;
    std::string_view name; ///< the architecture as the container spells it
    const Architecture* architecture;
    RotaryPairs pairs; ///< for which the rows of q and k are stored
    std::span<const UnsaidFact> unsaid;
    /// With exactly so many layers the query scalar is width / heads, not the head's size; 0: never.
    std::uint64_t layersOfWidthScalar = 0;
    bool normsLackOne = false; ///< 1 is added to what is stored of a norm
};

/// Every pair that runs. Source of each value: docs/models.md.
std::span<const Convention> conventions();

/// Null where the container's architecture of that name does not run.
const Convention* findConvention(Container container, std::string_view name);

/// "llama, qwen2, ...", for a message.
std::string namesThatRun(Container container);

} // namespace headwater
