// SPDX-License-Identifier: Apache-2.0
// A prompt that begins like the last one: what is taken from the cache changes no bit of what follows.
#include "core/backend/cpu/cpu_backend.h"
#include "core/forward/cached_pass.h"
#include "core/forward/forward_pass.h"
#include "core/model/model_loader.h"
#include "support/failing_backend.h"
#include "support/fetched_model.h"
#include "support/random_ids.h"
#include "support/reference_data.h"

#include <QTest>
#include <cmath>

using namespace headwater;

namespace {

using Ids = std::vector<std::int32_t>;

/// Logits of a prompt's last row and after each decoded token, row after row.
using Logits = std::vector<float>;

Result<Logits> forward(CachedPass& pass, const Ids& prompt, const Ids& decoded, std::uint32_t expectReused,
                       std::uint32_t chunkRows = 2048)
{
    HEADWATER_TRY_ASSIGN(const std::uint32_t reused,
                         pass.prefill(prompt, chunkRows, static_cast<std::uint32_t>(decoded.size())));
    if (reused != expectReused)
        return Error{ErrorCode::Internal, std::to_string(reused), "reused"};
    HEADWATER_TRY_ASSIGN(Logits all, pass.logits());
    for (const std::int32_t id : decoded) {
        HEADWATER_TRY_ASSIGN(const Logits next, pass.decode(id));
        all.insert(all.end(), next.begin(), next.end());
    }
    return all;
}

Ids joined(Ids first, const Ids& second, const Ids& third = {})
{
    first.insert(first.end(), second.begin(), second.end());
    first.insert(first.end(), third.begin(), third.end());
    return first;
}

Ids part(const Ids& ids, std::size_t first, std::size_t count)
{
    return Ids(ids.begin() + std::ptrdiff_t(first), ids.begin() + std::ptrdiff_t(first + count));
}

} // namespace

class TstCachedPass : public QObject {
    Q_OBJECT

private:
    std::shared_ptr<const Model> m_model;
    Ids m_ids;

    bool load(const std::string& name)
    {
        const auto loaded = loadModel(
            name.ends_with(".gguf") ? test::sourcePath("tests/data/reference/" + name).string() : name);
        if (!loaded)
            return false;
        m_model = *loaded;
        m_ids = test::randomIds(*m_model, 2000);
        return true;
    }

    /// What a pass that has seen nothing before makes of it.
    Logits fresh(const Ids& prompt, const Ids& decoded, std::size_t threads = 2)
    {
        const auto backend = makeCpuBackend(threads);
        if (!backend->uploadWeights(m_model))
            return {};
        CachedPass pass(*backend, m_model);
        const auto logits = forward(pass, prompt, decoded, 0);
        return logits ? *logits : Logits();
    }

private slots:
#ifdef HEADWATER_WITH_SMOLLM2
    void initTestCase() { HEADWATER_SKIP_WITHOUT("smollm2-135m"); }
#endif
    void nextTurn_sameBits_data()
    {
        QTest::addColumn<QString>("name");
#ifdef HEADWATER_WITH_SMOLLM2
        for (const char* name : {"smollm2-135m"})
#else
        for (const char* name :
             {"tiny-llama-f32.gguf", "architectures/gemma3.gguf", "architectures/gemma3-pattern.gguf",
              "architectures/gemma2.gguf", "architectures/gemma4.gguf",
              "architectures/gemma4-keys-as-values.gguf", "architectures/ministral3.gguf", "builtin:needle"})
#endif
            QTest::newRow(name) << QString(name);
    }

    /// Three turns, each prompt the one before with its answer and more; then another prompt.
    void nextTurn_sameBits()
    {
        QFETCH(QString, name);
        QVERIFY(load(name.toStdString()));
        const Ids answer = part(m_ids, 1900, 9);
        const Ids first = part(m_ids, 0, 300);
        const Ids second = joined(first, answer, part(m_ids, 400, 251)); // 560
        const Ids third = joined(second, answer, part(m_ids, 700, 199)); // 768: tiles alone
        const Ids other = joined(part(m_ids, 0, 520), part(m_ids, 1000, 30));
        const auto backend = makeCpuBackend(2, Arena::Poison::On);
        QVERIFY(backend->uploadWeights(m_model));
        CachedPass pass(*backend, m_model);
        const auto sameBits = [&](const Ids& prompt, std::uint32_t reused, std::uint32_t chunkRows) {
            const auto found = forward(pass, prompt, answer, reused, chunkRows);
            if (!found)
                QTest::qFail(found.error().text().c_str(), __FILE__, __LINE__);
            return found && !found->empty() && *found == fresh(prompt, answer, reused == 0 ? 1 : 2);
        };
        QVERIFY(sameBits(first, 0, 2048));
        QVERIFY(sameBits(second, 256, 256));
        QVERIFY(sameBits(third, 512, 2048));
        QVERIFY(sameBits(third, 512, 2048)); // the last tile is forwarded for its logits
        QVERIFY(sameBits(other, 256, 512));
        QVERIFY(sameBits(part(m_ids, 0, 100), 0, 2048)); // shorter than a tile
        QVERIFY(sameBits(part(m_ids, 1, 300), 0, 2048)); // begins otherwise
    }

    /// Rounded keys change little: another path to the same model.
    void logits_areNearTheUnrounded()
    {
        QVERIFY(load("tiny-llama-f32.gguf"));
        const Ids prompt = part(m_ids, 0, 700), decoded = part(m_ids, 800, 3);
        const auto backend = makeCpuBackend(2);
        QVERIFY(backend->uploadWeights(m_model));
        ForwardPass whole(*backend, m_model);
        ForwardOptions options;
        options.grid = {703, 8, 8};
        QVERIFY(whole.prefill(joined(prompt, decoded), options, nullptr));
        const std::uint32_t rows[] = {699, 700, 701, 702};
        const auto expected = whole.logits(rows);
        const Logits found = fresh(prompt, decoded);
        QVERIFY(expected);
        QCOMPARE(found.size(), expected->size());
        for (std::size_t i = 0; i < found.size(); ++i)
            QVERIFY(std::abs(found[i] - (*expected)[i]) < 5e-3f);
        QVERIFY(found != *expected); // or nothing is rounded, and this test says nothing
    }

    void afterAFailure_theNextPromptIsRight_data()
    {
        QTest::addColumn<QString>("operation");
        QTest::addColumn<int>("call");
        for (const char* operation :
             {"allocate", "embed", "projectKeysValues", "copyRows", "attend", "feedForward"})
            for (const int call : {0, 2})
                if (call == 0 || operation != QStringLiteral("embed"))
                    QTest::addRow("%s %d", operation, call) << operation << call;
    }

    void afterAFailure_theNextPromptIsRight()
    {
        QFETCH(QString, operation);
        QFETCH(int, call);
        QVERIFY(load("tiny-llama-f32.gguf"));
        const auto cpu = makeCpuBackend(2);
        test::FailingBackend backend(*cpu);
        QVERIFY(backend.uploadWeights(m_model));
        CachedPass pass(backend, m_model);
        const Ids first = part(m_ids, 0, 600), answer = part(m_ids, 900, 2);
        QVERIFY(forward(pass, first, answer, 0));
        backend.failOnce(operation.toStdString(), call);
        QVERIFY(!pass.prefill(joined(first, answer, part(m_ids, 700, 300)), 2048, 2));
        QVERIFY(backend.hasFailed());
        QVERIFY(!pass.logits());
        QVERIFY(!pass.decode(3));
        const Ids next = joined(first, answer, part(m_ids, 700, 100));
        const auto again = pass.prefill(next, 2048, 2);
        QVERIFY(again);
        const auto logits = pass.logits();
        QVERIFY(logits);
        QCOMPARE(*logits, fresh(next, {}));
    }

    /// A decoded token that fails is not there.
    void aFailedToken_isDecodedAgain()
    {
        QVERIFY(load("architectures/gemma4.gguf"));
        const auto cpu = makeCpuBackend(2);
        test::FailingBackend backend(*cpu);
        QVERIFY(backend.uploadWeights(m_model));
        CachedPass pass(backend, m_model);
        QVERIFY(pass.prefill(part(m_ids, 0, 50), 2048, 2));
        backend.failOnce("logits", 0);
        QVERIFY(!pass.decode(5));
        const auto again = pass.decode(5);
        QVERIFY(again);
        const Logits expected = fresh(part(m_ids, 0, 50), {5});
        QCOMPARE(*again, Logits(expected.end() - std::ptrdiff_t(again->size()), expected.end()));
        QVERIFY(pass.decode(6));
        const auto full = pass.decode(7);
        QVERIFY(!full);
        QCOMPARE(full.error().code, ErrorCode::Internal);
    }

    void aStop_isHeardInside()
    {
        QVERIFY(load("tiny-llama-f32.gguf"));
        const auto backend = makeCpuBackend(2);
        QVERIFY(backend->uploadWeights(m_model));
        CachedPass pass(*backend, m_model);
        std::stop_source source;
        std::uint64_t done = 0;
        const auto stopAtOnce = [&](const Progress& progress) {
            done = progress.done;
            source.request_stop();
        };
        const auto stopped = pass.prefill(part(m_ids, 0, 1500), 256, 2, stopAtOnce, source.get_token());
        QVERIFY(!stopped);
        QCOMPARE(stopped.error().code, ErrorCode::Cancelled);
        QCOMPARE(done, std::uint64_t(256)); // of one layer's first chunk
        QVERIFY(pass.prefill(part(m_ids, 0, 20), 256, 2));
        const auto decoded = pass.decode(4, source.get_token());
        QVERIFY(!decoded);
        QCOMPARE(decoded.error().code, ErrorCode::Cancelled);
    }

    /// The cache is as large as the prompt and what may follow it, whatever came before.
    void heldBytes_areThePrompts()
    {
        QVERIFY(load("tiny-llama-f32.gguf"));
        const auto backend = makeCpuBackend(2);
        QVERIFY(backend->uploadWeights(m_model));
        CachedPass pass(*backend, m_model);
        QCOMPARE(pass.heldBytes(), std::uint64_t(0));
        std::uint64_t row = 0;
        for (const LayerConfig& layer : m_model->config.layers)
            row += 4 * layer.keyWidth();
        const std::uint64_t hidden = 4 * std::uint64_t(m_model->config.hiddenSize);
        for (const std::uint64_t tokens : {900, 1400, 300}) {
            QVERIFY(pass.prefill(part(m_ids, 0, tokens), 2048, 5));
            QVERIFY(pass.decode(1));
            QCOMPARE(pass.heldBytes(), (tokens + 5) * row + hidden);
        }
    }
};

QTEST_APPLESS_MAIN(TstCachedPass)
#include "tst_cached_pass.moc"
