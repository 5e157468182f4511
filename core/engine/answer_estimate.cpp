// SPDX-License-Identifier: Apache-2.0
#include "core/engine/answer_estimate.h"

#include "core/engine/forward_estimate.h"
#include "core/engine/job_work.h"
#include "core/model/limits.h"

#include <fmt/format.h>

namespace headwater {

Result<AnswerEstimate> estimateAnswer(const Planner& planner, const LoadedModel& loaded,
                                      std::uint32_t promptTokens, std::uint32_t generate,
                                      const AvailableMemory& memory)
{
    const Model& model = *loaded.model;
    const std::uint64_t length = std::uint64_t{promptTokens} + generate;
    if (length > limits::kPromptTokens)
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("{} tokens after a prompt of {}, expected at most {} together", generate,
                                 promptTokens, limits::kPromptTokens),
                     "--generate"};
    const ForwardDemand demand{promptTokens, generate};
    HEADWATER_TRY_ASSIGN(ForwardEstimate need, estimateForward(planner, model, demand, true, memory));
    AnswerEstimate estimate;
    estimate.tokens = promptTokens;
    estimate.generate = generate;
    estimate.memoryBytes = need.memoryBytes;
    estimate.memoryAvailable = need.memoryFree;
    estimate.chunkRows = need.chunkRows;
    estimate.weights = need.weights;
    estimate.notes = std::move(need.notes);
    if (auto note = trainedContextNote(model.config, static_cast<std::uint32_t>(length)))
        estimate.notes.push_back(std::move(*note));
    if (const auto fits = estimateForward(planner, model, demand, false, memory); !fits)
        estimate.refusal = fits.error().message;
    estimate.prompt =
        denseWork(model, {0, promptTokens}, need.weights, holdsWeightsByLayer(promptTokens, generate));
    estimate.prompt += logitsWork(model, 1, 1);
    if (generate > 0) // the first one comes with the prompt
        estimate.generation = decodingWork(model, promptTokens, generate - 1);
    return estimate;
}

} // namespace headwater
