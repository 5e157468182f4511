// SPDX-License-Identifier: Apache-2.0
// Every architecture against transformers (python/reference/make_architectures.py), on tiny random models of
// odd shapes, as GGUF and as folders that transformers wrote (HEADWATER_FOLDERS names what the script's
// --folders wrote: all of them): logits, attention as a forward records it and as a session computes it
// again, and the ways that a forward has besides the dense one.
#include "core/backend/cpu/cpu_backend.h"
#include "core/engine/analysis_run.h"
#include "core/forward/forward_pass.h"
#include "core/model/folder/folder_model.h"
#include "core/session/warm_session.h"
#include "core/trace/trace_reader.h"
#include "support/layer_collector.h"
#include "support/reference_data.h"
#include "support/tiny_models.h"

#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <array>
#include <cmath>

using namespace headwater;
using namespace headwater::test;

namespace {

constexpr std::uint32_t kTokens = 300;
constexpr std::array<std::uint32_t, 3> kRows = {37, 171, 299}; ///< of the attention
constexpr std::array<std::uint32_t, 12> kLogitRows = {0, 1, 38, 63, 64, 150, 200, 255, 256, 257, 298, 299};

/// All models as folders, where somebody made them.
std::filesystem::path madeFolders()
{
    return qEnvironmentVariable("HEADWATER_FOLDERS").toStdString();
}

float largestDifference(std::span<const float> found, std::span<const float> expected)
{
    if (found.size() != expected.size())
        return INFINITY;
    float worst = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
        const float difference = std::abs(found[i] - expected[i]);
        worst = difference <= worst ? worst : difference; // a NaN is the worst
    }
    return worst;
}

} // namespace

class TstParityArchitectures : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { m_ids = referenceValues<std::int32_t>("architectures/ids.npy", "<i4"); }

    void logits_equalTheReference_data() { listModels(); }
    void logits_equalTheReference()
    {
        QFETCH(QString, model);
        const std::string complaint = load(model.toStdString());
        QVERIFY2(complaint.empty(), complaint.c_str());
        const ForwardOptions options = exact();
        QVERIFY(m_pass->prefill(m_ids, options, nullptr));
        QVERIFY2(logitsAreTheReference(1e-4f), qPrintable(m_said));
        const auto predicted = m_pass->predict(0, following());
        QVERIFY(predicted);
        const std::size_t vocab = m_logits.size() / kLogitRows.size();
        for (std::size_t i = 0; i + 1 < kLogitRows.size(); ++i) {
            const RowPrediction expected =
                predictionOf(std::span(m_logits).subspan(i * vocab, vocab), m_ids[kLogitRows[i] + 1]);
            const RowPrediction& found = (*predicted)[kLogitRows[i]];
            QVERIFY(std::abs(found.following - expected.following) <= 1e-4f);
            QVERIFY(std::abs(found.likeliest[0].logprob - expected.likeliest[0].logprob) <= 1e-4f);
        }
    }

    void attention_equalsTheReference_data() { listModels(); }
    void attention_equalsTheReference()
    {
        QFETCH(QString, model);
        const std::string complaint = load(model.toStdString());
        QVERIFY2(complaint.empty(), complaint.c_str());
        ForwardOptions options = exact();
        options.tokenRows = kTokens;
        options.tokenRowKeys = kTokens;
        LayerCollector seen;
        QVERIFY(m_pass->prefill(m_ids, options, &seen));
        QVERIFY2(logitsAreTheReference(1e-4f), qPrintable(m_said)); // observing changes nothing
        std::vector<float> found;
        for (const auto& layer : seen.layers)
            for (const HeadObservation& head : layer)
                for (const std::uint32_t row : kRows) {
                    std::vector<float> p(kTokens, 0.0f);
                    const TokenRow& recorded = head.tokenRows[row];
                    for (std::size_t k = 0; k < recorded.keys.size(); ++k)
                        p[recorded.keys[k]] = recorded.probability[k];
                    found.insert(found.end(), p.begin(), p.end());
                }
        const float worst = largestDifference(found, m_attention);
        qInfo("largest difference of a probability: %.1e", static_cast<double>(worst));
        QVERIFY(worst <= 1e-5f);
    }

    /// Kept blocks that are all there are: what tree and stream attend over is dense attention, by way of
    /// their own products.
    void keptBlocks_computeTheSame_data() { listModels(); }
    void keptBlocks_computeTheSame()
    {
        QFETCH(QString, model);
        const std::string complaint = load(model.toStdString());
        QVERIFY2(complaint.empty(), complaint.c_str());
        for (const Selection selection : {Selection::Tree, Selection::Stream, Selection::Exact}) {
            ForwardOptions options = exact();
            options.mode = AttentionRequest::Mode::Propagated;
            options.select.selection = selection;
            options.select.propagation = Propagation::Propagated;
            options.select.keepKeys = 2 * kTokens;
            LayerCollector seen;
            QVERIFY(m_pass->prefill(m_ids, options, &seen));
            QVERIFY2(logitsAreTheReference(1e-4f), qPrintable(m_said));
            for (const auto& layer : seen.layers)
                for (const HeadObservation& head : layer)
                    for (const ProbeRow& probe : head.probes)
                        QVERIFY(std::abs(probe.kept - 1) <= 1e-5f);
        }
    }

    /// Token by token over the binary16 cache, then the tail.
    void decoding_saysTheSame_data() { listModels(); }
    void decoding_saysTheSame()
    {
        QFETCH(QString, model);
        const std::string complaint = load(model.toStdString());
        QVERIFY2(complaint.empty(), complaint.c_str());
        constexpr std::uint32_t kPrompt = 290;
        ForwardOptions options = exact();
        options.grid.seqLen = kPrompt;
        options.newTokens = kTokens - kPrompt;
        QVERIFY(m_pass->prefill(std::span(m_ids).first(kPrompt), options, nullptr));
        std::vector<float> last;
        for (std::uint32_t row = kPrompt; row < kTokens; ++row) {
            const auto logits = m_pass->decode(m_ids[row]);
            QVERIFY(logits);
            last = *logits;
        }
        const std::size_t vocab = last.size();
        const auto expected = std::span(m_logits).last(vocab);
        const auto [least, most] = std::ranges::minmax(expected);
        // Keys and values are rounded to 11 bits, here and in every layer before.
        const float bound = 4e-3f * (most - least);
        QVERIFY2(largestDifference(last, expected) <= bound,
                 qPrintable(QString::number(static_cast<double>(largestDifference(last, expected)))));
        QVERIFY(m_pass->tail(m_ids, ForwardPass::tailRowOf(kPrompt), nullptr));
        const std::uint32_t end = kTokens - 1;
        const auto again = m_pass->logits({&end, 1});
        QVERIFY(again);
        QVERIFY(largestDifference(*again, expected) <= bound);
    }

    /// The whole way of a user: a run, its trace, rows asked of a session.
    void sessionRows_equalTheReference_data() { listModels(); }
    void sessionRows_equalTheReference()
    {
        QFETCH(QString, model);
        const std::string complaint = load(model.toStdString());
        QVERIFY2(complaint.empty(), complaint.c_str());
        const QTemporaryDir folder;
        RunOptions run;
        run.model = m_loaded.name;
        for (const std::int32_t id : m_ids)
            run.prompt += m_loaded.tokenizer->decode(id, true);
        run.chat = "off";
        run.output = folder.filePath("parity.hwt").toStdString();
        run.generate = 0;
        run.select.selection = Selection::Exact;
        run.select.propagation = Propagation::Observed;
        const auto report = runAnalysis(*m_backend, m_loaded, run, {}, {});
        QVERIFY2(report, report ? "" : report.error().text().c_str());
        const auto trace = Trace::open(run.output);
        QVERIFY2(trace, trace ? "" : trace.error().text().c_str());
        QCOMPARE(std::vector<std::int32_t>((*trace)->tokenIds().begin(), (*trace)->tokenIds().end()), m_ids);
        const auto session = WarmSession::open(*m_backend, m_loaded.model, *trace, {});
        QVERIFY2(session, session ? "" : session.error().text().c_str());
        QVERIFY((*session)->isExact());
        std::vector<float> found;
        for (int layer = 0; layer < m_loaded.model->config.numLayers(); ++layer)
            for (int head = 0; head < m_loaded.model->config.layers[0].numHeads; ++head)
                for (const std::uint32_t row : kRows) {
                    const auto exactRow = (*session)->row(layer, {head, 1}, row);
                    QVERIFY2(exactRow, exactRow ? "" : exactRow.error().text().c_str());
                    found.insert(found.end(), exactRow->p.begin(), exactRow->p.end());
                    found.resize((found.size() + kTokens - 1) / kTokens * kTokens, 0.0f);
                }
        QVERIFY(largestDifference(found, m_attention) <= 1e-5f);
    }

private:
    static void listModels()
    {
        QTest::addColumn<QString>("model");
        const TinyModels models = tinyModels();
        QVERIFY(models.gguf.size() >= 26 && models.folders.size() >= 6);
        for (const std::string& name : models.gguf)
            QTest::newRow(name.c_str()) << QString::fromStdString(name);
        for (const std::string& name : models.folders)
            QTest::newRow((name + "/").c_str()) << QString::fromStdString(name + "/");
        if (madeFolders().empty())
            return;
        for (const auto& folder : std::filesystem::directory_iterator(madeFolders())) {
            const std::string name = folder.path().filename().string();
            QTest::newRow(("made " + name).c_str()) << QString::fromStdString("made/" + name + "/");
        }
    }

    static ForwardOptions exact()
    {
        ForwardOptions options;
        options.mode = AttentionRequest::Mode::Observed;
        options.select.selection = Selection::Exact;
        options.grid = {kTokens, 8, 8};
        options.chunkRows = 256;
        return options;
    }

    static std::filesystem::path pathOf(const std::string& file)
    {
        return sourcePath("tests/data/reference/architectures/" + file);
    }

    static Result<LoadedModel> loadFolder(const std::filesystem::path& path)
    {
        // All these models have the same tokens.
        HEADWATER_TRY_ASSIGN(LoadedModel loaded, loadModelAndTokenizer(pathOf("llama3.gguf").string()));
        const TokenizerData tokenizer = loaded.model->tokenizer;
        HEADWATER_TRY_ASSIGN(loaded.model, loadModelFolder(path, [&](const auto&) { return tokenizer; }));
        loaded.name = path.string();
        return loaded;
    }

    std::string load(std::string name)
    {
        const bool isFolder = name.ends_with('/');
        const bool isMade = name.starts_with("made/");
        name = name.substr(isMade ? 5 : 0, name.size() - (isMade ? 5 : 0) - (isFolder ? 1 : 0));
        auto loaded = isFolder ? loadFolder(isMade ? madeFolders() / name : pathOf(name))
                               : loadModelAndTokenizer(pathOf(name + ".gguf").string());
        if (!loaded)
            return loaded.error().text();
        m_loaded = std::move(*loaded);
        const std::string stem = "architectures/" + name;
        m_backend = makeCpuBackend(2, Arena::Poison::On);
        const auto uploaded = m_backend->uploadWeights(m_loaded.model);
        if (!uploaded)
            return uploaded.error().text();
        m_pass.emplace(*m_backend, m_loaded.model);
        m_logits = referenceValues<float>(stem + ".logits.npy", "<f4");
        m_attention = referenceValues<float>(stem + ".p.npy", "<f4");
        return {};
    }

    bool logitsAreTheReference(float bound)
    {
        const auto logits = m_pass->logits(kLogitRows);
        const float worst = logits ? largestDifference(*logits, m_logits) : INFINITY;
        m_said = QStringLiteral("largest difference of a logit: %1").arg(static_cast<double>(worst));
        qInfo("%s", qPrintable(m_said));
        return worst <= bound;
    }

    std::vector<std::int32_t> following() const
    {
        std::vector<std::int32_t> next(m_ids.begin() + 1, m_ids.end());
        next.push_back(-1);
        return next;
    }

    std::vector<std::int32_t> m_ids;
    LoadedModel m_loaded;
    std::unique_ptr<Backend> m_backend;
    std::optional<ForwardPass> m_pass;
    std::vector<float> m_logits; ///< [kLogitRows, vocab]
    std::vector<float> m_attention; ///< [layers, heads, kRows, kTokens]
    QString m_said;
};

QTEST_APPLESS_MAIN(TstParityArchitectures)
#include "tst_parity_architectures.moc"
