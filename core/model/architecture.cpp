// SPDX-License-Identifier: Apache-2.0
#include "core/model/architecture.h"

#include "core/model/llama_architecture.h"

#include <array>

namespace headwater {

std::span<const Architecture> architectures()
{
    static constexpr std::array kArchitectures = {
        Architecture{"llama", readLlamaArchitecture},
    };
    return kArchitectures;
}

} // namespace headwater
