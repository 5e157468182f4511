// SPDX-License-Identifier: Apache-2.0
#include "core/engine/analysis_run.h"

#include "core/base/memory.h"
#include "core/base/processors.h"
#include "core/engine/answer_reads.h"
#include "core/engine/begun_run.h"
#include "core/engine/behaviour_check.h"
#include "core/engine/conversation.h"
#include "core/engine/layer_recorder.h"
#include "core/engine/run_meta.h"
#include "core/engine/sentences.h"
#include "core/forward/forward_pass.h"
#include "core/model/limits.h"
#include "core/trace/meta_text.h"
#include "core/trace/trace_writer.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

namespace headwater {
namespace {

/// Threads that encode a layer, on any machine: each holds a compressor, which no estimate counts.
constexpr std::size_t kMostEncoders = 4;

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point begin)
{
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// One run, step by step; each step is a member so that the whole reads as its own table of contents.
class AnalysisRun {
public:
    AnalysisRun(Backend& backend, const LoadedModel& loaded, const RunOptions& options,
                const RunListener& listener, std::stop_token stop)
        : m_backend(backend)
        , m_loaded(loaded)
        , m_options(options)
        , m_listener(listener)
        , m_stop(std::move(stop))
        , m_forward(backend, loaded.model)
    {
    }

    Result<RunReport> run();

private:
    Result<void> openBegun();
    Result<void> encode();
    Result<void> plan();
    Result<void> upload();
    Result<void> openTrace();
    Result<void> prefill();
    Result<void> generate();
    Result<void> checkGenerated() const;
    Result<void> rewriteTail();
    Result<void> readNext();
    Result<void> predict();
    void findAnswerReads();
    Result<void> check();
    Result<void> seal();

    std::uint32_t promptTokens() const { return static_cast<std::uint32_t>(m_prompt.tokens.ids.size()); }
    bool hasTail() const { return m_begun && m_begun->hasTail(); }
    bool propagated() const { return m_report.select.propagation == Propagation::Propagated; }

    Backend& m_backend;
    const LoadedModel& m_loaded;
    const RunOptions& m_options;
    const RunListener& m_listener;
    std::stop_token m_stop;
    ForwardPass m_forward;

    Clock::time_point m_begin = Clock::now();
    std::unique_ptr<BegunTrace> m_begun; ///< what the run goes on with; null: it begins
    EncodedPrompt m_prompt;
    std::uint32_t m_generate = 0;
    std::uint32_t m_chunkRows = 0;
    WeightForm m_weights = WeightForm::Float32;
    bool m_keepsState = false;
    ForwardState m_state; ///< for a session, once everything has been forwarded
    std::optional<RunPredictions> m_predictions;
    std::unique_ptr<TraceWriter> m_writer;
    std::unique_ptr<LayerRecorder> m_recorder;
    std::vector<float> m_lastLogits; ///< of the prompt's last row, [vocab]
    Generation m_generated;
    std::vector<std::int32_t> m_ids; ///< prompt and generated
    std::vector<std::uint32_t> m_offsets;
    std::string m_text;
    RunReport m_report;
};

Result<RunReport> AnalysisRun::run()
{
    if (m_options.resume)
        HEADWATER_TRY(openBegun());
    HEADWATER_TRY(encode());
    HEADWATER_TRY(plan());
    HEADWATER_TRY(upload());
    HEADWATER_TRY(openTrace());
    HEADWATER_TRY(prefill());
    HEADWATER_TRY(readNext());
    if (m_generate > 0) {
        HEADWATER_TRY(generate());
        HEADWATER_TRY(rewriteTail());
    }
    m_state = m_forward.takeState();
    m_recorder->summarise(m_report);
    findAnswerReads();
    if (m_options.check)
        HEADWATER_TRY(check());
    m_report.peakResidentBytes = peakResidentMemory();
    m_report.seconds.write = m_recorder->writeSeconds();
    m_report.seconds.total = m_loaded.seconds + secondsSince(m_begin);
    HEADWATER_TRY(seal());
    m_report.seconds.total = m_loaded.seconds + secondsSince(m_begin);
    if (!m_state.isEmpty())
        m_listener.state(std::move(m_state));
    return std::move(m_report);
}

Result<void> AnalysisRun::openBegun()
{
    HEADWATER_TRY_ASSIGN(m_begun, BegunTrace::open(m_options.output, m_stop));
    return m_begun->checkModel(*m_loaded.model);
}

Result<void> AnalysisRun::encode()
{
    const auto begin = Clock::now();
    const bool isGiven = !m_options.prompt.empty() || !m_options.turns.empty();
    if (!m_begun || isGiven) {
        HEADWATER_TRY_ASSIGN(m_prompt, encodePrompt(m_loaded, m_options));
    }
    if (m_begun) {
        EncodedPrompt begun = promptOf(*m_begun);
        if (isGiven)
            HEADWATER_TRY(checkSamePrompt(m_prompt, begun));
        m_prompt = std::move(begun);
    }
    m_ids = m_prompt.tokens.ids;
    m_offsets = m_prompt.tokens.offsets;
    m_text = m_prompt.text;
    m_report.promptTokens = promptTokens();
    m_report.seconds.tokenize = secondsSince(begin);
    return {};
}

Result<void> AnalysisRun::plan()
{
    HEADWATER_TRY_ASSIGN(
        RunEstimate estimate,
        estimateRun(m_backend, m_loaded, promptTokens(), m_options, availableMemory(), m_begun.get()));
    if (!estimate.refusal.empty() && !m_options.force)
        return Error{ErrorCode::OutOfMemory, estimate.refusal, "memory estimate"};
    if (std::uint64_t{promptTokens()} + estimate.generate > limits::kPromptTokens)
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("{} tokens after a prompt of {}, expected at most {} together",
                                 estimate.generate, promptTokens(), limits::kPromptTokens),
                     "--generate"};
    if (m_begun)
        HEADWATER_TRY(m_begun->checkBlocks(gridOf(estimate.select, promptTokens())));
    m_report.select = estimate.select;
    m_report.estimatedBytes = estimate.memoryBytes;
    m_report.notes = m_options.promptNotes;
    const auto note = [&notes = m_report.notes](const std::vector<std::string>& said) {
        for (const std::string& one : said) // a trace that is gone on with may have said it already
            if (std::ranges::find(notes, one) == notes.end())
                notes.push_back(one);
    };
    note(estimate.notes);
    note(m_loaded.model->warnings);
    if (m_begun)
        m_report.notes.push_back(fmt::format(
            "went on with a trace of {} finished layers of {}, begun {}: the times are of what was "
            "done since",
            m_begun->finishedLayers(), m_begun->trace().numLayers(),
            metaText(m_begun->trace().meta(), "/created")));
    m_report.device = m_backend.name();
    if (estimate.predictions)
        m_predictions.emplace(*m_loaded.tokenizer,
                              propagated() ? PredictedBy::SparseForward : PredictedBy::Model);
    m_generate = estimate.generate;
    m_chunkRows = estimate.chunkRows;
    m_weights = estimate.weights;
    m_keepsState = estimate.sessionBytes > 0 && m_listener.state;
    return {};
}

/// Only what the estimate lets through takes the memory of its weights.
Result<void> AnalysisRun::upload()
{
    const auto begin = Clock::now();
    HEADWATER_TRY(m_backend.uploadWeights(m_loaded.model, m_weights, m_stop));
    m_report.seconds.load = m_loaded.seconds + secondsSince(begin);
    if (m_stop.stop_requested()) // nothing has been written: an older trace stays
        return Error{ErrorCode::Cancelled, "stopped", "weights"};
    return {};
}

Result<void> AnalysisRun::openTrace()
{
    LayerRecorder::Options recorderOptions;
    recorderOptions.mostTokens = promptTokens() + m_generate;
    if (m_generate > 0)
        recorderOptions.tailRow = ForwardPass::tailRowOf(promptTokens());
    recorderOptions.select = m_report.select;
    recorderOptions.begun = m_begun.get();
    if (m_begun) {
        HEADWATER_TRY_ASSIGN(TraceWriter writer, TraceWriter::reopen(m_options.output));
        m_writer = std::make_unique<TraceWriter>(std::move(writer));
        m_report.trace = m_options.output.string();
    } else if (!m_options.output.empty()) {
        TraceWriter::Begin begin;
        begin.meta = runMeta(m_loaded, m_prompt, m_options, m_report, m_backend);
        begin.meta["options"] =
            begunOptions(m_options, m_prompt, m_report, m_generate, m_predictions.has_value());
        begin.text = m_text;
        begin.tokenOffsets = m_offsets;
        begin.tokenIds = m_ids;
        begin.segments = {{"prompt", 0, promptTokens()}};
        begin.sentenceOffsets = sentenceOffsets(m_text);
        for (const LayerConfig& layer : m_loaded.model->config.layers)
            begin.headsPerLayer.push_back(layer.numHeads);
        HEADWATER_TRY_ASSIGN(TraceWriter writer,
                             TraceWriter::create(m_options.output, begin, m_options.replace));
        m_writer = std::make_unique<TraceWriter>(std::move(writer));
        m_report.trace = m_options.output.string();
    }
    if (m_writer)
        m_writer->encodeWith(std::min(threadsFor(m_options.threads), kMostEncoders));
    m_recorder = std::make_unique<LayerRecorder>(m_writer.get(), std::move(recorderOptions));
    return {};
}

Result<void> AnalysisRun::prefill()
{
    const auto begin = Clock::now();
    ForwardOptions forwardOptions;
    forwardOptions.mode =
        propagated() ? AttentionRequest::Mode::Propagated : AttentionRequest::Mode::Observed;
    forwardOptions.select = m_report.select;
    forwardOptions.grid = gridOf(m_report.select, promptTokens());
    forwardOptions.chunkRows = m_chunkRows;
    forwardOptions.newTokens = m_generate;
    forwardOptions.keepState = m_keepsState;
    if (m_begun && m_begun->hasMasks())
        forwardOptions.masks = [this](int layer) { return m_begun->masksOf(layer); };
    HEADWATER_TRY(m_forward.prefill(m_prompt.tokens.ids, forwardOptions, m_recorder.get(),
                                    m_listener.progress, m_stop));
    m_report.seconds.prefill = secondsSince(begin) - m_recorder->writeSeconds();
    m_report.seconds.select = m_forward.seconds().index;
    m_report.seconds.attention = m_forward.seconds().attention;
    return {};
}

Result<void> AnalysisRun::readNext()
{
    const std::uint32_t last = promptTokens() - 1;
    HEADWATER_TRY_ASSIGN(m_lastLogits, m_forward.logits({&last, 1}));
    const std::vector<double> logprobs = logProbabilities(m_lastLogits);
    for (const std::int32_t id : likeliestTokens(m_lastLogits, kLikeliest))
        m_report.next.push_back(
            {id, m_loaded.tokenizer->decode(id, true), logprobs[static_cast<std::size_t>(id)]});
    return m_predictions ? predict() : Result<void>();
}

/// They are written at once: a run that ends in its generation keeps them.
Result<void> AnalysisRun::predict()
{
    const auto begin = Clock::now();
    HEADWATER_TRY(
        m_predictions->addPrompt(m_forward, m_prompt.tokens.ids, m_lastLogits, m_listener.progress, m_stop));
    const Predictions& made = m_predictions->finished();
    m_report.promptLoss = promptLossOf(made);
    if (m_writer && !hasTail()) // else they are there, with those of the generated tokens
        HEADWATER_TRY(m_writer->writePredictions(made));
    m_report.seconds.predictions = secondsSince(begin);
    return {};
}

Result<void> AnalysisRun::generate()
{
    const auto begin = Clock::now();
    TimeLeft timeLeft;
    GenerationSteps steps;
    steps.decode = [this](std::int32_t id, std::stop_token stop) {
        return m_forward.decode(id, std::move(stop));
    };
    steps.token = [&](const GeneratedToken& token) {
        if (m_listener.token)
            m_listener.token(token);
        if (token.id < 0)
            return;
        m_text += token.bytes;
        m_offsets.push_back(static_cast<std::uint32_t>(m_text.size()));
        if (m_listener.progress)
            m_listener.progress({"generate", token.count, m_generate, "tokens",
                                 timeLeft.update(token.count, m_generate), -1});
    };
    if (m_predictions)
        steps.decoded = [this](std::int32_t id, float logprob, std::span<const float> logits) {
            m_predictions->addDecoded(id, logprob, logits);
        };
    GenerationOptions asked = generationOptionsOf(m_options);
    asked.count = m_generate;
    HEADWATER_TRY_ASSIGN(m_generated,
                         headwater::generate(m_prompt.tokens.ids, std::move(m_lastLogits),
                                             *m_loaded.tokenizer, asked, steps, m_stop));
    m_ids.insert(m_ids.end(), m_generated.ids.begin(), m_generated.ids.end());
    m_report.generatedIds = m_generated.ids;
    m_report.generatedText = m_generated.text;
    m_report.generationEnd = m_generated.end;
    m_report.seconds.generate = secondsSince(begin);
    return {};
}

/// The trace that the run goes on with has the same tokens.
Result<void> AnalysisRun::checkGenerated() const
{
    const std::span<const std::int32_t> stored = m_begun->trace().tokenIds();
    const auto [found, expected] = std::ranges::mismatch(m_ids, stored);
    if (found == m_ids.end() && expected == stored.end())
        return {};
    return Error{
        ErrorCode::BadFormat,
        fmt::format("{} tokens with the generated ones, {} computed again, which differ from token {} on",
                    stored.size(), m_ids.size(), found - m_ids.begin()),
        m_report.trace};
}

Result<void> AnalysisRun::rewriteTail()
{
    if (hasTail())
        HEADWATER_TRY(checkGenerated());
    if (m_report.generatedIds.empty())
        return {};
    const auto begin = Clock::now();
    const double writtenBefore = m_recorder->writeSeconds();
    const std::uint32_t tailRow = ForwardPass::tailRowOf(promptTokens());
    const auto tokens = static_cast<std::uint32_t>(m_ids.size());
    m_recorder->beginTail();
    HEADWATER_TRY(m_forward.tail(m_ids, tailRow, m_recorder.get(), m_stop));
    std::vector<std::uint32_t> rows;
    for (std::uint32_t row = promptTokens() - 1; row + 1 < tokens; ++row)
        rows.push_back(row);
    std::size_t agreeing = 0;
    for (std::size_t i = 0; i < rows.size();
         ++i) { // one row of the vocabulary at a time: many tokens may be asked for
        if (m_stop.stop_requested())
            return Error{ErrorCode::Cancelled, "stopped", "tail"};
        HEADWATER_TRY_ASSIGN(const std::vector<float> logits, m_forward.logits({&rows[i], 1}));
        agreeing += greedyToken(logits) == m_generated.likeliest[i] ? 1 : 0;
        if (m_predictions)
            m_predictions->addTraced(logits);
    }
    m_report.decodedTracedAgreement = static_cast<double>(agreeing) / static_cast<double>(rows.size());
    if (m_writer && !hasTail()) {
        TraceWriter::Tail tail;
        tail.tailRow = tailRow;
        tail.text = m_text;
        tail.tokenOffsets = m_offsets;
        tail.tokenIds = m_ids;
        tail.segments = {{"prompt", 0, promptTokens()}, {"generated", promptTokens(), tokens}};
        tail.sentenceOffsets = sentenceOffsets(m_text);
        tail.heads = m_recorder->takeTail();
        tail.predictions = m_predictions ? &m_predictions->finished() : nullptr;
        HEADWATER_TRY(m_writer->rewriteTail(tail));
    }
    m_report.seconds.tail = secondsSince(begin) - (m_recorder->writeSeconds() - writtenBefore);
    return {};
}

/// Where nothing was generated it is the next token that was read.
void AnalysisRun::findAnswerReads()
{
    std::vector<std::int32_t> predicted = m_report.generatedIds;
    if (predicted.empty())
        predicted.push_back(m_report.next.front().id);
    m_report.answerReads =
        answerReads(*m_recorder, {m_ids, m_offsets, m_text}, m_report.sinks, promptTokens() - 1, predicted);
}

Result<void> AnalysisRun::check()
{
    const auto begin = Clock::now();
    m_forward.release(); // the check keeps a cache of its own
    HEADWATER_TRY_ASSIGN(m_report.check,
                         checkBehaviour(m_backend, m_loaded, m_prompt, m_options, m_report.select,
                                        m_chunkRows, m_listener.progress, m_stop));
    m_report.seconds.check = secondsSince(begin);
    return {};
}

Result<void> AnalysisRun::seal()
{
    if (!m_writer)
        return {};
    const auto begin = Clock::now();
    HEADWATER_TRY(m_writer->setMeta("report", toJson(m_report)));
    HEADWATER_TRY(m_writer->seal());
    m_report.seconds.write += secondsSince(begin);
    return {};
}

} // namespace

Result<RunReport> runAnalysis(Backend& backend, const LoadedModel& loaded, const RunOptions& options,
                              const RunListener& listener, std::stop_token stop)
{
    return AnalysisRun(backend, loaded, options, listener, std::move(stop)).run();
}

} // namespace headwater
