// SPDX-License-Identifier: Apache-2.0
// A key's readers, against the session's own rows: every row of the column, the tail that a run wrote again
// and heads of a window included.
#include "core/forward/forward_pass.h"
#include "core/session/warm_session.h"
#include "support/recorded_needle.h"

#include <QTest>
#include <cmath>
#include <fmt/format.h>

using namespace headwater;
using namespace headwater::test;

class TstSessionColumns : public QObject {
    Q_OBJECT

private:
    static constexpr std::uint32_t kPrompt = 700; ///< tokens
    RecordedNeedle m_needle;
    std::shared_ptr<const Trace> m_trace; ///< observed, with generated tokens
    std::unique_ptr<WarmSession> m_session;
    std::unique_ptr<WarmSession> m_adopted; ///< what the run itself has left

    std::uint32_t tailRow() const { return ForwardPass::tailRowOf(kPrompt); }

    std::vector<std::pair<WarmSession*, int>> sessionsAndLayers() const
    {
        std::vector<std::pair<WarmSession*, int>> all;
        for (int layer = 0; layer < m_needle.layers(); ++layer) {
            all.push_back({m_session.get(), layer});
            all.push_back({m_adopted.get(), layer});
        }
        return all;
    }

    static std::string keyName(int layer, int head, std::uint32_t key)
    {
        return fmt::format("layer {}, head {}, key {}", layer, head, key);
    }

private slots:
    void initTestCase()
    {
        const auto loaded = m_needle.load();
        QVERIFY2(loaded, loaded ? "" : loaded.error().text().c_str());
        ForwardState left;
        auto trace = m_needle.record(Selection::Exact, Propagation::Observed, kPrompt, 6, &left);
        QVERIFY2(trace, trace ? "" : trace.error().text().c_str());
        m_trace = *trace;
        auto session = WarmSession::open(*m_needle.backend, m_needle.model.model, m_trace, {});
        QVERIFY2(session, session ? "" : session.error().text().c_str());
        m_session = std::move(*session);
        auto adopted = WarmSession::adopt(*m_needle.backend, m_needle.model.model, m_trace, std::move(left));
        QVERIFY2(adopted, adopted ? "" : adopted.error().text().c_str());
        m_adopted = std::move(*adopted);
        QVERIFY(tailRow() > 0 && tailRow() < kPrompt && m_trace->seqLen() > kPrompt);
    }

    void everyRow_isTheRowsOwn_data()
    {
        QTest::addColumn<unsigned>("key");
        QTest::newRow("first") << 0u;
        QTest::newRow("prompt") << 300u;
        QTest::newRow("last before the tail") << tailRow() - 1;
        QTest::newRow("first of the tail") << tailRow();
        QTest::newRow("inside the tail") << tailRow() + 57;
        QTest::newRow("generated") << kPrompt;
        QTest::newRow("last") << m_trace->seqLen() - 1;
    }

    /// Within what it may be off, and as much for the row, which is float32 too.
    void everyRow_isTheRowsOwn()
    {
        QFETCH(unsigned, key);
        const std::uint32_t tokens = m_trace->seqLen();
        std::size_t read = 0;
        for (const auto& [session, layer] : sessionsAndLayers()) {
            const auto rows = session->window(layer, m_needle.heads(layer), key, tokens - key, key, 1);
            QVERIFY2(rows, rows ? "" : rows.error().text().c_str());
            const auto columns = session->columns(layer, m_needle.heads(layer), key);
            QVERIFY2(columns, columns ? "" : columns.error().text().c_str());
            QCOMPARE(columns->key, key);
            QCOMPARE(columns->p.size(), rows->p.size());
            QVERIFY(columns->relativeError > 0 && columns->relativeError < 5e-4f);
            for (std::size_t at = 0; at < rows->p.size(); ++at) {
                const float own = rows->p[at];
                QVERIFY2(std::abs(columns->p[at] - own) <= 2 * columns->relativeError * own,
                         fmt::format("{}, row {}: {} and {}",
                                     keyName(layer, static_cast<int>(at / rows->rows), key),
                                     key + at % rows->rows, columns->p[at], own)
                             .c_str());
                read += own > 1e-3f ? 1 : 0;
            }
        }
        QVERIFY(read > 0); // not a column of zeros
    }

    /// The diffuse head of a window gives each key of it the same; beyond it rows do not read the key.
    void slidingHead_endsWithItsWindow()
    {
        const LayerConfig& config = m_needle.config(0);
        QCOMPARE(config.kind, HeadKind::Sliding);
        const int diffuse = config.numHeads - 1;
        for (const std::uint32_t key : {100U, tailRow() - config.window / 2, tailRow() + 3}) {
            const auto column = m_session->columns(0, {diffuse, 1}, key);
            QVERIFY(column);
            for (std::uint32_t i = 0; i < column->p.size(); ++i) {
                const bool isRead = i < config.window;
                QVERIFY2(isRead ? std::abs(column->p[i] - 1.0f / static_cast<float>(config.window)) < 1e-5f
                                : column->p[i] == 0,
                         fmt::format("key {}, row {}: {}", key, key + i, column->p[i]).c_str());
            }
        }
    }

    void keptSums_areRefused()
    {
        const auto trace = m_needle.record(Selection::Tree, Propagation::Auto, 1500, 0);
        QVERIFY(trace);
        const auto session = WarmSession::open(*m_needle.backend, m_needle.model.model, *trace, {});
        QVERIFY(session);
        int refused = 0;
        for (int layer = 0; layer < m_needle.layers(); ++layer) {
            const auto column = (*session)->columns(layer, {0, 1}, 10);
            const bool kept = (*trace)->findHead(layer, 0)->normaliser == Normaliser::Kept;
            QCOMPARE(bool(column), !kept);
            if (kept)
                QCOMPARE(column.error().code, ErrorCode::Unsupported);
            refused += kept ? 1 : 0;
        }
        QVERIFY(refused > 0);
    }

    /// Row sums are of the exact keys: over rounded ones they make no column, and that is said.
    void roundedKeys_areRefused()
    {
        const auto session =
            WarmSession::open(*m_needle.backend, m_needle.model.model, m_trace, {ElementType::F16, 512, {}});
        QVERIFY(session);
        QVERIFY(!(*session)->isExact());
        for (int layer = 0; layer < m_needle.layers(); ++layer) {
            const auto column = (*session)->columns(layer, {0, 1}, 300);
            QVERIFY(!column);
            QCOMPARE(column.error().code, ErrorCode::Unsupported);
            QVERIFY(column.error().message.find("rounded to binary16") != std::string::npos);
            QVERIFY2(column.error().context.find(fmt::format("layer {}, head 0", layer)) != std::string::npos,
                     column.error().context.c_str());
        }
        QVERIFY((*session)->row(2, m_needle.heads(2), 300)); // rows it has
    }
};

QTEST_APPLESS_MAIN(TstSessionColumns)
#include "tst_session_columns.moc"
