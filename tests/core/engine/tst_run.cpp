// SPDX-License-Identifier: Apache-2.0
// The whole way on the built-in model: traces repeat byte by byte, the estimate's suggestions work.
#include "core/backend/cpu/cpu_backend.h"
#include "core/base/mapped_file.h"
#include "core/engine/analysis_run.h"
#include "core/engine/sentences.h"
#include "core/model/builtin/needle_prompt.h"
#include "core/model/gguf/gguf_reader.h"
#include "core/trace/trace_reader.h"
#include "core/trace/verify.h"
#include "support/reference_data.h"
#include "support/sanitized.h"
#include "support/trace_rows.h"

#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <cstring>
#include <limits>

using namespace headwater;

class TstRun : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    LoadedModel m_loaded;

    std::string path(const std::string& name) const { return (m_folder.path().toStdString() + "/") + name; }

    RunOptions options(const NeedlePrompt& prompt, const std::string& name) const
    {
        RunOptions options;
        options.model = "builtin:needle";
        options.prompt = prompt.text;
        options.output = path(name);
        options.generate = 10;
        return options;
    }

    /// The statistics of the same rows; with `probed`, those that do not come from probe rows.
    static void compareStatistics(const HeadStatistics& a, const HeadStatistics& b, bool probed)
    {
        const auto close = [](double x, double y) { return std::abs(x - y) < 1e-6 * (1 + std::abs(y)); };
        QVERIFY(close(a.entropy, b.entropy));
        QVERIFY(close(a.sinkShare, b.sinkShare));
        QVERIFY(close(a.meanDistance, b.meanDistance));
        QVERIFY(close(a.density, b.density));
        if (probed)
            return;
        QVERIFY(close(a.keptMass.mean, b.keptMass.mean));
        QVERIFY(close(a.keptMassP5, b.keptMassP5));
        QVERIFY(close(a.keptMassMin, b.keptMassMin));
        QVERIFY(close(a.contentMass, b.contentMass));
    }

private slots:
    void initTestCase()
    {
        const auto loaded = loadModelAndTokenizer("builtin:needle");
        QVERIFY(loaded);
        m_loaded = *loaded;
    }

    void traces_repeatForThreadsAndChunks_data()
    {
        QTest::addColumn<int>("selection");
        QTest::addColumn<int>("propagation");
        QTest::newRow("exact observed") << int(Selection::Exact) << int(Propagation::Observed);
        QTest::newRow("exact propagated") << int(Selection::Exact) << int(Propagation::Propagated);
        QTest::newRow("tree") << int(Selection::Tree) << int(Propagation::Auto);
        QTest::newRow("stream") << int(Selection::Stream) << int(Propagation::Auto);
    }

    void traces_repeatForThreadsAndChunks()
    {
        QFETCH(int, selection);
        QFETCH(int, propagation);
        NeedlePromptSpec spec;
        spec.tokens = 5000;
        spec.decoys = 4;
        const NeedlePrompt prompt = makeNeedlePrompt(spec).value();
        QStringList first;
        // The release lane compares them all.
        const QList<std::uint32_t> chunks =
            test::isSanitized() ? QList<std::uint32_t>{4096, 256} : QList<std::uint32_t>{4096, 256, 1024};
        for (const std::size_t threads : {1, 2}) {
            for (const std::uint32_t chunkRows : chunks) {
                RunOptions run = options(prompt, "repeat.hwt");
                run.select.selection = static_cast<Selection>(selection);
                run.select.propagation = static_cast<Propagation>(propagation);
                run.select.keepKeys = 128;
                run.chunkRows = chunkRows;
                const auto backend = makeCpuBackend(threads);
                const auto report = runAnalysis(*backend, m_loaded, run, {}, {});
                QVERIFY2(report, report ? "" : report.error().text().c_str());
                const auto verified = verifyTrace(run.output);
                QVERIFY(verified && verified->damage.empty() && verified->sealed);
                const QStringList rows = test::rowsOf(run.output);
                QVERIFY(!rows.isEmpty());
                if (first.isEmpty())
                    first = rows;
                QCOMPARE(rows, first);
            }
        }
    }

    void shortPrompt_describesItsHeadsAfterATail_data()
    {
        QTest::addColumn<int>("selection");
        QTest::addColumn<int>("propagation");
        QTest::newRow("exact observed") << int(Selection::Exact) << int(Propagation::Observed);
        QTest::newRow("exact propagated") << int(Selection::Exact) << int(Propagation::Propagated);
        QTest::newRow("tree observed") << int(Selection::Tree) << int(Propagation::Observed);
        QTest::newRow("tree propagated") << int(Selection::Tree) << int(Propagation::Propagated);
        QTest::newRow("stream observed") << int(Selection::Stream) << int(Propagation::Observed);
        QTest::newRow("stream propagated") << int(Selection::Stream) << int(Propagation::Propagated);
    }

    /// 256 tokens or fewer: the tail is the whole prompt, and all that is kept of the first forward is how
    /// heads are described and what their probe rows found.
    void shortPrompt_describesItsHeadsAfterATail()
    {
        QFETCH(int, selection);
        QFETCH(int, propagation);
        NeedlePromptSpec spec;
        spec.tokens = 200;
        const NeedlePrompt prompt = makeNeedlePrompt(spec).value();
        const auto backend = makeCpuBackend(2);
        const auto traceOf = [&](const std::string& text, std::uint32_t generate, const std::string& name) {
            RunOptions run = options(prompt, name);
            run.prompt = text;
            run.generate = generate;
            run.select.selection = static_cast<Selection>(selection);
            run.select.propagation = static_cast<Propagation>(propagation);
            run.select.keepKeys = 32;
            const auto report = runAnalysis(*backend, m_loaded, run, {}, {});
            return report ? Trace::open(run.output).value() : nullptr;
        };
        const auto generated = traceOf(prompt.text, 10, "short.hwt");
        const auto promptAlone = traceOf(prompt.text, 0, "short-0.hwt");
        QVERIFY(generated && promptAlone);
        QVERIFY(generated->seqLen() > promptAlone->seqLen());
        const auto sameTextRead = traceOf(std::string(generated->text()), 0, "short-read.hwt");
        QVERIFY(sameTextRead);
        QCOMPARE(sameTextRead->seqLen(), generated->seqLen());
        const bool kept = selection != int(Selection::Exact) && propagation == int(Propagation::Propagated);
        for (const HeadInfo& head : generated->heads()) {
            const HeadInfo& alone = *promptAlone->findHead(head.layer, head.head);
            const HeadInfo& read = *sameTextRead->findHead(head.layer, head.head);
            QCOMPARE(int(head.kind), int(alone.kind));
            QCOMPARE(head.window, alone.window);
            QCOMPARE(int(head.normaliser), int(alone.normaliser));
            const bool probed = kept && head.kind == HeadKind::Global;
            QCOMPARE(int(head.normaliser), int(probed ? Normaliser::Kept : Normaliser::Exact));
            QCOMPARE(head.statistics.probeRows, probed ? promptAlone->seqLen() : 0u);
            if (probed) {
                QCOMPARE(head.statistics.keptMass.mean, alone.statistics.keptMass.mean);
                QCOMPARE(head.statistics.keptMassP5, alone.statistics.keptMassP5);
                QCOMPARE(head.statistics.keptMassMin, alone.statistics.keptMassMin);
                QCOMPARE(head.statistics.contentMass, alone.statistics.contentMass);
            }
            // The tail's keys join the tree of the prompt: its masks are not those of a tree of all keys.
            if (selection == int(Selection::Tree) && head.kind == HeadKind::Global)
                continue;
            compareStatistics(head.statistics, read.statistics, probed);
            QCOMPARE(head.pairs.kept, read.pairs.kept);
            QCOMPARE(head.pairs.usable, read.pairs.usable);
        }
    }

    void exact_everyStrongPairIsKept_andMassesAddUp()
    {
        NeedlePromptSpec spec;
        spec.tokens = 2000;
        const NeedlePrompt prompt = makeNeedlePrompt(spec).value();
        RunOptions run = options(prompt, "exact.hwt");
        run.select.keepKeys = 64;
        const auto backend = makeCpuBackend(2);
        const auto report = runAnalysis(*backend, m_loaded, run, {}, {});
        QVERIFY(report);
        QCOMPARE(report->generatedText, prompt.answer());
        const auto trace = Trace::open(run.output).value();
        for (const HeadInfo& head : trace->heads()) {
            const auto edges = trace->loadEdges(head.layer, head.head).value();
            const auto rows = trace->loadRows(head.layer, head.head).value();
            QCOMPARE(rows->missed.size(), std::size_t(trace->seqLen()));
            for (std::size_t row = 0; row < rows->missed.size(); ++row) {
                QVERIFY(rows->missed[row] >= 0 && rows->missed[row] <= 1.001f);
                // keep_peak 0.1: whatever is missed is weak.
                QVERIFY(rows->missedPeak[row] < 0.1001f);
            }
        }
        // The diffuse global head gives every key 1 / (t + 1): what a row keeps is the share of its keys that
        // are kept.
        const auto edges = trace->loadEdges(2, 2).value();
        const auto rows = trace->loadRows(2, 2).value();
        const BlockGrid grid = edges->grid;
        double mean = 0;
        double least = 1;
        for (std::uint32_t block = 0; block < grid.numQueryBlocks(); ++block) {
            for (std::uint32_t row = grid.firstRow(block); row < grid.endRow(block); ++row) {
                std::uint32_t keys = 0;
                for (std::uint64_t edge = edges->rowPtr[block]; edge < edges->rowPtr[block + 1]; ++edge) {
                    const std::uint32_t first = edges->keyBlock[edge] * grid.blockK;
                    keys += first > row ? 0 : std::min(grid.blockK, row + 1 - first);
                }
                const double kept = static_cast<double>(keys) / (row + 1);
                // binary16 holds missed masses.
                QVERIFY(std::abs(double(rows->missed[row]) - (1 - kept)) < 5e-4);
                mean += kept / trace->seqLen();
                least = std::min(least, kept);
            }
        }
        const HeadStatistics& diffuse = trace->findHead(2, 2)->statistics;
        QVERIFY(least < 0.05 && mean < 0.5); // it is diffuse
        QVERIFY2(std::abs(diffuse.keptMass.mean - mean) < 1e-5,
                 qPrintable(QString::number(diffuse.keptMass.mean - mean)));
        QVERIFY(std::abs(diffuse.keptMassMin - least) < 1e-5);
    }

    void damagedModel_isRefusedAndItsTraceNotSealed()
    {
        // One weight of a file that is well-formed otherwise.
        const auto source = test::sourcePath("tests/data/reference/tiny-llama-f32.gguf");
        auto bytes = readFile(source, 1 << 24);
        QVERIFY(bytes);
        const auto gguf = readGguf(std::as_bytes(std::span(*bytes)), "tiny");
        QVERIFY(gguf);
        const GgufTensor* const tensor = gguf->findTensor("blk.1.ffn_up.weight");
        QVERIFY(tensor);
        const auto offset =
            static_cast<std::size_t>(tensor->data.data() - std::as_bytes(std::span(*bytes)).data());
        const float infinity = std::numeric_limits<float>::infinity();
        std::memcpy(bytes->data() + offset + 40, &infinity, sizeof infinity);
        QFile file(m_folder.filePath("damaged.gguf"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(bytes->data(), static_cast<qint64>(bytes->size()));
        file.close();
        const auto loaded = loadModelAndTokenizer(path("damaged.gguf"));
        QVERIFY2(loaded, loaded ? "" : loaded.error().text().c_str());
        RunOptions run;
        run.prompt = "one two three";
        run.chat = "off";
        run.output = path("damaged.hwt");
        const auto backend = makeCpuBackend(2);
        const auto report = runAnalysis(*backend, *loaded, run, {}, {});
        QVERIFY(!report);
        QCOMPARE(report.error().code, ErrorCode::BadFormat);
        QVERIFY2(report.error().context.find("layer 1, row 0") != std::string::npos,
                 report.error().text().c_str());
        const auto trace = Trace::open(run.output);
        QVERIFY(trace);
        QVERIFY(!(*trace)->isSealed());
        for (const HeadInfo& head : (*trace)->heads())
            QCOMPARE(head.layer, 0);
    }

    void predictions_areOfWhatRan_data()
    {
        QTest::addColumn<int>("selection");
        QTest::addColumn<int>("propagation");
        QTest::newRow("observed") << int(Selection::Exact) << int(Propagation::Observed);
        QTest::newRow("propagated") << int(Selection::Tree) << int(Propagation::Propagated);
    }

    void predictions_areOfWhatRan()
    {
        QFETCH(int, selection);
        QFETCH(int, propagation);
        NeedlePromptSpec spec;
        spec.tokens = 3000;
        RunOptions run = options(makeNeedlePrompt(spec).value(), "predictions.hwt");
        run.select.selection = static_cast<Selection>(selection);
        run.select.propagation = static_cast<Propagation>(propagation);
        run.predictions = PredictionChoice::On;
        const auto backend = makeCpuBackend(2);
        std::uint64_t rowsDone = 0;
        RunListener listener;
        listener.progress = [&](const Progress& progress) {
            if (progress.phase == "predictions")
                rowsDone = progress.done;
        };
        const auto report = runAnalysis(*backend, m_loaded, run, listener, {});
        QVERIFY2(report, report ? "" : report.error().text().c_str());
        QCOMPARE(rowsDone, std::uint64_t(report->promptTokens - 1));
        const auto trace = Trace::open(run.output).value();
        const auto predictions = trace->loadPredictions();
        QVERIFY2(predictions, predictions ? "" : predictions.error().text().c_str());
        const Predictions& made = **predictions;
        QCOMPARE(made.rows.size(), std::size_t(trace->seqLen()));
        QCOMPARE(made.promptTokens, report->promptTokens);
        const bool isObserved = propagation == int(Propagation::Observed);
        QCOMPARE(made.prompt, isObserved ? PredictedBy::Model : PredictedBy::SparseForward);
        QVERIFY(report->promptLoss);
        QCOMPARE(report->promptLoss->by, made.prompt);
        QCOMPARE(report->promptLoss->tokens, report->promptTokens - 1);
        QCOMPARE(report->promptLoss->mean, made.meanLoss());
        QVERIFY(std::isfinite(made.meanLoss()));
        // What was generated is what each row puts first, and its number is that of the report.
        const std::size_t generated = report->generatedIds.size();
        QVERIFY(generated > 0);
        QCOMPARE(made.traced.size(), generated);
        std::size_t agreeing = 0;
        for (std::uint32_t i = 0; i < generated; ++i) {
            const std::uint32_t row = report->promptTokens - 1 + i;
            QCOMPARE(made.rows[row].likeliest[0].id, report->generatedIds[i]);
            QCOMPARE(made.logprobOf(row + 1), made.rows[row].likeliest[0].logprob);
            QVERIFY(made.tracedOf(row));
            agreeing += made.tracedOf(row)->id == report->generatedIds[i] ? 1 : 0;
        }
        QCOMPARE(double(agreeing) / double(generated), report->decodedTracedAgreement.value());
        QCOMPARE(double(made.rows[report->promptTokens - 1].likeliest[0].logprob),
                 double(float(report->next.front().logprob)));
        for (const LikelyToken& token : made.rows[100].likeliest)
            QVERIFY(made.wordOf(token.id) == std::string_view(m_loaded.tokenizer->decode(token.id, true)));
        QVERIFY(verifyTrace(run.output)->damage.empty());
    }

    void predictions_off_leavesThemOut()
    {
        NeedlePromptSpec spec;
        spec.tokens = 1000;
        RunOptions run = options(makeNeedlePrompt(spec).value(), "without.hwt");
        run.predictions = PredictionChoice::Off;
        const auto backend = makeCpuBackend(2);
        const auto report = runAnalysis(*backend, m_loaded, run, {}, {});
        QVERIFY(report);
        QVERIFY(!report->promptLoss);
        QVERIFY(!Trace::open(run.output).value()->hasPredictions());
    }

    void cancelledInItsPredictions_keepsAllLayers()
    {
        NeedlePromptSpec spec;
        spec.tokens = 3000;
        RunOptions run = options(makeNeedlePrompt(spec).value(), "cancelled.hwt");
        run.chunkRows = 256;
        const auto backend = makeCpuBackend(2);
        std::stop_source stop;
        RunListener listener;
        listener.progress = [&](const Progress& progress) {
            if (progress.phase == "predictions")
                stop.request_stop();
        };
        const auto report = runAnalysis(*backend, m_loaded, run, listener, stop.get_token());
        QVERIFY(!report);
        QCOMPARE(report.error().code, ErrorCode::Cancelled);
        const auto trace = Trace::open(run.output).value();
        QVERIFY(!trace->isSealed() && !trace->hasPredictions());
        std::size_t heads = 0;
        for (const LayerConfig& layer : m_loaded.model->config.layers)
            heads += std::size_t(layer.numHeads);
        QCOMPARE(trace->heads().size(), heads);
    }

    /// Drawn tokens are the seed's, whatever the threads; each row's prediction is of the token that follows
    /// it, and a stop text ends the answer before it, while the trace keeps its tokens.
    void drawnTokens_areRecorded()
    {
        NeedlePromptSpec spec;
        spec.tokens = 700;
        const auto prompt = makeNeedlePrompt(spec);
        QVERIFY(prompt);
        const auto generated = [&](std::size_t threads, std::uint64_t seed, const char* name,
                                   std::vector<std::string> stops = {}) {
            RunOptions run = options(*prompt, name);
            run.generate = 12;
            run.sampling.temperature = 40;
            run.sampling.topP = 0.99;
            run.select.seed = seed;
            run.stops = std::move(stops);
            run.predictions = PredictionChoice::On;
            const auto backend = makeCpuBackend(threads);
            const auto report = runAnalysis(*backend, m_loaded, run, {}, {});
            return report ? *report : RunReport();
        };
        const RunReport first = generated(1, 5, "drawn.hwt");
        QVERIFY(first.generatedIds.size() > 3);
        QCOMPARE(generated(2, 5, "again.hwt").generatedIds, first.generatedIds);
        QCOMPARE(test::rowsOf(path("again.hwt")), test::rowsOf(path("drawn.hwt")));
        QVERIFY(generated(2, 6, "other.hwt").generatedIds != first.generatedIds);
        QVERIFY(verifyTrace(path("drawn.hwt"))->damage.empty());
        const auto trace = Trace::open(path("drawn.hwt"));
        QVERIFY(trace);
        const auto ids = (*trace)->tokenIds();
        QVERIFY(std::equal(first.generatedIds.begin(), first.generatedIds.end(),
                           ids.end() - std::ptrdiff_t(first.generatedIds.size())));
        QVERIFY(first.decodedTracedAgreement && *first.decodedTracedAgreement > 0.5); // of first choices
        const auto predictions = (*trace)->loadPredictions();
        QVERIFY2(predictions, predictions ? "" : predictions.error().text().c_str());
        const std::uint32_t last = first.promptTokens - 1;
        std::size_t unlikely = 0;
        for (std::uint32_t i = 0; i < first.generatedIds.size(); ++i) {
            const RowPrediction& row = (*predictions)->rows[last + i];
            unlikely += row.likeliest[0].id == first.generatedIds[i] ? 0 : 1;
            for (const LikelyToken& token : row.likeliest)
                if (token.id == first.generatedIds[i])
                    QCOMPARE((*predictions)->logprobOf(last + i + 1), token.logprob);
        }
        QVERIFY(unlikely > 0);

        const std::string stop = first.generatedText.substr(1, 2);
        const RunReport stopped = generated(2, 5, "stopped.hwt", {stop});
        QCOMPARE(stopped.generationEnd, GenerationEnd::StopString);
        QCOMPARE(stopped.generatedText, first.generatedText.substr(0, first.generatedText.find(stop)));
        QVERIFY(stopped.generatedIds.size() < first.generatedIds.size());
        QVERIFY(verifyTrace(path("stopped.hwt"))->damage.empty());
    }

    void cancelled_keepsWhatWasFinished()
    {
        NeedlePromptSpec spec;
        spec.tokens = 3000;
        RunOptions run = options(makeNeedlePrompt(spec).value(), "cancelled.hwt");
        const auto backend = makeCpuBackend(2);
        std::stop_source stop;
        RunListener listener;
        listener.progress = [&](const Progress& progress) {
            if (progress.finishedLayer == 1)
                stop.request_stop();
        };
        const auto report = runAnalysis(*backend, m_loaded, run, listener, stop.get_token());
        QVERIFY(!report);
        QCOMPARE(report.error().code, ErrorCode::Cancelled);
        const auto trace = Trace::open(run.output);
        QVERIFY2(trace, trace ? "" : trace.error().text().c_str());
        QVERIFY(!(*trace)->isSealed());
        QCOMPARE((*trace)->heads().size(), std::size_t(12)); // ten of layer 0, two of layer 1
        QVERIFY((*trace)->findHead(1, 1) && !(*trace)->findHead(2, 0));
    }

    void estimate_refusesWithASuggestionThatWorks()
    {
        const auto backend = makeCpuBackend(1);
        RunOptions run;
        run.generate = 16;
        run.select.selection = Selection::Exact;
        constexpr std::uint32_t kTooLong = 0xF0000000; // no machine has this much
        const auto refused = estimateRun(*backend, m_loaded, kTooLong, run);
        QVERIFY(refused);
        QVERIFY(!refused->refusal.empty());
        const QString text = QString::fromStdString(refused->refusal);
        const QRegularExpressionMatch match =
            QRegularExpression("at most (\\d+) tokens with --generate 0").match(text);
        QVERIFY2(match.hasMatch(), qPrintable(text));
        // The suggested length fits into the memory that was free then, and one multiple of 256 more does
        // not.
        run.generate = 0;
        const std::uint32_t suggested = match.captured(1).toUInt();
        const std::uint64_t available = refused->memoryAvailable; // what is free changes from call to call
        const auto fits = estimateRun(*backend, m_loaded, suggested, run, available);
        const auto tooLong = estimateRun(*backend, m_loaded, suggested + 256, run, available);
        QVERIFY(fits && tooLong);
        QVERIFY(fits->memoryBytes <= available);
        QVERIFY(tooLong->memoryBytes > available);
    }

    void resolve_isARuleOfTheLengthAlone()
    {
        const auto resolved = [](std::uint32_t tokens) { return resolveSelect({}, tokens).value(); };
        QCOMPARE(int(resolved(16384).selection), int(Selection::Exact));
        QCOMPARE(int(resolved(16384).propagation), int(Propagation::Observed));
        QCOMPARE(resolved(16384).keepPeak, 0.1f);
        QCOMPARE(int(resolved(16385).selection), int(Selection::Tree));
        QCOMPARE(int(resolved(16385).propagation), int(Propagation::Propagated));
        QCOMPARE(resolved(16385).keepPeak, 0.0f);
        QCOMPARE(resolved(4096).blockQ, 8u);
        QCOMPARE(resolved(4097).blockQ, 16u);
        QCOMPARE(resolved(32769).blockQ, 64u);
        QCOMPARE(resolved(32769).blockK, 32u);
    }

    void resolve_extrasNeedWholeRows_data()
    {
        QTest::addColumn<int>("selection");
        QTest::addColumn<int>("propagation");
        QTest::addColumn<bool>("allowed");
        for (const Selection selection : {Selection::Exact, Selection::Tree, Selection::Stream}) {
            for (const Propagation propagation : {Propagation::Observed, Propagation::Propagated})
                QTest::addRow("%s %s", nameOf(selection), nameOf(propagation))
                    << int(selection) << int(propagation)
                    << (selection == Selection::Exact || propagation == Propagation::Observed);
        }
    }

    void resolve_extrasNeedWholeRows()
    {
        QFETCH(int, selection);
        QFETCH(int, propagation);
        QFETCH(bool, allowed);
        SelectParams params;
        params.selection = static_cast<Selection>(selection);
        params.propagation = static_cast<Propagation>(propagation);
        params.keepPeak = 0.2f;
        const auto resolved = resolveSelect(params, 5000);
        QCOMPARE(resolved.has_value(), allowed);
        if (!allowed) {
            QCOMPARE(resolved.error().code, ErrorCode::InvalidArgument);
            QCOMPARE(resolved.error().context, std::string("--keep-peak"));
        }
        params.keepPeak = 0;
        QVERIFY(resolveSelect(params, 5000));
    }

    void sentences_splitAndJoin()
    {
        const std::string text =
            "One sentence here. Two! Is this the third one? Yes.\n\nA paragraph without an end";
        const std::vector<std::uint32_t> offsets = sentenceOffsets(text);
        std::vector<std::string> sentences;
        for (std::size_t i = 0; i + 1 < offsets.size(); ++i)
            sentences.push_back(text.substr(offsets[i], offsets[i + 1] - offsets[i]));
        QCOMPARE(sentences,
                 (std::vector<std::string>{"One sentence here. ", "Two! Is this the third one? ",
                                           "Yes.\n\nA paragraph without an end"}));
        QCOMPARE(sentenceOffsets(""), (std::vector<std::uint32_t>{0}));
    }
};

QTEST_APPLESS_MAIN(TstRun)
#include "tst_run.moc"
