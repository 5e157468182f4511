// SPDX-License-Identifier: Apache-2.0
#include "core/base/gemm.h"
#include "core/base/processors.h"
#include "core/engine/analysis_run.h"
#include "core/engine/forward_estimate.h"
#include "core/engine/memory_need.h"
#include "core/select/content_tree.h"
#include "core/select/keep_blocks.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <vector>

namespace headwater {
namespace {

/// Multiply-adds a second of one thread on a typical tile, measured for some milliseconds.
double measuredGemmRate()
{
    constexpr std::size_t kSide = 256;
    const std::vector<float> a(kSide * kSide, 0.5f);
    const std::vector<float> b(kSide * kSide, 0.25f);
    std::vector<float> c(kSide * kSide);
    double best = 0;
    for (int round = 0; round < 8; ++round) {
        const auto begin = std::chrono::steady_clock::now();
        gemm(GemmRight::Transposed, kSide, kSide, kSide, a.data(), kSide, b.data(), kSide, c.data(), kSide);
        const double seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        best = std::max(best, static_cast<double>(kSide * kSide * kSide) / seconds);
    }
    return best;
}

/// Multiply-adds of a run's prefill; the masks of the first `given` layers are there already.
double prefillOperations(const ModelConfig& config, const SelectParams& select, double tokens, int given = 0)
{
    double operations = 0;
    for (const LayerConfig& layer : config.layers) {
        const bool isGiven = given-- > 0;
        const double heads = layer.numHeads;
        const double dim = layer.headDim;
        const double hidden = config.hiddenSize;
        operations +=
            tokens * hidden * dim * (2 * heads + (layer.borrowsKeys() ? 0.0 : 2.0 * layer.numKvHeads));
        operations += tokens * hidden * 3 * (layer.ffnSize + config.layerInputSize);
        const double past =
            layer.kind == HeadKind::Sliding ? std::min<double>(layer.window + 256.0, tokens) : tokens / 2;
        const double dense = tokens * past * dim * 2 * heads;
        const double sparse = tokens * std::min(past, select.keepKeys + 64.0) * dim * 2 * heads;
        const bool seesAll = select.selection == Selection::Exact || layer.kind == HeadKind::Sliding;
        if (select.propagation == Propagation::Observed || layer.kind == HeadKind::Sliding)
            operations += dense;
        else
            operations += sparse + (seesAll ? dense / 2 : 0);
        if (!seesAll && !isGiven) {
            // All of the first level, W nodes' children on each other one, mean and variance of each, and M
            // opened keys a row; the probes of stream cost less.
            const TreeShape shape = treeShape(static_cast<std::uint32_t>(tokens), select.treeLevels);
            const double looked =
                2.0 * shape.branching * (1.0 + (shape.levels - 1.0) * select.beam) + select.open;
            operations += tokens * std::min(looked, past) * dim * heads;
        }
    }
    return operations;
}

/// Multiply-adds of what every row of the prompt gives to the token after it.
double predictionOperations(const ModelConfig& config, double tokens)
{
    return tokens * config.hiddenSize * config.vocabSize;
}

/// Whether a run makes predictions. Unasked it does where they cost at most a fifth of the prefill, or about
/// a second.
bool makesPredictions(PredictionChoice choice, const ModelConfig& config, const SelectParams& select,
                      double tokens)
{
    constexpr double kShare = 0.2;
    constexpr double kOperations = 64e9;
    if (choice != PredictionChoice::Auto)
        return choice == PredictionChoice::On;
    return predictionOperations(config, tokens)
        <= std::max(kShare * prefillOperations(config, select, tokens), kOperations);
}

/// GEMM is not all there is: softmax, gathering and writing take about as long again on the lean layers.
constexpr double kEfficiency = 0.55;

constexpr double kPredictionEfficiency = 0.8; // one large product, an exponential a logit

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
    const double prefill = prefillOperations(config, estimate.select, promptTokens,
                                             begun && begun->hasMasks() ? begun->finishedLayers() : 0);
    const double predictions = predictionOperations(config, promptTokens);
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
                                             100 * predictions / prefill));
    for (std::string& note : unreadLimitNotes(memory))
        estimate.notes.push_back(std::move(note));
    if (estimate.weights == WeightForm::Stored)
        estimate.notes.push_back(storedWeightsNote(model));
    for (std::string& note : notesOf(config, estimate))
        estimate.notes.push_back(std::move(note));
    const double rate = measuredGemmRate() * static_cast<double>(threadsFor(options.threads));
    estimate.seconds = prefill / (rate * kEfficiency);
    if (options.check)
        estimate.seconds *= 3; // a dense prefill and a masked one more
    const std::uint64_t tokens = std::uint64_t{promptTokens} + estimate.generate;
    estimate.traceBytes = traceBytesOf(config, estimate.select, tokens);
    if (estimate.predictions) {
        estimate.seconds += predictions / (rate * kPredictionEfficiency);
        estimate.traceBytes += tokens * kStoredPredictionBytes;
    }
    if (begun) // what is yet to be written
        estimate.traceBytes -= estimate.traceBytes * static_cast<std::uint64_t>(begun->finishedLayers())
            / static_cast<std::uint64_t>(config.numLayers());
    return estimate;
}

double replaySeconds(const ModelConfig& config, std::uint32_t tokens, const ReplayWork& work,
                     std::size_t threads)
{
    SelectParams select;
    select.selection = Selection::Exact;
    select.propagation = work.overMasks ? Propagation::Propagated : Propagation::Observed;
    select.keepKeys = work.keepKeys;
    double operations = prefillOperations(config, select, tokens);
    if (work.overMasks && !work.wholeSums)
        for (const LayerConfig& layer : config.layers) // the scores of whole rows, which only their sums need
            if (layer.kind == HeadKind::Global)
                operations -= static_cast<double>(tokens) * tokens / 2 * layer.headDim * layer.numHeads;
    const double rate = measuredGemmRate() * static_cast<double>(threadsFor(threads));
    return operations / (rate * kEfficiency);
}

} // namespace headwater
