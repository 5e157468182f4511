// SPDX-License-Identifier: Apache-2.0
// What the plan says of a model's weights is what the backend then holds, whatever their stored types, and
// what it says of a run is enough for it.
#include "support/counted_heap.h"

#include "core/backend/cpu/cpu_backend.h"
#include "core/backend/cpu/cpu_plan.h"
#include "core/forward/forward_pass.h"
#include "core/model/dequantize.h"

#include <QTest>
#include <list>

using namespace headwater;

namespace {

constexpr std::uint32_t kHidden = 256;
constexpr std::uint32_t kVocab = 8192;
constexpr int kLayers = 3;
constexpr std::size_t kThreads = 2;
/// The heap that is counted does not show it.
constexpr std::uint64_t kSlackBytes = kThreads * kThreadSlackBytes;

/// A model whose weights are all zero: their bytes are what matters. Layers are stored as Q8_0.
std::shared_ptr<const Model> zeroModel(WeightType type, bool isTied)
{
    auto model = std::make_shared<Model>();
    auto storage = std::make_shared<std::list<std::vector<std::byte>>>();
    const auto matrix = [&](std::uint32_t rows, std::uint32_t cols, WeightType stored) {
        storage->emplace_back(storedBytes(stored, std::uint64_t{rows} * cols));
        return WeightMatrix{stored, rows, cols, storage->back()};
    };
    ModelConfig& config = model->config;
    config.hiddenSize = kHidden;
    config.vocabSize = kVocab;
    Weights& weights = model->weights;
    weights.embedding = matrix(kVocab, kHidden, type);
    weights.unembedding = isTied ? weights.embedding : matrix(kVocab, kHidden, type);
    for (int i = 0; i < kLayers; ++i) {
        LayerConfig layer;
        layer.numHeads = 4;
        layer.numKvHeads = 2;
        layer.headDim = 64;
        layer.ffnSize = 512;
        layer.attentionScale = 0.125f;
        layer.rotary.frequencies.assign(32, 0.0);
        config.layers.push_back(layer);
        LayerWeights parts;
        parts.query.matrix = matrix(256, kHidden, WeightType::Q8_0);
        parts.key.matrix = matrix(128, kHidden, WeightType::Q8_0);
        parts.value.matrix = matrix(128, kHidden, WeightType::Q8_0);
        parts.output.matrix = matrix(kHidden, 256, WeightType::Q8_0);
        parts.gate.matrix = matrix(512, kHidden, WeightType::Q8_0);
        parts.up.matrix = matrix(512, kHidden, WeightType::Q8_0);
        parts.down.matrix = matrix(kHidden, 512, WeightType::Q8_0);
        weights.layers.push_back(parts);
    }
    weights.storage = storage;
    return model;
}

/// What decoding reads of the layers: a file would map it.
std::uint64_t storedLayerBytes(const Model& model)
{
    std::uint64_t bytes = 0;
    for (const LayerWeights& layer : model.weights.layers)
        for (const WeightMatrix* matrix : layer.matrices())
            bytes += matrix->data.size();
    return bytes;
}

} // namespace

class TstCpuPlan : public QObject {
    Q_OBJECT

private slots:
    void weights_areWhatTheBackendHolds_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<bool>("isTied");
        // One of each length of blocks, and of bytes an element.
        for (const WeightType type :
             {WeightType::F32, WeightType::BF16, WeightType::Q4_1, WeightType::MXFP4, WeightType::Q6_K})
            for (const bool isTied : {true, false})
                QTest::addRow("%s, %s", traitsOf(type).name, isTied ? "tied" : "untied")
                    << int(type) << isTied;
    }

    void weights_areWhatTheBackendHolds()
    {
        QFETCH(const int, type);
        QFETCH(const bool, isTied);
        const std::size_t empty = test::heapInUse;
        std::shared_ptr<const Model> model = zeroModel(static_cast<WeightType>(type), isTied);
        const std::size_t stored = test::heapInUse - empty; // of the layers too, which decoding reads

        const auto backend = makeCpuBackend(kThreads);
        PlanRequest request;
        request.promptTokens = 1500;
        request.newTokens = 3;
        request.records = false;
        const Plan plan = CpuPlanner(kThreads).plan(*model, request);
        const std::size_t before = test::heapInUse;
        QVERIFY(backend->uploadWeights(model));
        const std::uint64_t held = test::heapInUse - before + stored;
        // Names and handles are no weights: some kilobytes.
        QVERIFY2(plan.weightBytes <= held && held - plan.weightBytes < 64 << 10,
                 qPrintable(QStringLiteral("planned %1, held %2").arg(plan.weightBytes).arg(held)));

        // The run itself: what it holds at most lies within what was planned, and not far below.
        ForwardPass pass(*backend, model);
        ForwardOptions options;
        options.grid = defaultGrid(request.promptTokens);
        options.chunkRows = plan.chunkRows;
        options.newTokens = request.newTokens;
        test::heapPeak = std::size_t(test::heapInUse);
        const std::size_t ready = test::heapInUse;
        QVERIFY(pass.prefill(std::vector<std::int32_t>(request.promptTokens, 1), options, nullptr));
        for (std::uint32_t i = 0; i < request.newTokens; ++i)
            QVERIFY(pass.decode(2));
        const std::uint64_t peak = test::heapPeak - ready;
        const std::uint64_t planned =
            plan.peakBytes() - plan.weightBytes + storedLayerBytes(*model) - kSlackBytes;
        QVERIFY2(peak <= planned + (2 << 20) && peak >= planned / 2,
                 qPrintable(QStringLiteral("planned %1, held %2").arg(planned).arg(peak)));
    }

    /// A layer that borrows keys has none in the cache, and its lender's are held while the layers between
    /// are forwarded.
    void borrowedKeys_areHeldAsPlanned()
    {
        const std::shared_ptr<const Model> plain = zeroModel(WeightType::F16, true);
        const auto model = std::make_shared<Model>(*plain);
        model->config.layers[2].keysOf = 0;
        model->weights.layers[2].key = {};
        model->weights.layers[2].value = {};
        PlanRequest request;
        request.promptTokens = 20'000;
        request.newTokens = 2;
        request.records = false;
        request.grid = defaultGrid(request.promptTokens);
        const Plan plan = CpuPlanner(kThreads).plan(*model, request);
        const Plan other = CpuPlanner(kThreads).plan(*plain, request);
        QCOMPARE(plan.cacheBytes * 3, other.cacheBytes * 2);
        const std::uint64_t keysValues = std::uint64_t{8} * 128 * (request.promptTokens + request.newTokens);
        QCOMPARE(plan.activationBytes, other.activationBytes + keysValues);

        const auto backend = makeCpuBackend(kThreads);
        QVERIFY(backend->uploadWeights(model));
        ForwardPass pass(*backend, model);
        ForwardOptions options;
        options.mode = AttentionRequest::Mode::Propagated; // of stream: as good as nothing to compute
        options.select.selection = Selection::Stream;
        options.select.keepKeys = 64;
        options.probe = false;
        options.grid = request.grid;
        options.chunkRows = plan.chunkRows;
        options.newTokens = request.newTokens;
        test::heapPeak = std::size_t(test::heapInUse);
        const std::size_t ready = test::heapInUse;
        QVERIFY(pass.prefill(std::vector<std::int32_t>(request.promptTokens, 1), options, nullptr));
        QVERIFY(pass.decode(2));
        const std::uint64_t held = test::heapInUse - ready;
        QVERIFY2(held <= plan.cacheBytes + (8 << 20),
                 qPrintable(QStringLiteral("planned %1, held %2").arg(plan.cacheBytes).arg(held)));
        QVERIFY(test::heapPeak - ready >= 2 * keysValues); // both layers' were there at once
    }

    /// Of the content trees a cache keeps what cannot be made again: the plan counts no more, nor does the
    /// pass hold it.
    void keptTrees_areThePlans()
    {
        const std::shared_ptr<const Model> model = zeroModel(WeightType::F16, true);
        const auto backend = makeCpuBackend(kThreads);
        QVERIFY(backend->uploadWeights(model));
        PlanRequest request;
        request.promptTokens = 6000;
        request.newTokens = 3;
        request.select.selection = Selection::Tree;
        request.select.propagation = Propagation::Propagated;
        request.grid = defaultGrid(request.promptTokens);
        const Plan plan = CpuPlanner(kThreads).plan(*model, request);
        ForwardOptions options;
        options.mode = AttentionRequest::Mode::Propagated;
        options.select = request.select;
        options.grid = request.grid;
        options.chunkRows = plan.chunkRows;
        options.newTokens = request.newTokens;
        // A backend's scratch and rotary tables stay with it: they are there before.
        const std::vector<std::int32_t> ids(request.promptTokens, 1);
        ForwardOptions first;
        first.grid = request.grid;
        QVERIFY(ForwardPass(*backend, model).prefill(ids, first, nullptr));
        ForwardPass pass(*backend, model);
        test::heapPeak = std::size_t(test::heapInUse);
        const std::size_t ready = test::heapInUse;
        QVERIFY(pass.prefill(ids, options, nullptr));
        const std::uint64_t peak = test::heapPeak - ready;
        const std::uint64_t planned =
            plan.peakBytes() - plan.weightBytes + storedLayerBytes(*model) - kSlackBytes;
        QVERIFY2(peak <= planned && peak >= planned / 2,
                 qPrintable(QStringLiteral("planned %1, held %2").arg(planned).arg(peak)));
        // Between the steps: the cache, and the residual stream.
        const std::uint64_t held = test::heapInUse - ready;
        const std::uint64_t kept = plan.cacheBytes + std::uint64_t{request.promptTokens} * kHidden * 4;
        QVERIFY2(held <= kept + (1 << 20) && held >= kept - (1 << 20),
                 qPrintable(QStringLiteral("planned %1, held %2").arg(kept).arg(held)));
        QVERIFY(pass.decode(2));
    }

    /// A long prompt whose cache is kept is forwarded with one layer's weights at a time, and decoding reads
    /// them as stored. The plan counts on it.
    void longCachedPrompt_holdsOneLayersWeights()
    {
        const std::shared_ptr<const Model> model = zeroModel(WeightType::F16, true);
        const auto backend = makeCpuBackend(kThreads);
        QVERIFY(backend->uploadWeights(model));
        const auto resident = [&] { return backend->plan(*model, {}).residentBytes; };
        const std::uint64_t whole = resident();
        PlanRequest request;
        request.promptTokens = 16'384;
        request.select.selection = Selection::Tree;
        request.select.propagation = Propagation::Propagated;
        request.select.beam = 2;
        request.select.open = 64;
        request.grid = defaultGrid(request.promptTokens);
        ForwardOptions options;
        options.mode = AttentionRequest::Mode::Propagated;
        options.select = request.select;
        options.grid = request.grid;
        options.probe = false;
        const std::vector<std::int32_t> ids(request.promptTokens, 1);
        for (const std::uint32_t newTokens : {0u, 2u}) {
            request.newTokens = newTokens;
            const Plan plan = backend->plan(*model, request);
            options.newTokens = newTokens;
            options.chunkRows = plan.chunkRows;
            ForwardPass pass(*backend, model);
            test::heapPeak = std::size_t(test::heapInUse);
            const std::size_t besides = test::heapInUse - resident();
            QVERIFY(pass.prefill(ids, options, nullptr));
            QCOMPARE(resident(), newTokens > 0 ? 0 : whole);
            // The embedding is the model's, and there before.
            const std::uint64_t planned = plan.peakBytes() - (plan.weightBytes - whole) - kSlackBytes;
            const std::uint64_t peak = test::heapPeak - besides;
            QVERIFY2(peak <= planned && peak >= planned * 2 / 3,
                     qPrintable(QStringLiteral("planned %1, held %2").arg(planned).arg(peak)));
            QCOMPARE(plan.apartBytes >= whole / kLayers, newTokens > 0);
            if (newTokens == 0)
                continue;
            QVERIFY(pass.decode(2));
            QCOMPARE(resident(), std::uint64_t{0});
        }
    }

    /// A plan is a function of sizes: as a backend plans that has as many threads, though there is none.
    void planner_saysWhatABackendWould()
    {
        const auto model = zeroModel(WeightType::F16, false);
        for (const std::size_t threads : {std::size_t{0}, std::size_t{1}, std::size_t{3}}) {
            const auto backend = makeCpuBackend(threads);
            for (const bool records : {false, true}) {
                PlanRequest request;
                request.promptTokens = 5000;
                request.records = records;
                request.grid = defaultGrid(request.promptTokens);
                const Plan alone = CpuPlanner(threads).plan(*model, request);
                const Plan its = backend->plan(*model, request);
                QCOMPARE(alone.peakBytes(), its.peakBytes());
                QCOMPARE(alone.chunkRows, its.chunkRows);
            }
        }
    }
};

QTEST_APPLESS_MAIN(TstCpuPlan)
#include "tst_cpu_plan.moc"
