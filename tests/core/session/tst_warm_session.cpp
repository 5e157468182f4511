// SPDX-License-Identifier: Apache-2.0
// A session against the run whose trace it goes on from: the same bits where the run recorded something, and
// whole rows that agree with each other.
#include "core/model/dequantize.h"
#include "core/session/session_estimate.h"
#include "core/session/warm_session.h"
#include "support/recorded_needle.h"

#include <QDir>
#include <QTest>
#include <cmath>

using namespace headwater;
using namespace headwater::test;

namespace {

/// A copy of a model of which one weight is another, under the same name.
std::shared_ptr<const Model> withAnotherWeight(const Model& model, std::vector<float>& storage)
{
    auto copy = std::make_shared<Model>(model);
    WeightMatrix& query = copy->weights.layers.front().query.matrix;
    storage.resize(query.elements());
    for (std::uint32_t row = 0; row < query.rows; ++row)
        dequantizeRow(query, row, std::span(storage).subspan(std::size_t{row} * query.cols, query.cols));
    for (float& weight : storage)
        weight *= 1.01f;
    query.type = WeightType::F32;
    query.data = std::as_bytes(std::span(storage));
    return copy;
}

} // namespace

class TstWarmSession : public QObject {
    Q_OBJECT

private:
    RecordedNeedle m_needle;

    std::shared_ptr<const Trace> record(Selection selection, Propagation propagation, std::uint32_t tokens,
                                        std::uint32_t generate, ForwardState* left = nullptr)
    {
        const auto trace = m_needle.record(selection, propagation, tokens, generate, left);
        if (!trace)
            qWarning("%s", trace.error().text().c_str());
        return trace ? *trace : nullptr;
    }

    std::unique_ptr<WarmSession> open(const std::shared_ptr<const Trace>& trace,
                                      const WarmSession::Options& options = {})
    {
        auto opened = WarmSession::open(*m_needle.backend, m_needle.model.model, trace, options);
        if (!opened)
            qWarning("%s", opened.error().text().c_str());
        return opened ? std::move(*opened) : nullptr;
    }

    int layers() const { return m_needle.layers(); }
    HeadRange heads(int layer) const { return m_needle.heads(layer); }

    void selections()
    {
        QTest::addColumn<int>("selection");
        QTest::addColumn<int>("propagation");
        QTest::addColumn<unsigned>("tokens");
        QTest::addColumn<unsigned>("generate");
        for (const unsigned generate : {0u, 10u}) {
            const auto name = [&](const char* what) {
                return QByteArray(what) + (generate ? " generated" : "");
            };
            QTest::newRow(name("observed"))
                << int(Selection::Exact) << int(Propagation::Observed) << 1500u << generate;
            QTest::newRow(name("observed tree"))
                << int(Selection::Tree) << int(Propagation::Observed) << 1500u << generate;
            QTest::newRow(name("propagated exact"))
                << int(Selection::Exact) << int(Propagation::Propagated) << 1500u << generate;
            QTest::newRow(name("tree"))
                << int(Selection::Tree) << int(Propagation::Auto) << 1500u << generate;
            QTest::newRow(name("stream"))
                << int(Selection::Stream) << int(Propagation::Auto) << 1500u << generate;
            QTest::newRow(name("short"))
                << int(Selection::Exact) << int(Propagation::Observed) << 200u << generate;
        }
    }

    /// Whatever can be asked of both gives the same bits.
    void compare(WarmSession& a, WarmSession& b)
    {
        QCOMPARE(a.quantity(), b.quantity());
        QCOMPARE(a.isExact(), b.isExact());
        const std::uint32_t tokens = a.trace()->seqLen();
        const std::uint32_t rows = std::min(tokens, 300u);
        for (int layer = 0; layer < layers(); ++layer) {
            const auto left = a.window(layer, heads(layer), tokens - rows, rows, 0, tokens);
            const auto right = b.window(layer, heads(layer), tokens - rows, rows, 0, tokens);
            QVERIFY(left && right);
            QVERIFY(left->p == right->p);
            QVERIFY(left->lse == right->lse);
        }
        const auto left = a.predictions(tokens - rows, rows);
        const auto right = b.predictions(tokens - rows, rows);
        QVERIFY(left && right);
        for (std::size_t row = 0; row < rows; ++row) {
            QCOMPARE((*left)[row].likeliest.front().id, (*right)[row].likeliest.front().id);
            QCOMPARE((*left)[row].likeliest.front().logprob, (*right)[row].likeliest.front().logprob);
        }
    }

private slots:
    void initTestCase()
    {
        const auto loaded = m_needle.load();
        QVERIFY2(loaded, loaded ? "" : loaded.error().text().c_str());
    }

    void session_isTheRunAgain_data() { selections(); }

    void session_isTheRunAgain()
    {
        QFETCH(int, selection);
        QFETCH(int, propagation);
        QFETCH(unsigned, tokens);
        QFETCH(unsigned, generate);
        const auto trace = record(static_cast<Selection>(selection), static_cast<Propagation>(propagation),
                                  tokens, generate);
        QVERIFY(trace);
        QCOMPARE(trace->seqLen() > tokens, generate > 0);
        const auto session = open(trace);
        QVERIFY(session);
        QCOMPARE(session->check().heads, static_cast<std::uint32_t>(trace->heads().size()));
        QCOMPARE(session->check().largest, 0.0f); // the same operations in the same order
        QCOMPARE(session->quantity(), trace->meta()["quantity"] == "p_model" ? "p_model" : "p_stream");
        QVERIFY(session->isExact());
        QCOMPARE(session->bytes(),
                 forwardStateBytes(m_needle.model.model->config, trace->seqLen(), ElementType::F32));
        float worst = 0;
        std::size_t compared = 0;
        for (std::uint32_t row = 0; row < trace->seqLen(); ++row) {
            if (!trace->hasTokenRow(row))
                continue;
            const auto recorded = trace->loadTokenRows(row);
            QVERIFY(recorded);
            for (int layer = 0; layer < layers(); ++layer) {
                const auto exact = session->row(layer, heads(layer), row);
                QVERIFY2(exact, exact ? "" : exact.error().text().c_str());
                for (const TokenRow& one : *recorded) {
                    if (one.layer != layer)
                        continue;
                    const float* const p = exact->p.data() + std::size_t(one.head) * exact->keys;
                    for (std::size_t k = 0; k < one.keys.size(); ++k, ++compared)
                        worst = std::max(worst, std::abs(p[one.keys[k]] - one.probability[k]));
                }
            }
        }
        QVERIFY(compared > 1000);
        QVERIFY2(worst < 1e-6f, qPrintable(QString::number(double(worst))));
    }

    void adoptedState_isTheSessionThatOpens_data() { selections(); }

    /// The run's own state, without another forward.
    void adoptedState_isTheSessionThatOpens()
    {
        QFETCH(int, selection);
        QFETCH(int, propagation);
        QFETCH(unsigned, tokens);
        QFETCH(unsigned, generate);
        ForwardState left;
        const auto trace = record(static_cast<Selection>(selection), static_cast<Propagation>(propagation),
                                  tokens, generate, &left);
        QVERIFY(trace);
        QVERIFY(!left.isEmpty());
        const auto adopted =
            WarmSession::adopt(*m_needle.backend, m_needle.model.model, trace, std::move(left));
        QVERIFY2(adopted, adopted ? "" : adopted.error().text().c_str());
        QCOMPARE((*adopted)->check().heads, static_cast<std::uint32_t>(trace->heads().size()));
        QCOMPARE((*adopted)->check().rows, 4u);
        QVERIFY2((*adopted)->check().largest < 5e-5f, // scores of some tens in float32, in another order
                 qPrintable(QString::number(double((*adopted)->check().largest))));
        const auto opened = open(trace);
        QVERIFY(opened);
        compare(**adopted, *opened);
    }

    void stateOfAnotherRun_isRefused()
    {
        ForwardState left;
        const auto first = record(Selection::Exact, Propagation::Observed, 600, 0, &left);
        QVERIFY(first);
        QVERIFY(!left.isEmpty());
        const auto longer = record(Selection::Exact, Propagation::Observed, 700, 0);
        QVERIFY(longer);
        const auto shortState = WarmSession::adopt(*m_needle.backend, m_needle.model.model, longer, left);
        QVERIFY(!shortState);
        QCOMPARE(shortState.error().code, ErrorCode::InvalidArgument);
        std::swap(left.layers.front().read.keys, left.layers.front().read.values);
        const auto again = record(Selection::Exact, Propagation::Observed, 600, 0);
        const auto damaged = WarmSession::adopt(*m_needle.backend, m_needle.model.model, again, left);
        QVERIFY(!damaged);
        QCOMPARE(damaged.error().code, ErrorCode::BadFormat);

        // Sums of kept keys tell little of a whole row; what the last row is recorded to read does.
        ForwardState kept;
        const auto sparse = record(Selection::Tree, Propagation::Auto, 1500, 0, &kept);
        QVERIFY(sparse && !kept.isEmpty());
        DeviceTensor& keys = kept.layers.back().read.keys;
        QVERIFY(m_needle.backend->copyRows(keys, 0, 700, keys, 750));
        const auto moved = WarmSession::adopt(*m_needle.backend, m_needle.model.model, sparse, kept);
        QVERIFY(!moved);
        QCOMPARE(moved.error().code, ErrorCode::BadFormat);
    }

    void stateOnADisk_givesTheSameNumbers()
    {
        QTemporaryDir beside(QDir::currentPath() + "/scratch-XXXXXX");
        const std::filesystem::path folder = beside.path().toStdString();
        if (scratchSpace(folder) == 0)
            QSKIP("the tests run in a folder that lies in memory");
        for (const std::uint32_t generate : {0u, 10u}) {
            const auto trace = record(Selection::Tree, Propagation::Auto, 1500, generate);
            QVERIFY(trace);
            for (const ElementType keysAs : {ElementType::F32, ElementType::F16}) {
                const auto inMemory = open(trace, {keysAs, 512, {}});
                const auto onDisk = open(trace, {keysAs, 512, folder});
                QVERIFY(inMemory && onDisk);
                QVERIFY(!inMemory->isInScratch() && onDisk->isInScratch());
                QCOMPARE(onDisk->bytes(), inMemory->bytes());
                QCOMPARE(onDisk->check().largest, 0.0f);
                compare(*inMemory, *onDisk);
            }
        }
        QVERIFY(QDir(beside.path()).isEmpty());
        const auto trace = record(Selection::Tree, Propagation::Auto, 600, 0);
        const auto nowhere = WarmSession::open(*m_needle.backend, m_needle.model.model, trace,
                                               {ElementType::F32, 512, "/proc/no such folder"});
        QVERIFY(!nowhere);
        QCOMPARE(nowhere.error().code, ErrorCode::CannotCreate);
        QVERIFY(open(trace));
    }

    /// A window is a part of its rows, a column what they give to its key; each row sums to one.
    void windowsAndColumns_areOfTheSameRows()
    {
        const auto trace = record(Selection::Exact, Propagation::Observed, 1500, 10);
        QVERIFY(trace);
        const auto session = open(trace);
        QVERIFY(session);
        const std::uint32_t tokens = trace->seqLen();
        const std::uint32_t tail = 1280; // of 1 500 tokens: the window reaches over it
        for (int layer = 0; layer < layers(); ++layer) {
            const auto window = session->window(layer, heads(layer), tail - 30, 100, 700, 600);
            QVERIFY(window);
            const std::uint32_t key = 731;
            const auto columns = session->columns(layer, heads(layer), key);
            QVERIFY2(columns, columns ? "" : columns.error().text().c_str());
            const std::size_t readers = tokens - key;
            QCOMPARE(columns->p.size(), std::size_t(heads(layer).count) * readers);
            const auto last = session->columns(layer, {heads(layer).count - 1, 1}, key); // one of them alone
            QVERIFY(last);
            for (std::size_t i = 0; i < readers; ++i)
                QVERIFY(std::abs(last->p[i] - columns->p[columns->p.size() - readers + i]) <= 1e-6f);
            for (const std::uint32_t row : {tail - 30, tail - 1, tail, tail + 69}) {
                const auto whole = session->row(layer, heads(layer), row);
                QVERIFY(whole);
                for (std::size_t head = 0; head < std::size_t(heads(layer).count); ++head) {
                    const std::span<const float> p =
                        std::span(whole->p).subspan(head * whole->keys, whole->keys);
                    double sum = 0;
                    for (const float value : p)
                        sum += double(value);
                    QVERIFY(std::abs(sum - 1) < 1e-5);
                    const std::size_t line = head * window->rows + (row - window->firstRow);
                    QVERIFY(std::abs(window->lse[line] - whole->lse[head]) < 1e-5f);
                    for (std::uint32_t i = 0; i < window->keys; ++i) {
                        const std::uint32_t at = window->firstKey + i;
                        const float expected = at < p.size() ? p[at] : 0.0f;
                        QVERIFY(std::abs(window->p[line * window->keys + i] - expected) <= 1e-6f);
                    }
                    QVERIFY(std::abs(columns->p[head * readers + row - key] - p[key])
                            <= 1e-5f * (1 + p[key]));
                }
            }
        }
    }

    void roundedKeys_areNamedAndNear()
    {
        const auto trace = record(Selection::Exact, Propagation::Observed, 1500, 0);
        QVERIFY(trace);
        const auto exact = open(trace);
        const auto rounded = open(trace, {ElementType::F16, 512, {}});
        QVERIFY(exact && rounded);
        QVERIFY(exact->isExact() && !rounded->isExact());
        QVERIFY(rounded->bytes() < exact->bytes());
        float worst = 0;
        for (int layer = 0; layer < layers(); ++layer) {
            const auto a = exact->window(layer, heads(layer), 1000, 64, 0, 1064);
            const auto b = rounded->window(layer, heads(layer), 1000, 64, 0, 1064);
            QVERIFY(a && b);
            for (std::size_t i = 0; i < a->p.size(); ++i)
                worst = std::max(worst, std::abs(a->p[i] - b->p[i]));
        }
        QVERIFY(worst > 0);
        QVERIFY2(worst < 5e-3f, qPrintable(QString::number(double(worst))));
    }

    void otherWeights_areRefused()
    {
        const auto trace = record(Selection::Exact, Propagation::Observed, 600, 0);
        QVERIFY(trace);
        std::vector<float> storage;
        const auto other = withAnotherWeight(*m_needle.model.model, storage);
        const auto backend = makeCpuBackend(1);
        QVERIFY(backend->uploadWeights(other));
        const auto session = WarmSession::open(*backend, other, trace, {});
        QVERIFY(!session);
        QCOMPARE(session.error().code, ErrorCode::BadFormat);
        QVERIFY2(session.error().context.find("layer 0, head") != std::string::npos,
                 session.error().text().c_str());

        for (std::string ModelIdentity::*const part :
             {&ModelIdentity::headerSha256, &ModelIdentity::weightsSha256}) {
            auto renamed = std::make_shared<Model>(*m_needle.model.model);
            renamed->identity.*part = std::string(64, '0');
            const auto refused = WarmSession::open(*m_needle.backend, renamed, trace, {});
            QVERIFY(!refused);
            QCOMPARE(refused.error().code, ErrorCode::InvalidArgument);
        }
    }

    void questionsOutside_areRefused_data()
    {
        QTest::addColumn<int>("layer");
        QTest::addColumn<int>("head");
        QTest::addColumn<unsigned>("row");
        QTest::addColumn<unsigned>("rows");
        QTest::addColumn<unsigned>("key");
        QTest::newRow("layer") << 99 << 0 << 0u << 1u << 0u;
        QTest::newRow("no layer") << -1 << 0 << 0u << 1u << 0u;
        QTest::newRow("head") << 0 << 99 << 0u << 1u << 0u;
        QTest::newRow("row") << 0 << 0 << 600u << 1u << 0u;
        QTest::newRow("rows") << 0 << 0 << 599u << 2u << 0u;
        QTest::newRow("many rows") << 0 << 0 << 1u << 0xFFFFFFFFu << 0u;
        QTest::newRow("no rows") << 0 << 0 << 1u << 0u << 0u;
        QTest::newRow("key") << 0 << 0 << 0u << 1u << 600u;
    }

    void questionsOutside_areRefused()
    {
        static const auto trace = record(Selection::Exact, Propagation::Observed, 600, 0);
        static const auto session = open(trace);
        QVERIFY(session);
        QFETCH(int, layer);
        QFETCH(int, head);
        QFETCH(unsigned, row);
        QFETCH(unsigned, rows);
        QFETCH(unsigned, key);
        const auto answer = session->window(layer, {head, 1}, row, rows, key, 1);
        QVERIFY(!answer);
        QCOMPARE(answer.error().code, ErrorCode::InvalidArgument);
    }

    void openingStops()
    {
        const auto trace = record(Selection::Exact, Propagation::Observed, 600, 0);
        QVERIFY(trace);
        std::stop_source source;
        int reports = 0;
        const auto stopped = WarmSession::open(
            *m_needle.backend, m_needle.model.model, trace, {},
            [&](const Progress&) {
                if (++reports == 2)
                    source.request_stop();
            },
            source.get_token());
        QVERIFY(!stopped);
        QCOMPARE(stopped.error().code, ErrorCode::Cancelled);
    }

    void estimate_choosesTheMostExactThatFits()
    {
        constexpr std::uint32_t kTokens = 100'000;
        constexpr std::uint64_t kPlenty = std::uint64_t{1} << 40;
        const Model& model = *m_needle.model.model;
        const std::uint64_t whole = forwardStateBytes(model.config, kTokens, ElementType::F32);
        const std::uint64_t half = forwardStateBytes(model.config, kTokens, ElementType::F16);
        QVERIFY(half < whole);
        const auto estimate = [&](std::uint64_t memory, std::uint64_t scratch) {
            return estimateSession(*m_needle.backend, model, defaultGrid(kTokens), {memory, scratch});
        };
        const SessionEstimate roomy = estimate(kPlenty, kPlenty);
        QVERIFY(roomy.fits && !roomy.inScratch);
        QCOMPARE(roomy.keysAs, ElementType::F32);
        QVERIFY(roomy.openingBytes > whole);
        // One byte less of memory than it takes: on the disk, and the memory is then that of the forward
        // alone.
        const std::uint64_t least = estimate(roomy.openingBytes / 2, kPlenty).openingBytes;
        const SessionEstimate onDisk = estimate(least + half - 1, whole);
        QVERIFY(onDisk.fits && onDisk.inScratch);
        QCOMPARE(onDisk.keysAs, ElementType::F32);
        QVERIFY(onDisk.openingBytes < half);
        const SessionEstimate rounded = estimate(least + half, whole - 1);
        QVERIFY(rounded.fits && !rounded.inScratch);
        QCOMPARE(rounded.keysAs, ElementType::F16);
        const SessionEstimate roundedOnDisk = estimate(least, half);
        QVERIFY(roundedOnDisk.fits && roundedOnDisk.inScratch);
        QCOMPARE(roundedOnDisk.keysAs, ElementType::F16);
        const SessionEstimate none = estimate(least, half - 1);
        QVERIFY(!none.fits && !none.inScratch);
        QVERIFY(none.openingBytes > least);
        QVERIFY(!estimate(std::uint64_t{1} << 20, kPlenty).fits);
    }
};

QTEST_GUILESS_MAIN(TstWarmSession)
#include "tst_warm_session.moc"
