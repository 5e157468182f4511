// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/cpu_backend.h"
#include "core/base/half.h"
#include "core/forward/forward_pass.h"
#include "core/model/dequantize.h"
#include "core/model/model_loader.h"
#include "support/layer_collector.h"
#include "support/random_ids.h"
#include "support/reference_data.h"
#include "support/same_record.h"

#include <QTest>
#include <cmath>
#include <deque>
#include <limits>
#include <numeric>
#include <random>

using namespace headwater;

namespace {

/// A model with damaged weights; what is damaged is kept here.
struct Damaged {
    explicit Damaged(const Model& whole)
        : model(std::make_shared<Model>(whole))
    {
    }

    /// One element of a vector of float32.
    void replace(std::span<const float>& vector, float value)
    {
        std::vector<float>& copy = floats.emplace_back(vector.begin(), vector.end());
        copy[5] = value;
        vector = copy;
    }

    /// One element of a row of a matrix, which is stored as binary16.
    void replace(WeightMatrix& matrix, std::uint32_t row, float value)
    {
        std::vector<float> whole = dequantized(matrix);
        whole[std::size_t(row) * matrix.cols + 5] = value;
        std::vector<std::uint16_t>& copy = halves.emplace_back(whole.size());
        halvesFromFloats(whole, copy);
        matrix.type = WeightType::F16;
        matrix.data = std::as_bytes(std::span(copy));
    }

    void scale(WeightMatrix& matrix, float factor)
    {
        std::vector<float>& copy = floats.emplace_back(dequantized(matrix));
        for (float& weight : copy)
            weight *= factor;
        matrix.type = WeightType::F32;
        matrix.data = std::as_bytes(std::span(copy));
    }

    std::shared_ptr<Model> model;

private:
    static std::vector<float> dequantized(const WeightMatrix& matrix)
    {
        std::vector<float> values(std::size_t(matrix.rows) * matrix.cols);
        for (std::uint32_t row = 0; row < matrix.rows; ++row)
            dequantizeRow(matrix, row,
                          std::span(values).subspan(std::size_t(row) * matrix.cols, matrix.cols));
        return values;
    }

    std::deque<std::vector<float>> floats;
    std::deque<std::vector<std::uint16_t>> halves;
};

struct Outcome {
    std::vector<float> logits;
    std::vector<std::vector<HeadObservation>> layers;
};

} // namespace

class TstForwardPass : public QObject {
    Q_OBJECT

private:
    std::shared_ptr<const Model> m_model;
    std::vector<std::int32_t> m_ids;

    Outcome forward(std::size_t threads, std::uint32_t chunkRows, AttentionRequest::Mode mode,
                    Arena::Poison poison, Selection selection = Selection::Exact)
    {
        const auto backend = makeCpuBackend(threads, poison);
        Outcome outcome;
        if (!backend->uploadWeights(m_model))
            return outcome;
        ForwardPass pass(*backend, m_model);
        ForwardOptions options;
        options.mode = mode;
        options.select.selection = selection;
        options.select.keepKeys = 96;
        options.select.keepPeak = mode == AttentionRequest::Mode::Observed ? 0.1f : 0.0f;
        options.grid = {static_cast<std::uint32_t>(m_ids.size()), 16, 8};
        options.select.blockQ = 16;
        options.select.blockK = 8;
        options.chunkRows = chunkRows;
        test::LayerCollector collector;
        if (!pass.prefill(m_ids, options, &collector))
            return outcome;
        const std::uint32_t rows[] = {0, 255, 256, static_cast<std::uint32_t>(m_ids.size()) - 1};
        outcome.logits = pass.logits(rows).value();
        outcome.layers = std::move(collector.layers);
        return outcome;
    }

private slots:
    void initTestCase()
    {
        const auto loaded = loadModel(test::sourcePath("tests/data/reference/tiny-llama-f32.gguf").string());
        QVERIFY2(loaded, loaded ? "" : loaded.error().text().c_str());
        m_model = *loaded;
        m_ids = test::randomIds(*m_model, 1100);
    }

    void prefill_sameBytesForThreadsAndChunks_data()
    {
        QTest::addColumn<int>("mode");
        QTest::addColumn<int>("selection");
        using Mode = AttentionRequest::Mode;
        QTest::newRow("observed exact") << int(Mode::Observed) << int(Selection::Exact);
        QTest::newRow("propagated exact") << int(Mode::Propagated) << int(Selection::Exact);
        QTest::newRow("propagated tree") << int(Mode::Propagated) << int(Selection::Tree);
        QTest::newRow("propagated stream") << int(Mode::Propagated) << int(Selection::Stream);
        QTest::newRow("observed tree") << int(Mode::Observed) << int(Selection::Tree);
    }

    void prefill_sameBytesForThreadsAndChunks()
    {
        QFETCH(int, mode);
        QFETCH(int, selection);
        const auto run = [&](std::size_t threads, std::uint32_t chunkRows, Arena::Poison poison) {
            return forward(threads, chunkRows, static_cast<AttentionRequest::Mode>(mode), poison,
                           static_cast<Selection>(selection));
        };
        const Outcome first = run(1, 2048, Arena::Poison::Off);
        QVERIFY(!first.logits.empty());
        QCOMPARE(first.layers.size(), std::size_t(m_model->config.numLayers()));
        for (const float logit : first.logits)
            QVERIFY(std::isfinite(logit));
        // The poisoned backend reads NaN wherever memory is not its own: it must change nothing.
        for (const auto& [threads, chunkRows, poison] : {std::tuple{std::size_t{2}, 256u, Arena::Poison::Off},
                                                         {std::size_t{2}, 1024u, Arena::Poison::On},
                                                         {std::size_t{1}, 512u, Arena::Poison::On}}) {
            const Outcome other = run(threads, chunkRows, poison);
            QVERIFY(std::memcmp(first.logits.data(), other.logits.data(), first.logits.size() * sizeof(float))
                    == 0);
            for (std::size_t layer = 0; layer < first.layers.size(); ++layer) {
                for (std::size_t head = 0; head < first.layers[layer].size(); ++head)
                    QVERIFY(
                        test::sameRecord(first.layers[layer][head].record, other.layers[layer][head].record));
            }
        }
    }

    void predict_isTheSoftmaxOfTheLogits()
    {
        const auto backend = makeCpuBackend(2);
        QVERIFY(backend->uploadWeights(m_model));
        ForwardPass pass(*backend, m_model);
        ForwardOptions options;
        options.grid = defaultGrid(static_cast<std::uint32_t>(m_ids.size()));
        QVERIFY(pass.prefill(m_ids, options, nullptr));
        // One whole tile: both then multiply matrices of the same shape.
        std::vector<std::uint32_t> rows(256);
        std::iota(rows.begin(), rows.end(), 256u);
        const std::vector<float> logits = pass.logits(rows).value();
        const std::span<const std::int32_t> following = std::span(m_ids).subspan(257, 256);
        const std::vector<RowPrediction> made = pass.predict(256, following).value();
        QCOMPARE(made.size(), rows.size());
        const auto vocab = static_cast<std::size_t>(m_model->config.vocabSize);
        float worst = 0;
        for (std::size_t row = 0; row < rows.size(); ++row) {
            const RowPrediction expected =
                predictionOf(std::span(logits).subspan(row * vocab, vocab), following[row]);
            worst = std::max(worst, std::abs(made[row].following - expected.following));
            for (std::size_t rank = 0; rank < kLikeliest; ++rank) {
                QCOMPARE(made[row].likeliest[rank].id, expected.likeliest[rank].id);
                worst = std::max(
                    worst, std::abs(made[row].likeliest[rank].logprob - expected.likeliest[rank].logprob));
            }
        }
        QVERIFY2(worst <= 4e-6f, qPrintable(QString::number(double(worst))));
    }

    void predict_sameBytesForThreadsAndChunks()
    {
        const auto predict = [&](std::size_t threads, std::uint32_t chunkRows, Arena::Poison poison) {
            const auto backend = makeCpuBackend(threads, poison);
            std::vector<RowPrediction> made;
            if (!backend->uploadWeights(m_model))
                return made;
            ForwardPass pass(*backend, m_model);
            ForwardOptions options;
            options.grid = defaultGrid(static_cast<std::uint32_t>(m_ids.size()));
            options.chunkRows = chunkRows;
            if (pass.prefill(m_ids, options, nullptr))
                made = pass.predict(0, std::span(m_ids).subspan(1)).value();
            return made;
        };
        const std::vector<RowPrediction> first = predict(1, 2048, Arena::Poison::Off);
        QCOMPARE(first.size(), m_ids.size() - 1);
        for (const auto& [threads, chunkRows, poison] : {std::tuple{std::size_t{2}, 256u, Arena::Poison::On},
                                                         {std::size_t{3}, 512u, Arena::Poison::Off}}) {
            const std::vector<RowPrediction> other = predict(threads, chunkRows, poison);
            QCOMPARE(other.size(), first.size());
            QVERIFY(std::memcmp(first.data(), other.data(), first.size() * sizeof(RowPrediction)) == 0);
        }
    }

    void predict_whatFollowsNothing_hasNoLogprob()
    {
        const auto backend = makeCpuBackend(1);
        QVERIFY(backend->uploadWeights(m_model));
        ForwardPass pass(*backend, m_model);
        ForwardOptions options;
        options.grid = defaultGrid(300);
        QVERIFY(pass.prefill(std::span(m_ids).first(300), options, nullptr));
        const std::int32_t none = -1;
        const RowPrediction last = pass.predict(299, {&none, 1}).value().front();
        QVERIFY(std::isnan(last.following));
        const std::uint32_t row = 299;
        QCOMPARE(last.likeliest[0].id, greedyToken(pass.logits({&row, 1}).value()));
        QVERIFY(pass.predict(300, {})->empty());
        QCOMPARE(pass.predict(300, {&none, 1}).error().code, ErrorCode::InvalidArgument);
        const std::int32_t outside[] = {m_ids[1], m_model->config.vocabSize};
        QCOMPARE(pass.predict(0, outside).error().code, ErrorCode::InvalidArgument);
    }

    void predict_stopRequested_isCancelled()
    {
        const auto backend = makeCpuBackend(2);
        QVERIFY(backend->uploadWeights(m_model));
        ForwardPass pass(*backend, m_model);
        ForwardOptions options;
        options.grid = defaultGrid(static_cast<std::uint32_t>(m_ids.size()));
        options.chunkRows = 256;
        QVERIFY(pass.prefill(m_ids, options, nullptr));
        std::stop_source source;
        std::vector<std::uint64_t> done;
        const auto stopAtOnce = [&](const Progress& progress) {
            QCOMPARE(progress.phase, std::string("predictions"));
            QCOMPARE(progress.total, std::uint64_t(m_ids.size() - 1));
            done.push_back(progress.done);
            source.request_stop();
        };
        const auto result = pass.predict(0, std::span(m_ids).subspan(1), stopAtOnce, source.get_token());
        QVERIFY(!result);
        QCOMPARE(result.error().code, ErrorCode::Cancelled);
        QCOMPARE(done, std::vector<std::uint64_t>{256});
    }

    /// Of one token in float lanes, as of all of them in double; vocabularies that fill no lanes too.
    void logProbability_isThatOfAll()
    {
        std::mt19937 random(3);
        for (const std::size_t vocab : {1, 5, 1023, 1024, 49'153, 262'144}) {
            std::normal_distribution<float> spread(-3, 6);
            std::vector<float> logits(vocab);
            for (float& logit : logits)
                logit = spread(random);
            const std::vector<double> all = logProbabilities(logits);
            for (const std::size_t id : {std::size_t{0}, vocab / 2, vocab - 1}) {
                const auto one = static_cast<double>(logProbability(logits, std::int32_t(id)));
                QVERIFY2(std::abs(one - all[id]) <= 4e-6 + 6e-8 * std::abs(all[id]),
                         qPrintable(QString::number(vocab)));
            }
            QCOMPARE(greedyToken(logits), likeliestTokens(logits, 1)[0]);
        }
    }

    void likeliestTokens_tiesGoToTheSmallerId()
    {
        const float logits[] = {1, 3, 2, 3, 0, 2, 2};
        QCOMPARE(likeliestTokens(logits, 5), (std::vector<std::int32_t>{1, 3, 2, 5, 6}));
        QCOMPARE(likeliestTokens(std::span(logits).first(2), 5), (std::vector<std::int32_t>{1, 0}));
        const RowPrediction few = predictionOf(std::span(logits).first(2), 0);
        QCOMPARE(few.following, few.likeliest[1].logprob);
        QCOMPARE(few.likeliest[2].id, -1);
        QVERIFY(std::isnan(few.likeliest[2].logprob));
    }

    void decode_equalsALongerPrefill()
    {
        const auto backend = makeCpuBackend(2);
        QVERIFY(backend->uploadWeights(m_model));
        ForwardOptions options;
        options.newTokens = 4;
        const std::size_t prompt = m_ids.size() - 4;
        options.grid = defaultGrid(static_cast<std::uint32_t>(prompt));
        ForwardPass pass(*backend, m_model);
        QVERIFY(pass.prefill(std::span(m_ids).first(prompt), options, nullptr));
        std::vector<float> decoded;
        for (std::size_t i = prompt; i < m_ids.size(); ++i)
            decoded = pass.decode(m_ids[i]).value();
        QVERIFY(!pass.decode(0)); // no room is left
        options.newTokens = 0;
        options.grid = defaultGrid(static_cast<std::uint32_t>(m_ids.size()));
        QVERIFY(pass.prefill(m_ids, options, nullptr));
        const std::uint32_t last = static_cast<std::uint32_t>(m_ids.size()) - 1;
        const std::vector<float> expected = pass.logits({&last, 1}).value();
        // The cache holds keys and values as binary16: 11 bits of mantissa.
        for (std::size_t i = 0; i < expected.size(); ++i)
            QVERIFY(std::abs(decoded[i] - expected[i]) <= 5e-3f * (1 + std::abs(expected[i])));
    }

    void tail_repeatsThePrefillsRows()
    {
        const auto backend = makeCpuBackend(2);
        QVERIFY(backend->uploadWeights(m_model));
        ForwardOptions options;
        options.mode = AttentionRequest::Mode::Observed;
        options.select.selection = Selection::Exact;
        options.select.keepKeys = 2048; // everything: the masks cannot differ
        options.grid = {static_cast<std::uint32_t>(m_ids.size()), 16, 8};
        options.newTokens = 8;
        test::LayerCollector whole;
        ForwardPass pass(*backend, m_model);
        QVERIFY(pass.prefill(m_ids, options, &whole));
        const std::uint32_t last = static_cast<std::uint32_t>(m_ids.size()) - 1;
        const std::vector<float> before = pass.logits({&last, 1}).value();
        std::vector<std::int32_t> longer = m_ids;
        longer.insert(longer.end(), {5, 6, 7});
        const std::uint32_t tailRow = ForwardPass::tailRowOf(static_cast<std::uint32_t>(m_ids.size()));
        test::LayerCollector tail;
        QVERIFY(pass.tail(longer, tailRow, &tail));
        const std::vector<float> after = pass.logits({&last, 1}).value();
        for (std::size_t i = 0; i < before.size(); ++i)
            QVERIFY(std::abs(before[i] - after[i]) <= 5e-3f * (1 + std::abs(before[i])));
        const HeadRecord& record = tail.layers[0][0].record;
        QCOMPARE(record.firstRow, tailRow);
        QCOMPARE(record.firstRow + record.numRows, std::uint32_t(longer.size()));
        QCOMPARE(record.grid.seqLen, std::uint32_t(longer.size()));
        const HeadRecord& full = whole.layers[0][0].record;
        for (std::uint32_t row = 0; row + tailRow < m_ids.size(); ++row)
            QVERIFY(std::abs(record.lse[row] - full.lse[tailRow + row]) < 2e-2f);
    }

    /// Every decoded token takes the same way, also the one that begins a tile of 256 rows.
    void decode_atATilesFirstRow_isALongerPrefillToo()
    {
        const auto backend = makeCpuBackend(2);
        QVERIFY(backend->uploadWeights(m_model));
        ForwardOptions options;
        options.mode = AttentionRequest::Mode::Propagated; // decoding is dense all the same
        options.select.selection = Selection::Exact;
        options.select.keepKeys = 4096;
        options.newTokens = 2;
        options.grid = {256, 16, 8};
        ForwardPass pass(*backend, m_model);
        QVERIFY(pass.prefill(std::span(m_ids).first(256), options, nullptr));
        QVERIFY(pass.decode(m_ids[256]));
        const std::vector<float> decoded = pass.decode(m_ids[257]).value();
        options = {};
        options.grid = {258, 16, 8};
        QVERIFY(pass.prefill(std::span(m_ids).first(258), options, nullptr));
        const std::uint32_t last = 257;
        const std::vector<float> expected = pass.logits({&last, 1}).value();
        for (std::size_t i = 0; i < expected.size(); ++i)
            QVERIFY(std::abs(decoded[i] - expected[i]) <= 5e-3f * (1 + std::abs(expected[i])));
    }

    /// A cache longer than what one task reads is read in parts, which no thread's order can change.
    void decode_overManyParts_isALongerPrefill()
    {
        const std::vector<std::int32_t> ids = test::randomIds(*m_model, 2500);
        const auto decodedBy = [&](std::size_t threads) {
            const auto backend = makeCpuBackend(threads, Arena::Poison::On);
            ForwardOptions options;
            options.newTokens = 1;
            options.grid = defaultGrid(2499);
            ForwardPass pass(*backend, m_model);
            if (!backend->uploadWeights(m_model)
                || !pass.prefill(std::span(ids).first(2499), options, nullptr))
                return std::vector<float>();
            return pass.decode(ids[2499]).value();
        };
        const std::vector<float> decoded = decodedBy(1);
        QCOMPARE(decoded.size(), static_cast<std::size_t>(m_model->config.vocabSize));
        QVERIFY(decodedBy(3) == decoded);
        const auto backend = makeCpuBackend(2);
        QVERIFY(backend->uploadWeights(m_model));
        ForwardOptions options;
        options.grid = defaultGrid(2500);
        ForwardPass pass(*backend, m_model);
        QVERIFY(pass.prefill(ids, options, nullptr));
        const std::uint32_t last = 2499;
        const std::vector<float> expected = pass.logits({&last, 1}).value();
        for (std::size_t i = 0; i < expected.size(); ++i)
            QVERIFY(std::abs(decoded[i] - expected[i]) <= 5e-3f * (1 + std::abs(expected[i])));
    }

    /// The new row's own key is projected into the cache, whose binary16 does not hold this one.
    /// What is released of the weights is made again where it is needed, to the same bits.
    void releasedWeights_areMadeAgain()
    {
        const auto run = [&](bool releases) {
            const auto backend = makeCpuBackend(2);
            std::vector<float> all;
            const auto release = [&] {
                for (int layer = 0; releases && layer < m_model->config.numLayers(); ++layer)
                    backend->releaseWeights(layer);
            };
            const auto append = [&](const std::vector<float>& logits) {
                all.insert(all.end(), logits.begin(), logits.end());
            };
            if (!backend->uploadWeights(m_model))
                return all;
            const std::uint64_t whole = backend->plan(*m_model, {}).residentBytes;
            release();
            if ((backend->plan(*m_model, {}).residentBytes == 0) != releases)
                return all;
            ForwardPass pass(*backend, m_model);
            ForwardOptions options;
            options.grid = defaultGrid(600);
            options.newTokens = 2;
            if (!pass.prefill(std::span(m_ids).first(600), options, nullptr))
                return all;
            const std::uint32_t last = 599;
            append(pass.logits({&last, 1}).value());
            for (const std::int32_t id : {m_ids[600], m_ids[601]}) {
                release();
                append(pass.decode(id).value());
            }
            release();
            if (backend->uploadWeights(m_model) && backend->plan(*m_model, {}).residentBytes == whole)
                all.push_back(1);
            return all;
        };
        const std::vector<float> kept = run(false);
        QCOMPARE(kept.size(), 3 * static_cast<std::size_t>(m_model->config.vocabSize) + 1);
        QCOMPARE(run(true), kept);
    }

    void decodedKeysThatOverflow_areRefused()
    {
        const auto backend = makeCpuBackend(2);
        QVERIFY(backend->uploadWeights(m_model));
        ForwardPass pass(*backend, m_model);
        ForwardOptions options;
        options.newTokens = 2;
        options.grid = {300, 16, 8};
        QVERIFY(pass.prefill(std::span(m_ids).first(300), options, nullptr));
        Damaged louder(*m_model);
        louder.scale(louder.model->weights.layers[1].key.matrix, 1e9f);
        QVERIFY(backend->uploadWeights(louder.model));
        const auto decoded = pass.decode(m_ids[300]);
        QVERIFY(!decoded);
        QCOMPARE(decoded.error().code, ErrorCode::BadFormat);
        QCOMPARE(QString::fromStdString(decoded.error().context), QStringLiteral("layer 1"));
        QVERIFY2(decoded.error().message.find("65504") != std::string::npos, decoded.error().text().c_str());
        QVERIFY(backend->uploadWeights(m_model));
        QVERIFY(pass.decode(m_ids[300]));
    }

    void prefill_badIds_areRefused()
    {
        const auto backend = makeCpuBackend(1);
        QVERIFY(backend->uploadWeights(m_model));
        ForwardPass pass(*backend, m_model);
        ForwardOptions options;
        options.grid = {1, 8, 8};
        QCOMPARE(pass.prefill({}, options, nullptr).error().code, ErrorCode::InvalidArgument);
        const std::int32_t outside[] = {m_model->config.vocabSize};
        QCOMPARE(pass.prefill(outside, options, nullptr).error().code, ErrorCode::InvalidArgument);
        const std::int32_t negative[] = {-1};
        QCOMPARE(pass.prefill(negative, options, nullptr).error().code, ErrorCode::InvalidArgument);
    }

    void damagedWeights_areRefused_data()
    {
        QTest::addColumn<QString>("part");
        QTest::addColumn<float>("value");
        QTest::addColumn<int>("selection");
        QTest::addColumn<QString>("where");
        const std::pair<const char*, float> values[] = {
            {"infinity", std::numeric_limits<float>::infinity()},
            {"-infinity", -std::numeric_limits<float>::infinity()},
            {"nan", std::numeric_limits<float>::quiet_NaN()}};
        for (const auto& [name, value] : values) {
            for (const char* part :
                 {"attention norm", "query", "key", "value", "output", "ffn norm", "gate", "up", "down"})
                QTest::addRow("%s in %s", name, part)
                    << part << value << int(Selection::Exact) << "layer 1, row 0";
            QTest::addRow("%s in embedding", name)
                << "embedding" << value << int(Selection::Exact) << "layer 0, row 7";
            QTest::addRow("%s in output norm", name)
                << "output norm" << value << int(Selection::Exact) << "row 300";
            QTest::addRow("%s in unembedding", name)
                << "unembedding" << value << int(Selection::Exact) << "row 300";
            // Clustering and descent must not see what is not a number.
            QTest::addRow("%s in query, tree", name)
                << "query" << value << int(Selection::Tree) << "layer 1, row 0";
            QTest::addRow("%s in key, tree", name)
                << "key" << value << int(Selection::Tree) << "layer 1, row 0";
        }
        for (const Selection selection : {Selection::Exact, Selection::Tree, Selection::Stream})
            QTest::addRow("scores overflow, %d", int(selection))
                << "scores" << 0.0f << int(selection) << "layer 1, row 0";
    }

    void damagedWeights_areRefused()
    {
        QFETCH(QString, part);
        QFETCH(float, value);
        QFETCH(int, selection);
        QFETCH(QString, where);
        Damaged damaged(*m_model);
        LayerWeights& layer = damaged.model->weights.layers[1];
        std::vector<std::int32_t> ids(m_ids.begin(), m_ids.begin() + 301);
        for (std::int32_t& id : ids)
            id = id == 9 ? 10 : id;
        ids[7] = 9;
        if (part == "attention norm")
            damaged.replace(layer.attentionNorm, value);
        else if (part == "ffn norm")
            damaged.replace(layer.ffnNorm, value);
        else if (part == "output norm")
            damaged.replace(damaged.model->weights.outputNorm, value);
        else if (part == "embedding")
            damaged.replace(damaged.model->weights.embedding, 9, value);
        else if (part == "unembedding")
            damaged.replace(damaged.model->weights.unembedding, 9, value);
        else if (part == "scores") {
            damaged.scale(layer.query.matrix, 1e22f);
            damaged.scale(layer.key.matrix, 1e22f);
        } else {
            WeightMatrix& matrix = part == "query" ? layer.query.matrix
                : part == "key"                    ? layer.key.matrix
                : part == "value"                  ? layer.value.matrix
                : part == "output"                 ? layer.output.matrix
                : part == "gate"                   ? layer.gate.matrix
                : part == "up"                     ? layer.up.matrix
                                                   : layer.down.matrix;
            damaged.replace(matrix, 3, value);
        }
        const auto backend = makeCpuBackend(2);
        QVERIFY(backend->uploadWeights(damaged.model));
        ForwardPass pass(*backend, damaged.model);
        ForwardOptions options;
        options.grid = {static_cast<std::uint32_t>(ids.size()), 16, 8};
        options.select.selection = static_cast<Selection>(selection);
        options.select.keepKeys = 96;
        options.mode = selection == int(Selection::Exact) ? AttentionRequest::Mode::Observed
                                                          : AttentionRequest::Mode::Propagated;
        Result<void> done = pass.prefill(ids, options, nullptr);
        if (where == "row 300") {
            QVERIFY2(done, done ? "" : done.error().text().c_str());
            const std::uint32_t last = 300;
            const auto logits = pass.logits({&last, 1});
            QVERIFY(!logits);
            done = logits.error();
            const auto predicted = pass.predict(last, std::span(m_ids).first(1));
            QVERIFY(!predicted);
            QCOMPARE(predicted.error().code, ErrorCode::BadFormat);
            QCOMPARE(QString::fromStdString(predicted.error().context), "predictions, " + where);
        }
        QVERIFY(!done);
        QCOMPARE(done.error().code, ErrorCode::BadFormat);
        QCOMPARE(QString::fromStdString(done.error().context), where);
    }

    void cachedKeysThatOverflow_areRefused()
    {
        // float32 holds these keys, the cache's binary16 does not.
        Damaged damaged(*m_model);
        damaged.scale(damaged.model->weights.layers[1].key.matrix, 1e9f);
        const auto backend = makeCpuBackend(2);
        QVERIFY(backend->uploadWeights(damaged.model));
        ForwardPass pass(*backend, damaged.model);
        ForwardOptions options;
        options.grid = {300, 16, 8};
        QVERIFY(pass.prefill(std::span(m_ids).first(300), options, nullptr));
        options.newTokens = 2;
        const auto cached = pass.prefill(std::span(m_ids).first(300), options, nullptr);
        QVERIFY(!cached);
        QCOMPARE(cached.error().code, ErrorCode::BadFormat);
        QVERIFY2(cached.error().text().find("layer 1") != std::string::npos, cached.error().text().c_str());
    }

    void decodedScoresThatOverflow_areRefused()
    {
        // The prompt passes; then the queries grow until no score of the new row is a number.
        Damaged damaged(*m_model);
        damaged.scale(damaged.model->weights.layers[1].key.matrix, 300.0f);
        const auto backend = makeCpuBackend(2);
        QVERIFY(backend->uploadWeights(damaged.model));
        ForwardPass pass(*backend, damaged.model);
        ForwardOptions options;
        options.newTokens = 2;
        options.grid = {300, 16, 8};
        QVERIFY(pass.prefill(std::span(m_ids).first(300), options, nullptr));
        damaged.scale(damaged.model->weights.layers[1].query.matrix, 3e36f);
        // Another model to the backend, which has this one ready.
        QVERIFY(backend->uploadWeights(std::make_shared<const Model>(*damaged.model)));
        const auto decoded = pass.decode(m_ids[300]);
        QVERIFY(!decoded);
        QCOMPARE(decoded.error().code, ErrorCode::BadFormat);
        QCOMPARE(QString::fromStdString(decoded.error().context), QStringLiteral("layer 1, row 300"));
    }

    void prefill_stopRequested_isCancelled()
    {
        const auto backend = makeCpuBackend(2);
        QVERIFY(backend->uploadWeights(m_model));
        ForwardPass pass(*backend, m_model);
        ForwardOptions options;
        options.grid = defaultGrid(static_cast<std::uint32_t>(m_ids.size()));
        std::stop_source source;
        const auto stopAfterFirstLayer = [&](const Progress& progress) {
            if (progress.finishedLayer == 0)
                source.request_stop();
        };
        const auto result = pass.prefill(m_ids, options, nullptr, stopAfterFirstLayer, source.get_token());
        QVERIFY(!result);
        QCOMPARE(result.error().code, ErrorCode::Cancelled);
    }
};

QTEST_APPLESS_MAIN(TstForwardPass)
#include "tst_forward_pass.moc"
