// SPDX-License-Identifier: Apache-2.0
#include "core/engine/analysis_run.h"
#include "core/engine/forward_estimate.h"
#include "core/engine/job_work.h"
#include "core/engine/memory_need.h"
#include "core/forward/forward_pass.h"
#include "core/select/keep_blocks.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <vector>

namespace headwater {
namespace {

double prefillOperations(const ModelConfig& config, const SelectParams& select, std::uint32_t tokens)
{
    return projectionOperations(config, {0, tokens}) + attentionOperations(config, select, {0, tokens});
}

/// Whether a run makes predictions. Unasked it does where they cost at most a fifth of the prefill, or about
/// a second.
bool makesPredictions(PredictionChoice choice, const ModelConfig& config, const SelectParams& select,
                      std::uint32_t tokens)
{
    constexpr double kShare = 0.2;
    constexpr double kOperations = 64e9;
    if (choice != PredictionChoice::Auto)
        return choice == PredictionChoice::On;
    return unembeddingOperations(config, tokens)
        <= std::max(kShare * prefillOperations(config, select, tokens), kOperations);
}

// Seconds that encoding and writing a head takes, and what rewriting its end with the generated rows takes of
// that. Measured on one thread (bench/README.md); more threads and slow disks change it.
constexpr double kHeadSeconds = 1.5e-3;
constexpr double kHeadRowSeconds = 2.4e-6;
constexpr double kRewriting = 0.8;

/// What the trace stores of a token's predictions. Measured.
constexpr std::uint64_t kStoredPredictionBytes = 32;

/// Kept blocks of one head.
double edgesOf(const LayerConfig& layer, const SelectParams& select, double tokens)
{
    const double keys = layer.kind == HeadKind::Sliding ? layer.window + select.blockK : select.keepKeys;
    return tokens / select.blockQ * std::min(keys / select.blockK + 2.0, tokens / select.blockK / 2 + 1);
}

std::uint64_t traceBytesOf(const ModelConfig& config, const SelectParams& select, std::uint64_t tokens)
{
    double bytes = 0;
    for (const LayerConfig& layer : config.layers)
        bytes += layer.numHeads
            * (edgesOf(layer, select, static_cast<double>(tokens)) * 6.0 + static_cast<double>(tokens) * 6.0
               + std::min(64e3, 8e3 + 8.0 * static_cast<double>(tokens))); // token rows, overviews
    return static_cast<std::uint64_t>(bytes) + (1u << 20);
}

/// What LayerRecorder holds of every head until the tail is joined to it: its sums, with the rows that miss
/// most.
std::uint64_t beforeTailBytes(const ModelConfig& config, std::uint64_t tokens)
{
    std::uint64_t bytes = 0;
    for (const LayerConfig& layer : config.layers)
        bytes += static_cast<std::uint64_t>(layer.numHeads) * (17'000 + tokens / 20 * sizeof(float));
    return bytes;
}

/// What a run holds of each token's predictions until its end, and while it writes them.
constexpr std::uint64_t kPredictionBytes = sizeof(RowPrediction) + 20;

/// The behaviour check decodes a few tokens on a cache of its own, when the run's is gone.
constexpr std::uint32_t kCheckTokens = 16;
constexpr std::uint32_t kCheckRows = 64; ///< whose logits it compares

/// What a run will hold at most, and in which chunks.
struct Need {
    std::uint64_t bytes = 0;
    std::uint32_t chunkRows = 0;
    WeightForm weights = WeightForm::Float32;
};

Need needOf(const Planner& planner, const Model& model, const SelectParams& select, std::uint32_t tokens,
            std::uint32_t generate, const RunOptions& options, std::uint64_t free, std::uint64_t stateBytes)
{
    const bool predicts = makesPredictions(options.predictions, model.config, select, tokens);
    const std::uint64_t besides = kProgramBytes + stateBytes
        + (generate > 0 ? beforeTailBytes(model.config, tokens) : 0)
        + (predicts ? kPredictionBytes * (std::uint64_t{tokens} + generate) : 0);
    PlanRequest request;
    request.promptTokens = tokens;
    request.newTokens = options.check ? std::max(generate, kCheckTokens) : generate;
    request.predicts = predicts;
    request.select = select;
    request.grid = gridOf(select, tokens);
    request.chunkRows = options.chunkRows;
    request.memoryBudget = std::max<std::uint64_t>(1, free - std::min(free, besides));
    const Plan plan = planner.plan(model, request);
    return {plan.peakBytes() + besides, plan.chunkRows, plan.weights};
}

/// What the user should know of a run that will be done.
std::vector<std::string> notesOf(const ModelConfig& config, const RunEstimate& estimate)
{
    std::vector<std::string> notes;
    const std::uint32_t tokens = estimate.tokens;
    if (auto note = trainedContextNote(config, tokens + estimate.generate))
        notes.push_back(std::move(*note));
    const BlockGrid grid = gridOf(estimate.select, tokens);
    const std::uint32_t floor = alwaysKept(grid, grid.numQueryBlocks() - 1).count() * grid.blockK;
    if (estimate.select.keepKeys < floor && tokens > floor)
        notes.push_back(fmt::format("{} keys are fewer than every row keeps anyway: block 0, the diagonal "
                                    "and one recent block are {} keys",
                                    estimate.select.keepKeys, floor));
    return notes;
}

/// The masks of the first `given` layers are there already.
RunWork workOf(const Model& model, const RunEstimate& estimate, bool checks, int given)
{
    const std::uint32_t tokens = estimate.tokens;
    const std::uint32_t generate = estimate.generate;
    const bool byLayer = holdsWeightsByLayer(tokens, generate);
    const auto forward = [&](RowSpan rows, int ofMasks) {
        return forwardWork(model, estimate.select, rows, estimate.weights, byLayer, ofMasks);
    };
    RunWork work;
    work.prompt = forward({0, tokens}, given);
    work.prompt += logitsWork(model, 1, 1);
    if (estimate.predictions)
        work.prompt += logitsWork(model, tokens, std::ceil(static_cast<double>(tokens) / estimate.chunkRows));
    if (generate > 0) { // the last one is decoded for its prediction alone
        work.generation = decodingWork(model, tokens, estimate.predictions ? generate : generate - 1);
        work.generation += forward({ForwardPass::tailRowOf(tokens), tokens + generate}, 0);
        work.generation += logitsWork(model, generate + 1.0, generate + 1.0);
    }
    if (checks) { // a dense forward and one over the masks, each with an answer and the logits of some rows
        SelectParams masked = estimate.select;
        masked.propagation = Propagation::Propagated;
        work.check = denseWork(model, {0, tokens}, estimate.weights, byLayer);
        work.check += forwardWork(model, masked, {0, tokens}, estimate.weights, byLayer);
        work.check += decodingWork(model, tokens, 2 * kCheckTokens);
        work.check += logitsWork(model, 2.0 * kCheckRows, 2);
    }
    for (const LayerConfig& layer : model.config.layers)
        work.writing += layer.numHeads * (kHeadSeconds + kHeadRowSeconds * tokens);
    work.rewriting = generate > 0 ? kRewriting * work.writing : 0;
    return work;
}

} // namespace

Result<RunEstimate> estimateRun(const Planner& planner, const LoadedModel& loaded, std::uint32_t promptTokens,
                                const RunOptions& options, const AvailableMemory& memory,
                                const BegunTrace* begun)
{
    const Model& model = *loaded.model;
    const ModelConfig& config = model.config;
    RunEstimate estimate;
    estimate.tokens = promptTokens;
    HEADWATER_TRY_ASSIGN(estimate.select, resolveSelect(options.select, promptTokens));
    const std::uint64_t begunBytes = begun ? begun->layerBytes() : 0;
    estimate.predictions = makesPredictions(options.predictions, config, estimate.select, promptTokens);
    // Weights that are there already are freed or used again.
    AvailableMemory free = memory;
    free.bytes += planner.plan(model, {}).residentBytes;
    estimate.memoryAvailable = free.bytes;
    const auto need = [&](std::uint32_t tokens, std::uint32_t generate) {
        // Selection and blocks follow from the length: a shorter prompt may run in another way.
        const Result<SelectParams> select = resolveSelect(options.select, tokens);
        return needOf(planner, model, select ? *select : estimate.select, tokens, generate, options,
                      estimate.memoryAvailable, begunBytes);
    };
    const auto fits = [&](std::uint32_t tokens) { return need(tokens, 0).bytes <= estimate.memoryAvailable; };
    estimate.generate = options.generate;
    Need whole = need(promptTokens, options.generate);
    // A trace that is gone on with has its chunks where that many tokens would want them.
    if (whole.bytes > estimate.memoryAvailable && options.generate > 0 && !begun && fits(promptTokens)) {
        estimate.generate = 0;
        whole = need(promptTokens, 0);
        estimate.notes.push_back(
            "the KV cache does not fit into memory: nothing is generated (--generate 0)");
    }
    if (options.keepSession) {
        const std::uint64_t state =
            forwardStateBytes(config, promptTokens + estimate.generate, ElementType::F32);
        const Need withState = needOf(planner, model, estimate.select, promptTokens, estimate.generate,
                                      options, free.bytes, begunBytes + state);
        // Not at the price of smaller chunks or widening again and again, nor of the last byte.
        if (withState.chunkRows == whole.chunkRows && withState.weights == whole.weights
            && withState.bytes <= free.bytes - free.bytes / 16) {
            whole = withState;
            estimate.sessionBytes = state;
        }
    }
    estimate.memoryBytes = whole.bytes;
    estimate.chunkRows = whole.chunkRows;
    estimate.weights = whole.weights;
    if (whole.bytes > estimate.memoryAvailable) {
        const std::uint32_t longest = longestPromptThatFits(promptTokens, fits);
        estimate.refusal = refusalText(
            whole.bytes, free,
            begun             ? std::string("close other programs, or go on where it was begun")
                : longest > 0 ? fmt::format("try a prompt of at most {} tokens with --generate 0", longest)
                              : std::string("the model alone does not fit: try a smaller model"));
    }
    if (options.predictions == PredictionChoice::Auto && !estimate.predictions)
        estimate.notes.push_back(fmt::format("what every row gives to the next token is not computed, which "
                                             "would add {:.0f} % to the prefill: --predictions on does it",
                                             100 * unembeddingOperations(config, promptTokens)
                                                 / prefillOperations(config, estimate.select, promptTokens)));
    for (std::string& note : unreadLimitNotes(memory))
        estimate.notes.push_back(std::move(note));
    if (estimate.weights == WeightForm::Stored)
        estimate.notes.push_back(storedWeightsNote(model));
    for (std::string& note : notesOf(config, estimate))
        estimate.notes.push_back(std::move(note));
    estimate.work =
        workOf(model, estimate, options.check, begun && begun->hasMasks() ? begun->finishedLayers() : 0);
    const std::uint64_t tokens = std::uint64_t{promptTokens} + estimate.generate;
    estimate.traceBytes = traceBytesOf(config, estimate.select, tokens);
    if (estimate.predictions)
        estimate.traceBytes += tokens * kStoredPredictionBytes;
    if (begun) { // what is yet to be written
        const int finished = begun->finishedLayers();
        estimate.traceBytes -= estimate.traceBytes * static_cast<std::uint64_t>(finished)
            / static_cast<std::uint64_t>(config.numLayers());
        estimate.work.writing -= estimate.work.writing * finished / config.numLayers();
    }
    return estimate;
}

} // namespace headwater
