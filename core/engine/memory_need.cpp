// SPDX-License-Identifier: Apache-2.0
#include "core/engine/memory_need.h"

#include "core/base/text.h"
#include "core/select/head_tile.h"

#include <fmt/format.h>

namespace headwater {

std::string refusalText(std::uint64_t needed, const AvailableMemory& free, const std::string& suggestion)
{
    return fmt::format("needs {}, {}; {}", humanBytes(needed), free.text(), suggestion);
}

std::string storedWeightsNote(const Model& model)
{
    std::uint64_t elements = 0;
    for (const LayerWeights& layer : model.weights.layers)
        for (const WeightMatrix* matrix : layer.matrices())
            elements += matrix->elements();
    return fmt::format("the weights do not fit as float32 ({}): they stay as stored and every product widens "
                       "them, to the same numbers but slower",
                       humanBytes(elements * sizeof(float)));
}

std::vector<std::string> unreadLimitNotes(const AvailableMemory& free)
{
    std::vector<std::string> notes;
    for (const std::string& file : free.unread)
        notes.push_back(fmt::format(
            "{} cannot be read: how much memory it allows is not known, and what takes more is killed",
            file));
    return notes;
}

std::uint32_t largestThatFits(std::uint32_t tooLarge, const std::function<bool(std::uint32_t)>& fits)
{
    std::uint32_t largest = 0;
    while (largest + 1 < tooLarge) {
        const std::uint32_t middle = largest + (tooLarge - largest) / 2;
        (fits(middle) ? largest : tooLarge) = middle;
    }
    return largest;
}

std::uint32_t longestPromptThatFits(std::uint32_t tooLong, const std::function<bool(std::uint32_t)>& fits)
{
    std::uint32_t tokens = largestThatFits(tooLong, fits) / kTileRows * kTileRows;
    while (tokens > 0 && !fits(tokens))
        tokens -= kTileRows;
    return tokens;
}

} // namespace headwater
