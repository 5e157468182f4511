// SPDX-License-Identifier: Apache-2.0
// Weights that stay as stored give the numbers of those that are widened once, in less memory, and a plan
// chooses them where the others do not fit.
#include "support/counted_heap.h"
#include "support/random_weights.h"

#include "core/backend/cpu/cpu_backend.h"
#include "core/backend/cpu/cpu_plan.h"
#include "core/backend/cpu/projection.h"
#include "core/base/gemm.h"
#include "core/forward/forward_pass.h"
#include "core/model/dequantize.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <list>
#include <random>

using namespace headwater;
using test::randomBlocks;
using test::randomFloats;

namespace {

constexpr std::size_t kThreads = 2;
constexpr std::uint32_t kHidden = 512;
constexpr std::uint32_t kFfn = 1280;
constexpr std::uint32_t kVocab = 300;

/// Two layers as a Q4_K_M file mixes them, wide enough for several panels, the last ones not whole.
struct MixedModel {
    MixedModel()
    {
        const auto matrix = [&](std::uint32_t rows, std::uint32_t cols, WeightType type) {
            blocks.push_back(randomBlocks(type, std::uint64_t{rows} * cols, random));
            return WeightMatrix{type, rows, cols, blocks.back()};
        };
        const auto ones = [&] {
            vectors.emplace_back(kHidden, 1.0f);
            return std::span<const float>(vectors.back());
        };
        ModelConfig& config = model->config;
        config.hiddenSize = static_cast<int>(kHidden);
        config.vocabSize = static_cast<int>(kVocab);
        config.normEpsilon = 1e-5f;
        Weights& weights = model->weights;
        weights.embedding = matrix(kVocab, kHidden, WeightType::Q8_0);
        weights.unembedding = weights.embedding;
        weights.outputNorm = ones();
        for (int i = 0; i < 2; ++i) {
            LayerConfig layer;
            layer.numHeads = 6;
            layer.numKvHeads = 2;
            layer.headDim = 64;
            layer.ffnSize = static_cast<int>(kFfn);
            layer.attentionScale = 0.125f;
            layer.rotary.frequencies.assign(32, 0.01);
            config.layers.push_back(layer);
            LayerWeights parts;
            parts.attentionNorm = ones();
            parts.ffnNorm = ones();
            parts.query.matrix = matrix(384, kHidden, WeightType::Q4_K);
            parts.key.matrix = matrix(128, kHidden, WeightType::Q5_K);
            parts.value.matrix = matrix(128, kHidden, WeightType::Q6_K);
            parts.output.matrix = matrix(kHidden, 384, WeightType::Q4_1);
            parts.gate.matrix = matrix(kFfn, kHidden, WeightType::Q4_K);
            parts.up.matrix = matrix(kFfn, kHidden, WeightType::IQ4_XS);
            parts.down.matrix = matrix(kHidden, kFfn, WeightType::Q6_K);
            vectors.push_back(randomFloats(384, random));
            parts.query.bias = vectors.back();
            weights.layers.push_back(parts);
        }
    }

    std::mt19937 random{5};
    std::list<std::vector<std::byte>> blocks;
    std::list<std::vector<float>> vectors;
    std::shared_ptr<Model> model = std::make_shared<Model>();
};

PlanRequest requestOf(std::uint32_t tokens)
{
    PlanRequest request;
    request.promptTokens = tokens;
    request.newTokens = 2;
    request.records = false;
    request.grid = defaultGrid(tokens);
    return request;
}

} // namespace

class TstStoredWeights : public QObject {
    Q_OBJECT

private:
    MixedModel m_mixed;

private slots:
    void product_isThatOfTheFloats_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<int>("outputs");
        QTest::addColumn<int>("inputs");
        QTest::newRow("one panel") << int(WeightType::Q4_0) << 100 << 256;
        QTest::newRow("two panels' rest") << int(WeightType::Q8_0) << 255 << 576;
        QTest::newRow("256 outputs") << int(WeightType::Q5_K) << 256 << 1536;
        QTest::newRow("a short rest") << int(WeightType::Q4_K) << 3 * 128 + 1 << 2048;
        QTest::newRow("many panels") << int(WeightType::Q4_K) << 2048 << 2048;
        QTest::newRow("long rows") << int(WeightType::Q6_K) << 896 << 4864;
        QTest::newRow("float32") << int(WeightType::F32) << 300 << 512;
    }

    void product_isThatOfTheFloats()
    {
        QFETCH(const int, type);
        QFETCH(const int, outputs);
        QFETCH(const int, inputs);
        std::mt19937 random(9);
        const auto out = static_cast<std::uint32_t>(outputs);
        const auto in = static_cast<std::uint32_t>(inputs);
        const auto stored = static_cast<WeightType>(type);
        const std::vector<float> values = randomFloats(std::size_t(out) * in, random);
        const std::vector<std::byte> blocks = stored == WeightType::F32
            ? std::vector<std::byte>(std::as_bytes(std::span(values)).begin(),
                                     std::as_bytes(std::span(values)).end())
            : randomBlocks(stored, std::uint64_t{out} * in, random);
        const std::vector<float> bias = randomFloats(out, random);
        Projection asStored{{stored, out, in, blocks}, nullptr, bias};
        std::vector<float> floats(std::size_t(out) * in);
        dequantizeRows(asStored.stored, 0, out, floats.data());
        Projection widened = asStored;
        widened.floats = floats.data();
        Scratch scratch;
        for (const std::size_t rows : {std::size_t{1}, std::size_t{3}, std::size_t{37}, std::size_t{256}}) {
            const std::vector<float> x = randomFloats(rows * in, random);
            const std::vector<float> before = randomFloats(rows * out, random);
            for (const bool accumulate : {false, true}) {
                std::vector<float> expected = before;
                std::vector<float> found = before;
                project(widened, rows, x.data(), expected.data(), scratch, accumulate);
                project(asStored, rows, x.data(), found.data(), scratch, accumulate);
                QVERIFY2(std::memcmp(found.data(), expected.data(), found.size() * sizeof(float)) == 0,
                         std::to_string(rows).c_str());
            }
            // Outputs [64, out − 20) alone.
            const std::size_t count = out - 84;
            std::vector<float> expected(rows * count);
            std::vector<float> found(rows * count, 1);
            project(widened.part(64, count), rows, x.data(), expected.data(), scratch);
            project(asStored.part(64, count), rows, x.data(), found.data(), scratch);
            QVERIFY(std::memcmp(found.data(), expected.data(), found.size() * sizeof(float)) == 0);
        }
    }

    void panels_coverTheOutputs_data()
    {
        QTest::addColumn<bool>("floats");
        QTest::addColumn<quint32>("outputs");
        QTest::addColumn<quint32>("inputs");
        QTest::addColumn<int>("panels");
        QTest::newRow("stored, one") << false << 255u << 64u << 1;
        QTest::newRow("stored, many") << false << 1000u << 64u << 7;
        QTest::newRow("a small model's floats") << true << 2048u << 640u << 1;
        QTest::newRow("R1-Distill-Qwen-7B's gate") << true << 18944u << 3584u << 8;
        QTest::newRow("R1-Distill-Qwen-7B's down") << true << 3584u << 18944u << 9;
    }

    /// They are as many as a stop needs, one after the other; and where it is requested inside one, it is the
    /// last.
    void panels_coverTheOutputs()
    {
        QFETCH(const bool, floats);
        QFETCH(const quint32, outputs);
        QFETCH(const quint32, inputs);
        QFETCH(const int, panels);
        const float any = 0; // nothing is read
        const Projection map{{WeightType::Q4_K, outputs, inputs, {}}, floats ? &any : nullptr, {}};
        std::uint32_t next = 0;
        int begun = 0;
        forPanels(map,
                  [&](std::uint32_t first, std::uint32_t count) {
                      QCOMPARE(first, next);
                      QVERIFY(count >= std::min<std::uint32_t>(kPanelRows, outputs));
                      next += count;
                      ++begun;
                  },
                  {});
        QCOMPARE(next, outputs);
        QCOMPARE(begun, panels);
        std::stop_source stop;
        begun = 0;
        forPanels(
            map,
            [&](std::uint32_t, std::uint32_t) {
                ++begun;
                stop.request_stop();
            },
            stop.get_token());
        QCOMPARE(begun, 1);
    }

    /// Wide maps of floats are multiplied in panels: to the bits of one product.
    void widePanels_giveTheBitsOfOneProduct()
    {
        std::mt19937 random(3);
        for (const auto& [outputs, inputs] : {std::pair{5000u, 3584u}, std::pair{1100u, 18944u}}) {
            const std::vector<float> values = randomFloats(std::size_t{outputs} * inputs, random);
            const Projection map{
                {WeightType::F32, outputs, inputs, std::as_bytes(std::span(values))}, values.data(), {}};
            const std::size_t rows = 256;
            const std::vector<float> x = randomFloats(rows * inputs, random);
            std::vector<float> expected(rows * outputs);
            std::vector<float> found(rows * outputs);
            gemm(GemmRight::Transposed, rows, outputs, inputs, x.data(), inputs, values.data(), inputs,
                 expected.data(), outputs);
            Scratch scratch;
            project(map, rows, x.data(), found.data(), scratch);
            QVERIFY(std::memcmp(found.data(), expected.data(), found.size() * sizeof(float)) == 0);
            // Nor is anything multiplied once a stop is requested.
            std::stop_source stop;
            stop.request_stop();
            std::ranges::fill(found, -1.0f);
            project(map, rows, x.data(), found.data(), scratch, false, stop.get_token());
            QVERIFY(std::ranges::all_of(found, [](float y) { return y == -1.0f; }));
        }
    }

    /// Prefill and decoding, on memory that shows reads of what is not there.
    void forward_givesTheSameNumbersInBothForms()
    {
        std::vector<std::int32_t> ids(700);
        for (std::size_t i = 0; i < ids.size(); ++i)
            ids[i] = static_cast<std::int32_t>(i * 7919 % kVocab);
        const auto backend = makeCpuBackend(kThreads, Arena::Poison::On);
        const auto run = [&](WeightForm form) {
            std::vector<float> all;
            if (!backend->uploadWeights(m_mixed.model, form))
                return all;
            ForwardPass pass(*backend, m_mixed.model);
            ForwardOptions options;
            options.grid = defaultGrid(700);
            options.newTokens = 2;
            if (!pass.prefill(ids, options, nullptr))
                return all;
            const std::uint32_t rows[] = {0, 255, 256, 699};
            all = pass.logits(rows).value();
            for (const std::int32_t id : {3, 5}) {
                const std::vector<float> logits = pass.decode(id).value();
                all.insert(all.end(), logits.begin(), logits.end());
            }
            return all;
        };
        const std::vector<float> widened = run(WeightForm::Float32);
        QCOMPARE(widened.size(), std::size_t{6 * kVocab});
        QVERIFY(widened[5] != widened[kVocab + 5]); // the numbers say something
        QVERIFY(backend->plan(*m_mixed.model, {}).residentBytes > 0);
        QCOMPARE(run(WeightForm::Stored), widened);
        QCOMPARE(backend->plan(*m_mixed.model, {}).residentBytes, std::uint64_t{0}); // nothing is kept
        QCOMPARE(run(WeightForm::Float32), widened);
    }

    /// A decoded row's products are other kernels than a prefill's, shared out to the threads: the bits are
    /// the same for any number of them, and the numbers a prefill's but for the order of float32 sums and for
    /// keys and values in binary16.
    void decoding_givesTheSameBitsForAnyThreads()
    {
        std::vector<std::int32_t> ids(703);
        for (std::size_t i = 0; i < ids.size(); ++i)
            ids[i] = static_cast<std::int32_t>(i * 7919 % kVocab);
        ForwardOptions options;
        options.grid = defaultGrid(700);
        options.newTokens = 3;
        std::vector<float> first;
        for (const std::size_t threads : {1, 2, 3, 8}) {
            const auto backend = makeCpuBackend(threads, Arena::Poison::On);
            QVERIFY(backend->uploadWeights(m_mixed.model));
            ForwardPass pass(*backend, m_mixed.model);
            QVERIFY(pass.prefill(std::span(ids).first(700), options, nullptr));
            std::vector<float> all;
            for (std::size_t i = 700; i < ids.size(); ++i) {
                const std::vector<float> logits = pass.decode(ids[i]).value();
                all.insert(all.end(), logits.begin(), logits.end());
            }
            if (first.empty())
                first = all;
            QCOMPARE(all, first);
        }
        const auto backend = makeCpuBackend(kThreads);
        QVERIFY(backend->uploadWeights(m_mixed.model));
        ForwardPass pass(*backend, m_mixed.model);
        QVERIFY(pass.prefill(ids, options, nullptr));
        const std::uint32_t rows[] = {700, 701, 702};
        const std::vector<float> prefilled = pass.logits(rows).value();
        double apart = 0;
        double size = 0;
        for (std::size_t i = 0; i < prefilled.size(); ++i) {
            apart = std::max(apart, std::abs(double(prefilled[i]) - double(first[i])));
            size = std::max(size, std::abs(double(prefilled[i])));
        }
        QVERIFY2(apart < 2e-3 * size, qPrintable(QStringLiteral("%1 of %2").arg(apart).arg(size)));
        QVERIFY(apart > 0); // another way indeed
    }

    void plan_takesStoredWeightsWhereTheOthersDoNotFit()
    {
        const CpuPlanner planner(kThreads);
        PlanRequest request = requestOf(4000);
        const Plan largest = planner.plan(*m_mixed.model, request);
        QCOMPARE(largest.weights, WeightForm::Float32);
        request.chunkRows = 256;
        const std::uint64_t least = planner.plan(*m_mixed.model, request).peakBytes();
        request.chunkRows = 0;
        request.memoryBudget = least;
        const Plan tight = planner.plan(*m_mixed.model, request);
        QCOMPARE(tight.weights, WeightForm::Float32);
        QCOMPARE(tight.chunkRows, 256u);
        request.memoryBudget = least - 1;
        const Plan stored = planner.plan(*m_mixed.model, request);
        QCOMPARE(stored.weights, WeightForm::Stored);
        QVERIFY(stored.peakBytes() <= request.memoryBudget);
        std::uint64_t bytes = storedBytes(WeightType::Q8_0, std::uint64_t{kVocab} * kHidden);
        for (const LayerWeights& layer : m_mixed.model->weights.layers)
            for (const WeightMatrix* matrix : layer.matrices())
                bytes += matrix->data.size();
        QCOMPARE(stored.weightBytes, bytes);
        // What fits nowhere is planned as what comes nearest.
        request.memoryBudget = 1;
        const Plan nearest = planner.plan(*m_mixed.model, request);
        QCOMPARE(nearest.weights, WeightForm::Stored);
        QCOMPARE(nearest.chunkRows, 256u);
    }

    void run_holdsWhatThePlanSays()
    {
        PlanRequest request = requestOf(1500);
        request.chunkRows = 2048; // tiles for both threads
        request.memoryBudget = 1;
        const Plan plan = CpuPlanner(kThreads).plan(*m_mixed.model, request);
        QCOMPARE(plan.weights, WeightForm::Stored);
        const std::size_t before = test::heapInUse;
        const auto backend = makeCpuBackend(kThreads);
        QVERIFY(backend->uploadWeights(m_mixed.model, plan.weights));
        ForwardPass pass(*backend, m_mixed.model);
        ForwardOptions options;
        options.grid = request.grid;
        options.chunkRows = plan.chunkRows;
        options.newTokens = request.newTokens;
        test::heapPeak = std::size_t(test::heapInUse);
        QVERIFY(pass.prefill(std::vector<std::int32_t>(request.promptTokens, 1), options, nullptr));
        for (std::uint32_t i = 0; i < request.newTokens; ++i)
            QVERIFY(pass.decode(2));
        const std::uint64_t peak = test::heapPeak - before;
        const std::uint64_t planned = plan.peakBytes() - plan.weightBytes - kThreads * kThreadSlackBytes;
        QVERIFY2(peak <= planned + (2 << 20) && peak >= planned / 3,
                 qPrintable(QStringLiteral("planned %1, held %2").arg(planned).arg(peak)));
    }
};

QTEST_APPLESS_MAIN(TstStoredWeights)
#include "tst_stored_weights.moc"
