// SPDX-License-Identifier: Apache-2.0
// What a run needs is said before it is taken, is the same whoever asks, and what is suggested works.
#include "core/backend/cpu/cpu_backend.h"
#include "core/backend/cpu/cpu_plan.h"
#include "core/backend/cpu/cpu_speed.h"
#include "core/engine/analysis_run.h"
#include "core/engine/answer_estimate.h"
#include "core/engine/forward_estimate.h"
#include "core/engine/job_work.h"
#include "core/model/builtin/needle_prompt.h"
#include "core/options/option_command.h"

#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

using namespace headwater;

namespace {

/// A backend whose plan is as large as asked, and which tells whether weights were taken. It computes
/// nothing.
class PlannedBackend final : public Backend {
public:
    explicit PlannedBackend(std::uint64_t weightBytes)
        : m_weightBytes(weightBytes)
    {
    }
    bool uploaded = false;

    std::string name() const override { return "planned"; }
    std::string description() const override { return name(); }
    Plan plan(const Model&, const PlanRequest&) const override
    {
        Plan plan;
        plan.chunkRows = 256;
        plan.weightBytes = m_weightBytes;
        return plan;
    }
    double seconds(const Model&, const DeviceWork&) const override { return 0; }
    Result<void> uploadWeights(std::shared_ptr<const Model>, WeightForm, std::stop_token) override
    {
        uploaded = true;
        return {};
    }
    Result<DeviceTensor> allocate(std::size_t, std::size_t, ElementType) override { return no(); }
    Result<DeviceTensor> allocateIn(ScratchFile&, std::size_t, std::size_t, ElementType) override
    {
        return no();
    }
    Result<void> embed(std::span<const std::int32_t>, RowRange, DeviceTensor&) override { return no(); }
    Result<void> projectKeysValues(int, const DeviceTensor&, RowRange, DeviceTensor&, DeviceTensor&,
                                   std::stop_token) override
    {
        return no();
    }
    Result<void> projectQueries(int, const DeviceTensor&, RowRange, HeadRange, DeviceTensor&,
                                std::stop_token) override
    {
        return no();
    }
    Result<void> rowProbabilities(const RowsRequest&, const DeviceTensor&, const DeviceTensor&,
                                  std::span<float>, std::span<float>, std::stop_token) override
    {
        return no();
    }
    Result<std::shared_ptr<KeyIndex>> indexKeys(int, const DeviceTensor&, std::uint32_t, const SelectParams&,
                                                std::stop_token) override
    {
        return no();
    }
    Result<std::shared_ptr<KeyIndex>> extendIndex(const KeyIndex&, int, const DeviceTensor&,
                                                  std::uint32_t) override
    {
        return no();
    }
    Result<void> attend(const AttentionRequest&, const DeviceTensor&, const DeviceTensor&,
                        const DeviceTensor&, const KeyIndex*, DeviceTensor&, std::span<HeadObservation>,
                        std::stop_token) override
    {
        return no();
    }
    Result<void> probe(int, const DeviceTensor&, std::span<HeadObservation>, std::stop_token) override
    {
        return no();
    }
    Result<void> projectOutput(int, const DeviceTensor&, RowRange, DeviceTensor&, std::stop_token) override
    {
        return no();
    }
    Result<void> feedForward(int, RowRange, DeviceTensor&, std::stop_token) override { return no(); }
    Result<void> endLayer(int, std::span<const std::int32_t>, RowRange, DeviceTensor&,
                          std::stop_token) override
    {
        return no();
    }
    void releaseWeights(int) override { }
    Result<void> logits(const DeviceTensor&, std::uint32_t, RowMode, std::span<const std::uint32_t>,
                        std::span<float>) override
    {
        return no();
    }
    Result<void> predict(const DeviceTensor&, RowRange, std::span<const std::int32_t>,
                         std::span<RowPrediction>, std::stop_token) override
    {
        return no();
    }
    Result<void> copyRows(const DeviceTensor&, std::size_t, std::size_t, DeviceTensor&, std::size_t) override
    {
        return no();
    }
    Result<void> download(const DeviceTensor&, std::size_t, std::size_t, std::span<float>) override
    {
        return no();
    }

private:
    static Error no() { return {ErrorCode::Internal, "computes nothing", "planned"}; }
    std::uint64_t m_weightBytes;
};

constexpr std::uint64_t kPlenty = std::uint64_t{1} << 50;

/// Weights of one of those layers, and of all.
constexpr double kLayerWeights = 2 * 576 * 576 + 2 * 192 * 576 + 3 * 1536 * 576;
constexpr double kAllWeights = 30 * kLayerWeights;

double of(const ByWeightType& amounts, WeightType type)
{
    return amounts[static_cast<std::size_t>(type)];
}

/// The shapes of SmolLM2's layers, sizes alone, with a vocabulary; everything else is as in `other`.
LoadedModel smolLmShaped(const LoadedModel& other, std::uint32_t vocabulary)
{
    constexpr std::uint32_t kHidden = 576;
    constexpr std::uint32_t kFfn = 1536;
    Model model = *other.model;
    LayerConfig layer;
    layer.numHeads = 9;
    layer.numKvHeads = 3;
    layer.headDim = 64;
    layer.ffnSize = kFfn;
    model.config.hiddenSize = kHidden;
    model.config.vocabSize = static_cast<int>(vocabulary);
    model.config.layers.assign(30, layer);
    LayerWeights weights;
    const auto q4 = [](std::uint32_t rows, std::uint32_t cols) {
        return WeightMatrix{WeightType::Q4_1, rows, cols, {}};
    };
    weights.query.matrix = weights.output.matrix = q4(kHidden, kHidden);
    weights.key.matrix = weights.value.matrix = q4(192, kHidden);
    weights.gate.matrix = weights.up.matrix = weights.down.matrix = q4(kFfn, kHidden);
    model.weights.layers.assign(30, weights);
    model.weights.embedding = {WeightType::Q8_0, vocabulary, kHidden, {}};
    model.weights.unembedding = model.weights.embedding;
    LoadedModel loaded = other;
    loaded.model = std::make_shared<Model>(std::move(model));
    return loaded;
}

} // namespace

class TstEstimate : public QObject {
    Q_OBJECT

private:
    LoadedModel m_loaded;
    QTemporaryDir m_folder;

private slots:
    void initTestCase()
    {
        const auto loaded = loadModelAndTokenizer("builtin:needle");
        QVERIFY(loaded);
        m_loaded = *loaded;
    }

    /// A model that does not fit is refused before its weights are made ready: with overcommit the kernel
    /// would kill the process while they are.
    void run_refusesBeforeItTakesWeights()
    {
        RunOptions run;
        run.prompt = "some words";
        run.output = m_folder.filePath("none.hwt").toStdString();
        PlannedBackend large(std::uint64_t{1} << 60);
        const auto refused = runAnalysis(large, m_loaded, run, {}, {});
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, ErrorCode::OutOfMemory);
        QVERIFY2(refused.error().message.find("try a smaller model") != std::string::npos,
                 refused.error().text().c_str());
        QVERIFY(!large.uploaded);
        QVERIFY(!std::filesystem::exists(run.output));
        // With --force, and where it fits, they are taken.
        run.force = true;
        QCOMPARE(runAnalysis(large, m_loaded, run, {}, {}).error().code, ErrorCode::Internal);
        QVERIFY(large.uploaded);
        run.force = false;
        PlannedBackend small(1);
        QCOMPARE(runAnalysis(small, m_loaded, run, {}, {}).error().code, ErrorCode::Internal);
        QVERIFY(small.uploaded);
    }

    void run_stoppedBeforeItsFirstLayer_leavesAnOlderTrace()
    {
        const auto backend = makeCpuBackend(2);
        RunOptions run;
        run.prompt = "some words";
        run.output = m_folder.filePath("older.hwt").toStdString();
        QVERIFY(runAnalysis(*backend, m_loaded, run, {}, {}));
        const auto size = std::filesystem::file_size(run.output);
        std::stop_source stop;
        stop.request_stop();
        const auto stopped = runAnalysis(*backend, m_loaded, run, {}, stop.get_token());
        QVERIFY(!stopped);
        QCOMPARE(stopped.error().code, ErrorCode::Cancelled);
        QCOMPARE(std::filesystem::file_size(run.output), size);
    }

    /// The weights that an earlier run left with the backend are not asked for once more.
    void residentWeights_areNotCountedTwice()
    {
        const auto backend = makeCpuBackend(2);
        const Model& model = *m_loaded.model;
        std::uint64_t parameters = 0;
        for (const LayerWeights& layer : model.weights.layers)
            for (const WeightMatrix* matrix : layer.matrices())
                parameters += matrix->elements();
        QVERIFY(parameters > 0);
        RunOptions run;
        const auto before = estimateRun(*backend, m_loaded, 5000, run, kPlenty);
        QCOMPARE(backend->plan(model, {}).residentBytes, std::uint64_t(0));
        QVERIFY(backend->uploadWeights(m_loaded.model));
        QCOMPARE(backend->plan(model, {}).residentBytes, 4 * parameters);
        // As much less is free then, and the verdict the same.
        const auto after = estimateRun(*backend, m_loaded, 5000, run, kPlenty - 4 * parameters);
        QVERIFY(before && after);
        QCOMPARE(after->memoryBytes, before->memoryBytes);
        QCOMPARE(after->memoryAvailable, before->memoryAvailable);
        const auto forward = estimateForward(*backend, model, {5000, 16}, false, kPlenty - 4 * parameters);
        QVERIFY(forward);
        QCOMPARE(forward->memoryFree, kPlenty);
        // So two runs on one backend say the same.
        NeedlePromptSpec spec;
        spec.tokens = 700;
        run.prompt = makeNeedlePrompt(spec).value().text;
        const auto first = runAnalysis(*backend, m_loaded, run, {}, {});
        const auto second = runAnalysis(*backend, m_loaded, run, {}, {});
        QVERIFY(first && second);
        QCOMPARE(second->estimatedBytes, first->estimatedBytes);
    }

    /// Before a run is refused its chunks shrink to 256 rows.
    void chunks_shrinkBeforeARunIsRefused()
    {
        const CpuPlanner planner(2);
        constexpr std::uint32_t kTokens = 100'000;
        RunOptions run;
        const auto roomy = estimateRun(planner, m_loaded, kTokens, run, kPlenty).value();
        QCOMPARE(roomy.chunkRows, 2048u);
        run.chunkRows = 256;
        const auto least = estimateRun(planner, m_loaded, kTokens, run, kPlenty).value();
        QVERIFY(least.memoryBytes < roomy.memoryBytes);
        run.chunkRows = 0;
        std::uint32_t before = 256;
        for (std::uint64_t free : {least.memoryBytes, (least.memoryBytes + roomy.memoryBytes) / 2,
                                   roomy.memoryBytes - 1, roomy.memoryBytes}) {
            const auto estimate = estimateRun(planner, m_loaded, kTokens, run, free).value();
            QVERIFY(estimate.refusal.empty());
            QVERIFY(estimate.memoryBytes <= free);
            QVERIFY(estimate.chunkRows >= before && estimate.chunkRows % 256 == 0);
            before = estimate.chunkRows;
        }
        QCOMPARE(before, 2048u);
        const auto refused = estimateRun(planner, m_loaded, kTokens, run, least.memoryBytes - 1).value();
        QVERIFY(refused.generate == 0 || !refused.refusal.empty());
    }

    /// The behaviour check keeps a cache of its own, also where nothing is generated.
    void check_countsItsCache()
    {
        const CpuPlanner planner(2);
        RunOptions run;
        run.generate = 0;
        const auto plain = estimateRun(planner, m_loaded, 50'000, run, kPlenty).value();
        run.check = true;
        const auto checked = estimateRun(planner, m_loaded, 50'000, run, kPlenty).value();
        QVERIFY(checked.memoryBytes > plain.memoryBytes);
    }

    void generating_costsItsCacheAndLittleMore_data()
    {
        QTest::addColumn<quint32>("tokens");
        QTest::addColumn<double>("gib");
        QTest::newRow("32 833 tokens") << 32'833u << 1.6;
        QTest::newRow("133 797 tokens") << 133'797u << 4.2;
    }

    /// SmolLM2's shapes: a run that generates asks for the cache, and a tenth, beyond one that does not.
    void generating_costsItsCacheAndLittleMore()
    {
        QFETCH(const quint32, tokens);
        QFETCH(const double, gib);
        constexpr std::uint64_t kCachedBytes = 30 * 2 * 192 * 2; // a token
        const LoadedModel loaded = smolLmShaped(m_loaded, 49'152);
        RunOptions run;
        run.select.selection = Selection::Tree;
        const auto bytes = [&](std::uint32_t generate) {
            run.generate = generate;
            return estimateRun(CpuPlanner(2), loaded, tokens, run, kPlenty).value().memoryBytes;
        };
        const std::uint64_t cache = tokens * kCachedBytes;
        qInfo("%.3f GiB, %.3f without generating", double(bytes(4)) / (1 << 30),
              double(bytes(0)) / (1 << 30));
        QVERIFY(bytes(4) <= bytes(0) + cache + cache / 10);
        QVERIFY(bytes(4) >= bytes(0) / 2 + cache);
        QVERIFY2(double(bytes(4)) <= gib * (1 << 30),
                 qPrintable(QString::number(double(bytes(4)) / (1 << 30))));
    }

    void forward_suggestsWhatFits_data()
    {
        QTest::addColumn<quint32>("tokens");
        QTest::addColumn<quint32>("newTokens");
        QTest::addColumn<quint32>("rows");
        QTest::addColumn<int>("freeMiB");
        QTest::addColumn<QString>("says");
        const quint32 kLong = 4'000'000;
        QTest::newRow("generate, long prompt")
            << kLong << 64u << 1u << 400 << "a prompt of at most (\\d+) tokens with -n 1$";
        QTest::newRow("generate one, long prompt")
            << kLong << 1u << 1u << 400 << "a prompt of at most (\\d+) tokens$";
        QTest::newRow("generate very much")
            << 1000u << kLong << 1u << 400 << "generate at most (\\d+) tokens \\(-n \\1\\)$";
        QTest::newRow("logits, long prompt")
            << kLong << 0u << 1u << 400 << "a prompt of at most (\\d+) tokens$";
        QTest::newRow("logits of many rows")
            << 100'000u << 0u << 100'000u << 400 << "at most (\\d+) rows \\(--rows last:\\1\\)$";
        QTest::newRow("logits of many rows of a long prompt")
            << kLong << 0u << 100'000u << 400 << "a prompt of at most (\\d+) tokens with --rows last:1$";
        QTest::newRow("nothing fits") << 1000u << 8u << 1u << 1 << "try a smaller model$";
    }

    void forward_suggestsWhatFits()
    {
        QFETCH(quint32, tokens);
        QFETCH(quint32, newTokens);
        QFETCH(quint32, rows);
        QFETCH(int, freeMiB);
        QFETCH(QString, says);
        const CpuPlanner planner(2);
        const Model& model = *m_loaded.model;
        const std::uint64_t free = std::uint64_t(freeMiB) << 20;
        ForwardDemand demand{tokens, newTokens, rows, 20 * 640, 64};
        const auto refused = estimateForward(planner, model, demand, false, free);
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, ErrorCode::OutOfMemory);
        const QString text = QString::fromStdString(refused.error().message);
        QVERIFY2(QRegularExpression("^needs .*iB, " + QString::number(freeMiB) + "(\\.0)? MiB free; .*try ")
                     .match(text)
                     .hasMatch(),
                 qPrintable(text));
        const QRegularExpressionMatch match = QRegularExpression(says).match(text);
        QVERIFY2(match.hasMatch(), qPrintable(text));
        QVERIFY(estimateForward(planner, model, demand, true, free)); // --force
        if (match.lastCapturedIndex() == 0)
            return;
        // What is suggested fits, and a tile of tokens, or a token or a row, more does not.
        const quint32 suggested = match.captured(1).toUInt();
        QVERIFY(suggested > 0);
        quint32 more = 1;
        quint32* changed = newTokens > 0 ? &demand.newTokens : &demand.rows;
        if (text.contains("prompt")) {
            *changed = 1;
            changed = &demand.tokens;
            more = 256;
        }
        *changed = suggested;
        QVERIFY(estimateForward(planner, model, demand, false, free));
        *changed = suggested + more;
        QVERIFY(!estimateForward(planner, model, demand, false, free));
    }

    void predictions_areMadeWhereTheyAreCheap_data()
    {
        QTest::addColumn<int>("vocabulary");
        QTest::addColumn<quint32>("tokens");
        QTest::addColumn<int>("choice");
        QTest::addColumn<bool>("made");
        const int automatic = int(PredictionChoice::Auto);
        // SmolLM2: at every length.
        for (const quint32 tokens : {100u, 2000u, 8192u, 16384u, 16385u, 32768u, 131072u})
            QTest::addRow("small vocabulary, %u tokens", tokens) << 49152 << tokens << automatic << true;
        for (const quint32 tokens : {8192u, 131072u})
            QTest::addRow("large vocabulary, %u tokens", tokens) << 262144 << tokens << automatic << false;
        QTest::newRow("large vocabulary, a second") << 262144 << 400u << automatic << true;
        QTest::newRow("on") << 262144 << 8192u << int(PredictionChoice::On) << true;
        QTest::newRow("off") << 49152 << 8192u << int(PredictionChoice::Off) << false;
    }

    void predictions_areMadeWhereTheyAreCheap()
    {
        QFETCH(int, vocabulary);
        QFETCH(quint32, tokens);
        QFETCH(int, choice);
        QFETCH(bool, made);
        const LoadedModel loaded = smolLmShaped(m_loaded, static_cast<std::uint32_t>(vocabulary));
        const auto estimate = [&](PredictionChoice asked) {
            RunOptions run;
            run.predictions = asked;
            return estimateRun(CpuPlanner(2), loaded, tokens, run, std::uint64_t(1) << 40).value();
        };
        const auto isOfPredictions = [](const std::string& note) {
            return note.find("--predictions on") != std::string::npos;
        };
        const RunEstimate asked = estimate(static_cast<PredictionChoice>(choice));
        QCOMPARE(asked.predictions, made);
        // Only what nobody decided is said.
        QCOMPARE(std::ranges::any_of(asked.notes, isOfPredictions),
                 !made && choice == int(PredictionChoice::Auto));
        const RunEstimate with = estimate(PredictionChoice::On);
        const RunEstimate without = estimate(PredictionChoice::Off);
        QVERIFY(with.memoryBytes >= without.memoryBytes + std::uint64_t(tokens) * 44);
        QCOMPARE(with.traceBytes - without.traceBytes, std::uint64_t(tokens + with.generate) * 32);
        QCOMPARE(asked.memoryBytes, made ? with.memoryBytes : without.memoryBytes);
    }

    /// Whose limit it is stands in the refusal, and what could not be read in the notes.
    void limits_areNamed()
    {
        AvailableMemory memory(1 << 20);
        memory.limit = "/sys/fs/cgroup/job/memory.max is 2.0 MiB";
        memory.unread = {"/sys/fs/cgroup/memory.max"};
        const RunOptions run;
        const auto refused = estimateRun(CpuPlanner(1), m_loaded, 5000, run, memory).value();
        QVERIFY2(refused.refusal.find("1.0 MiB free (/sys/fs/cgroup/job/memory.max is 2.0 MiB); ")
                     != std::string::npos,
                 refused.refusal.c_str());
        QVERIFY(!refused.notes.empty());
        QVERIFY2(refused.notes[0].starts_with("/sys/fs/cgroup/memory.max cannot be read"),
                 refused.notes[0].c_str());
        const auto forced = estimateForward(CpuPlanner(1), *m_loaded.model, {5000, 16}, true, memory);
        QVERIFY(forced);
        QCOMPARE(forced->notes.size(), std::size_t(1));
        QVERIFY(forced->notes[0].starts_with("/sys/fs/cgroup/memory.max cannot be read"));
        const auto forward = estimateForward(CpuPlanner(1), *m_loaded.model, {5000, 16}, false, memory);
        QVERIFY(!forward);
        QVERIFY2(forward.error().message.find("(/sys/fs/cgroup/job/memory.max is 2.0 MiB); ")
                     != std::string::npos,
                 forward.error().message.c_str());
    }

    /// A dense forward multiplies every weight with every row, and every query with the keys before it twice.
    void work_ofAForward_isCounted()
    {
        const LoadedModel loaded = smolLmShaped(m_loaded, 49'152);
        const Model& model = *loaded.model;
        const DeviceWork all = denseWork(model, {0, 1000}, WeightForm::Float32, false);
        QCOMPARE(all.projections, 1000 * kAllWeights);
        QCOMPARE(all.denseAttention, 1000. * 500 * 2 * 9 * 64 * 30);
        QCOMPARE(all.attention, 0.0);
        QCOMPARE(all.widened, ByWeightType{});
        // Rows at the end see more keys.
        const DeviceWork tail = denseWork(model, {768, 1000}, WeightForm::Float32, false);
        QCOMPARE(tail.projections, 232 * kAllWeights);
        QCOMPARE(tail.denseAttention, 232. * 884 * 2 * 9 * 64 * 30);
        // Weights as stored are widened once a tile of 256 rows, floats by the layer once.
        const auto widened = [&](RowSpan rows, WeightForm form, bool byLayer) {
            return of(denseWork(model, rows, form, byLayer).widened, WeightType::Q4_1) / kAllWeights;
        };
        QCOMPARE(widened({0, 1000}, WeightForm::Stored, false), 4.0);
        QCOMPARE(widened({0, 1024}, WeightForm::Stored, false), 4.0);
        QCOMPARE(widened({0, 1025}, WeightForm::Stored, true), 5.0);
        QCOMPARE(widened({768, 1030}, WeightForm::Stored, false), 2.0);
        QCOMPARE(widened({0, 1025}, WeightForm::Float32, true), 1.0);
        const DeviceWork logits = logitsWork(model, 7, 3);
        QCOMPARE(logits.unembedding, 7. * 576 * 49'152);
        QCOMPARE(of(logits.widened, WeightType::Q8_0), 2 * 3. * 576 * 49'152);
    }

    /// A decoded token reads every weight as it is stored, and the keys and values up to its own.
    void work_ofDecoding_isCounted()
    {
        const LoadedModel loaded = smolLmShaped(m_loaded, 49'152);
        const DeviceWork three = decodingWork(*loaded.model, 1000, 3);
        QCOMPARE(of(three.decoded, WeightType::Q4_1), 3 * kAllWeights / 32 * 20);
        QCOMPARE(of(three.decoded, WeightType::Q8_0), 3. * 576 * 49'152 / 32 * 34);
        QCOMPARE(three.cached, 30. * 192 * 4 * (1001 + 1002 + 1003));
        QCOMPARE(three.projections, 0.0);
        Model windowed = *loaded.model;
        windowed.config.layers[0].kind = HeadKind::Sliding;
        windowed.config.layers[0].window = 512;
        QCOMPARE(decodingWork(windowed, 1000, 3).cached, three.cached - 192. * 4 * (3006 - 3 * 512));
        QCOMPARE(decodingWork(windowed, 100, 3).cached, decodingWork(*loaded.model, 100, 3).cached);
    }

    /// The whole job: what is generated, the rows that are forwarded again for it, and the check.
    void run_speaksOfTheWholeJob()
    {
        const LoadedModel loaded = smolLmShaped(m_loaded, 49'152);
        RunOptions run;
        run.predictions = PredictionChoice::Off;
        const auto workOf = [&] {
            return estimateRun(CpuPlanner(2), loaded, 1000, run, kPlenty).value().work;
        };
        run.generate = 0;
        QCOMPARE(workOf().generation.decoded, ByWeightType{});
        QCOMPARE(workOf().generation.projections, 0.0);
        QCOMPARE(workOf().rewriting, 0.0);
        QVERIFY(workOf().writing > 0);
        QCOMPARE(workOf().check.projections, 0.0);
        run.generate = 16;
        const RunWork whole = workOf();
        QCOMPARE(of(whole.generation.decoded, WeightType::Q4_1), 15 * kAllWeights / 32 * 20);
        const RunEstimate estimate = estimateRun(CpuPlanner(2), loaded, 1000, run, kPlenty).value();
        QCOMPARE(whole.prompt.projections, 1000 * kAllWeights);
        QCOMPARE(whole.prompt.attention,
                 attentionOperations(loaded.model->config, estimate.select, {0, 1000}));
        QCOMPARE(whole.generation.projections, (1016 - 768) * kAllWeights);
        QCOMPARE(whole.generation.attention,
                 attentionOperations(loaded.model->config, estimate.select, {768, 1016}));
        QCOMPARE(of(whole.generation.widened, WeightType::Q8_0), 2 * 17. * 576 * 49'152);
        QVERIFY(whole.rewriting > 0);
        run.predictions = PredictionChoice::On; // for which the last one is decoded too
        QCOMPARE(of(workOf().generation.decoded, WeightType::Q4_1), 16 * kAllWeights / 32 * 20);
        QCOMPARE(workOf().prompt.unembedding, 1001. * 576 * 49'152);
        run.check = true;
        QCOMPARE(workOf().check.projections, 2 * 1000 * kAllWeights);
        QCOMPARE(workOf().check.denseAttention, 1000. * 500 * 2 * 9 * 64 * 30);
        QCOMPARE(of(workOf().check.decoded, WeightType::Q4_1), 2 * 16 * kAllWeights / 32 * 20);
    }

    /// Of an answer too, also where its weights stay as stored.
    void answer_speaksOfTheWholeJob()
    {
        const LoadedModel loaded = smolLmShaped(m_loaded, 49'152);
        const CpuPlanner planner(2);
        const AnswerEstimate roomy = estimateAnswer(planner, loaded, 1000, 64, kPlenty).value();
        QCOMPARE(roomy.weights, WeightForm::Float32);
        QCOMPARE(of(roomy.prompt.widened, WeightType::Q4_1), 0.0);
        QCOMPARE(of(roomy.generation.decoded, WeightType::Q4_1), 63 * kAllWeights / 32 * 20);
        QCOMPARE(of(estimateAnswer(planner, loaded, 1000, 1, kPlenty).value().generation.decoded,
                    WeightType::Q4_1),
                 0.0);
        const std::uint64_t free = std::uint64_t{400} << 20;
        const AnswerEstimate tight = estimateAnswer(planner, loaded, 1000, 64, free).value();
        QCOMPARE(tight.weights, WeightForm::Stored);
        QCOMPARE(of(tight.prompt.widened, WeightType::Q4_1), 4 * kAllWeights);
        QVERIFY(tight.refusal.empty());
        QVERIFY(estimateAnswer(planner, loaded, 1'000'000, 64, free).value().refusal.starts_with("needs "));
        const auto tooLong = estimateAnswer(planner, loaded, 4'000'000'000u, 64, free);
        QVERIFY(!tooLong);
        QCOMPARE(tooLong.error().code, ErrorCode::InvalidArgument);
    }

    /// Each kind of work adds its own time, and what nobody asks for is not measured.
    void seconds_addUp()
    {
        CpuSpeed speed{.multiplyAdds = 10, .widened = {}, .decoded = {}, .cached = 4};
        speed.widened[1] = 2;
        speed.decoded[1] = speed.decoded[2] = 8;
        DeviceWork work;
        QCOMPARE(secondsOf(work, speed), 0.0);
        double before = 0;
        const auto grows = [&](double& part) {
            part = 16;
            const double seconds = secondsOf(work, speed);
            part = 32;
            const bool does =
                seconds > before && qFuzzyCompare(secondsOf(work, speed) - seconds, seconds - before);
            before = secondsOf(work, speed);
            return does;
        };
        QVERIFY(grows(work.projections));
        QVERIFY(grows(work.attention));
        QVERIFY(grows(work.denseAttention));
        QVERIFY(grows(work.unembedding));
        QVERIFY(grows(work.widened[1]));
        QVERIFY(grows(work.decoded[1]));
        QVERIFY(grows(work.decoded[2]));
        QVERIFY(grows(work.cached));
        const LoadedModel loaded = smolLmShaped(m_loaded, 49'152);
        DeviceWork forward = denseWork(*loaded.model, {0, 10}, WeightForm::Stored, false);
        const CpuSpeed ofForward = measureCpuSpeed(*loaded.model, forward, 2);
        QVERIFY(ofForward.multiplyAdds > 0);
        QVERIFY(of(ofForward.widened, WeightType::Q4_1) > 0);
        QCOMPARE(of(ofForward.widened, WeightType::F16), 0.0);
        QCOMPARE(ofForward.cached, 0.0);
        const CpuSpeed ofTokens = measureCpuSpeed(*loaded.model, decodingWork(*loaded.model, 10, 2), 2);
        QVERIFY(of(ofTokens.decoded, WeightType::Q4_1) > 0);
        QVERIFY(of(ofTokens.decoded, WeightType::Q8_0) > 0);
        QCOMPARE(of(ofTokens.decoded, WeightType::F16), 0.0);
        QVERIFY(ofTokens.cached > 0);
        QCOMPARE(ofTokens.multiplyAdds, 0.0);
        QVERIFY(CpuPlanner(2).seconds(*loaded.model, decodingWork(*loaded.model, 10, 2)) > 0);
    }

    void commandLine_repeatsAForcedRun()
    {
        RunOptions run;
        run.model = "builtin:needle";
        run.prompt = "a";
        run.output = "a.hwt";
        QVERIFY(commandLineOf(RunVerb, run).find("--force") == std::string::npos);
        run.force = true;
        QVERIFY(commandLineOf(RunVerb, run).ends_with(" --force"));
    }
};

QTEST_APPLESS_MAIN(TstEstimate)
#include "tst_estimate.moc"
