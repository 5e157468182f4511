// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/model.h"

#include <cstdint>
#include <random>
#include <vector>

namespace headwater::test {

/// Tokens of the model's vocabulary, the same in every run.
inline std::vector<std::int32_t> randomIds(const Model& model, std::size_t count)
{
    std::mt19937 random(11);
    std::vector<std::int32_t> ids(count);
    for (std::int32_t& id : ids)
        id = static_cast<std::int32_t>(random() % static_cast<unsigned>(model.config.vocabSize));
    return ids;
}

} // namespace headwater::test
