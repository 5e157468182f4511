// SPDX-License-Identifier: Apache-2.0
#include "core/engine/forward_estimate.h"

#include "core/engine/memory_need.h"

#include <algorithm>
#include <fmt/format.h>

namespace headwater {
namespace {

ForwardEstimate needOfForward(const Planner& planner, const Model& model, const ForwardDemand& demand,
                              std::uint64_t memoryAvailable)
{
    const auto vocab = static_cast<std::uint64_t>(model.config.vocabSize);
    const auto hidden = static_cast<std::uint64_t>(model.config.hiddenSize);
    const std::uint64_t atOnce = std::min(demand.rows, demand.rowsAtOnce);
    const std::uint64_t besides =
        kProgramBytes + 4 * atOnce * (vocab + hidden) + demand.rows * demand.bytesARow;
    PlanRequest request;
    request.promptTokens = demand.tokens;
    request.newTokens = demand.newTokens;
    request.records = false;
    // Weights that are there already are freed or used again.
    const std::uint64_t free = memoryAvailable + planner.plan(model, request).residentBytes;
    request.memoryBudget = std::max<std::uint64_t>(1, free - std::min(free, besides));
    const Plan plan = planner.plan(model, request);
    return {plan.peakBytes() + besides, free, plan.chunkRows, plan.weights, {}};
}

/// The least change that is enough: fewer rows or new tokens, then a shorter prompt with one of them.
std::string suggestionFor(const ForwardDemand& demand, const std::function<bool(const ForwardDemand&)>& fits)
{
    const bool generates = demand.newTokens > 0;
    const auto with = [&](std::uint32_t tokens, std::uint32_t count) {
        ForwardDemand changed = demand;
        changed.tokens = tokens;
        (generates ? changed.newTokens : changed.rows) = count;
        return fits(changed);
    };
    const std::uint32_t count = generates ? demand.newTokens : demand.rows;
    if (with(demand.tokens, 1)) {
        const std::uint32_t fewer =
            largestThatFits(count, [&](std::uint32_t tried) { return with(demand.tokens, tried); });
        return generates ? fmt::format("try to generate at most {} tokens (-n {})", fewer, fewer)
                         : fmt::format("try at most {} rows (--rows last:{})", fewer, fewer);
    }
    const std::uint32_t tokens =
        longestPromptThatFits(demand.tokens, [&](std::uint32_t tried) { return with(tried, 1); });
    if (tokens == 0)
        return "the model alone does not fit: try a smaller model";
    const std::string shorter = fmt::format("try a prompt of at most {} tokens", tokens);
    return count == 1 ? shorter : shorter + (generates ? " with -n 1" : " with --rows last:1");
}

} // namespace

Result<ForwardEstimate> estimateForward(const Planner& planner, const Model& model,
                                        const ForwardDemand& demand, bool force,
                                        const AvailableMemory& memory)
{
    ForwardEstimate need = needOfForward(planner, model, demand, memory.bytes);
    need.notes = unreadLimitNotes(memory);
    if (need.weights == WeightForm::Stored)
        need.notes.push_back(storedWeightsNote(model));
    if (force || need.memoryBytes <= need.memoryFree)
        return need;
    const std::string suggestion = suggestionFor(demand, [&](const ForwardDemand& changed) {
        return needOfForward(planner, model, changed, memory.bytes).memoryBytes <= need.memoryFree;
    });
    AvailableMemory free = memory;
    free.bytes = need.memoryFree;
    return Error{ErrorCode::OutOfMemory, refusalText(need.memoryBytes, free, suggestion), "memory estimate"};
}

std::optional<std::string> trainedContextNote(const ModelConfig& config, std::uint32_t tokens)
{
    if (config.contextLength == 0 || tokens <= config.contextLength)
        return std::nullopt;
    return fmt::format("beyond the trained context of {} tokens: what is seen here is not what the model was "
                       "trained for",
                       config.contextLength);
}

} // namespace headwater
