// SPDX-License-Identifier: GPL-3.0-or-later
// A long prompt, from the whole square down to one pair, with mouse and keys alone: hand, row and heads say
// the same of it, and what they say is what the core computes. HEADWATER_LONG_WALK_TOKENS: how long it is
// (131 072); HEADWATER_LONG_WALK_MODEL: of which model (builtin:needle).
#include "core/backend/cpu/cpu_backend.h"
#include "core/engine/loaded_model.h"
#include "core/model/builtin/needle_prompt.h"
#include "core/session/warm_session.h"
#include "ui/main/walked_window.h"
#include "ui/map/exact_offer.h"

#include <QFile>
#include <QProcess>
#include <QPushButton>
#include <cmath>

using namespace headwater;
using namespace headwater::testing;

class TestLongWalk : public WalkedWindow {
    Q_OBJECT

    const QString m_model = qEnvironmentVariable("HEADWATER_LONG_WALK_MODEL", "builtin:needle");
    std::uint32_t m_tokens = qEnvironmentVariable("HEADWATER_LONG_WALK_TOKENS", "131072").toUInt();
    LoadedModel m_loaded;
    HeadId m_head;
    TokenPair m_pair;
    Said m_said;

    /// A needle prompt, cut where the model has counted its tokens.
    Result<QByteArray> promptText() const
    {
        NeedlePromptSpec spec;
        const bool isOfBytes = m_model == "builtin:needle";
        spec.tokens = isOfBytes ? m_tokens : std::uint64_t{8} * m_tokens;
        HEADWATER_TRY_ASSIGN(const NeedlePrompt prompt, makeNeedlePrompt(spec));
        QByteArray text = QByteArray::fromStdString(prompt.text);
        if (isOfBytes)
            return text;
        HEADWATER_TRY_ASSIGN(const EncodedPrompt encoded, encodePrompt(m_loaded, prompt.text, "off"));
        if (encoded.tokens.ids.size() > m_tokens)
            text.truncate(encoded.tokens.offsets[m_tokens]);
        return text;
    }

    /// The heaviest pair far from its row that the trace holds of a block alone.
    void findFarPair()
    {
        const Trace& trace = *subject().trace();
        float heaviest = 0;
        for (const HeadInfo& info : trace.heads()) {
            const auto edges = trace.loadEdges(info.layer, info.head);
            QVERIFY(edges.has_value());
            for (std::uint32_t row = 0; row < trace.seqLen(); row += info.blockQ) {
                for (const BlockEntry& entry : rowEntries(**edges, row)) {
                    const bool isFar = entry.peakKey > 1024
                        && entry.peakQuery > std::uint64_t{entry.peakKey} + trace.seqLen() / 8;
                    if (isFar && entry.peak > heaviest && !trace.hasTokenRow(entry.peakQuery)) {
                        heaviest = entry.peak;
                        m_head = {info.layer, info.head};
                        m_pair = {entry.peakQuery, entry.peakKey};
                    }
                }
            }
        }
        QVERIFY(m_pair.query);
    }

public:
    TestLongWalk()
        : WalkedWindow("long")
    {
    }

private slots:
    void initTestCase()
    {
        // A token more of a real model takes so long on two cores, twice: the run, and the session.
        m_patienceMs += static_cast<int>(m_tokens) * (m_model == "builtin:needle" ? 1 : 40);
        auto loaded = loadModelAndTokenizer(m_model.toStdString());
        if (!loaded && loaded.error().code == ErrorCode::NotFound)
            QSKIP(loaded.error().text().c_str());
        QVERIFY2(loaded, loaded ? "" : loaded.error().text().c_str());
        m_loaded = std::move(*loaded);
        const auto text = promptText();
        QVERIFY2(text, text ? "" : text.error().text().c_str());
        QFile prompt(m_folder.filePath("long.txt"));
        QVERIFY(prompt.open(QIODevice::WriteOnly) && prompt.write(*text) == text->size());
        prompt.close();
        QProcess run;
        run.start(
            HEADWATER_PROGRAM,
            {"run", "--model", m_model, "--prompt", prompt.fileName(), "-o", m_folder.filePath("long.hwt")});
        QVERIFY(run.waitForFinished(m_patienceMs));
        QVERIFY2(run.exitCode() == 0, run.readAllStandardError().constData());
        showWindow();
    }

    void cleanupTestCase() { m_window.reset(); }

    void wholeSquare_isSeen()
    {
        QCOMPARE(runScript(*m_window, {"file.open path='" + m_folder.filePath("long.hwt") + "'"}), 0);
        QVERIFY(subject().trace() && subject().trace()->seqLen() >= m_tokens);
        findFarPair();
        if (QTest::currentTestFailed())
            return;
        nameHead(m_head);
        QTest::keyClick(map(), Qt::Key_0);
        QCOMPARE(runScript(*m_window, {"view.wait"}), 0);
        QVERIFY(look().viewport() == wholeMap(subject().trace()->seqLen(), map()->size()));
        QVERIFY(!exploreOf(*m_window).map()->tiles()->exactOnScreen());
        picture("whole");
    }

    /// Its pairs come exact: by themselves, or by the button that says what they cost.
    void pair_isZoomedTo()
    {
        wheelDownTo({*m_pair.key + 0.5, *m_pair.query + 0.5}, 0.05);
        if (QTest::currentTestFailed())
            return;
        auto* const button = m_window->findChild<QPushButton*>("exactOfferButton");
        const auto isExact = [&] { return exploreOf(*m_window).map()->tiles()->exactOnScreen() != nullptr; };
        QTRY_VERIFY_WITH_TIMEOUT(
            isExact() || (button->isVisible() && button->text().startsWith("Compute these")), m_patienceMs);
        if (!isExact())
            QTest::mouseClick(button, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(isExact(), m_patienceMs);
        QCOMPARE(runScript(*m_window, {"view.wait"}), 0);
        QVERIFY(exploreOf(*m_window).map()->tiles()->exactOnScreen()->isExact);
        picture("words");
    }

    void pair_hasOneNumber() { lockPair(m_pair, m_said); }

    /// The same session opened here, once the window's is closed.
    void number_isThatOfTheCore()
    {
        const std::shared_ptr<const Trace> trace = subject().trace();
        const auto window = exploreOf(*m_window).map()->tiles()->exactOnScreen();
        QVERIFY(window);
        m_window.reset();
        const std::unique_ptr<Backend> backend = makeCpuBackend(2);
        QVERIFY(backend->uploadWeights(m_loaded.model));
        WarmSession::Options options;
        options.scratchFolder = m_folder.path().toStdString();
        const auto session = WarmSession::open(*backend, m_loaded.model, trace, options);
        QVERIFY2(session, session ? "" : session.error().text().c_str());
        QVERIFY((*session)->isExact());
        // Float32 sums of scores and of a row, in another order.
        const auto isNear = [](double is, double expected) {
            return std::abs(is - expected) <= 1e-5 * expected + 1e-9;
        };
        std::size_t compared = 0;
        for (int layer = 0; layer < trace->numLayers(); ++layer) {
            const HeadRange all{0, trace->numHeads(layer)};
            const auto row = (*session)->row(layer, all, *m_pair.query);
            QVERIFY2(row, row ? "" : row.error().text().c_str());
            const auto given = [&row](int head, std::uint32_t key) {
                return double(row->p[std::size_t(head) * row->keys + key - row->firstKey]);
            };
            for (const MassRow& line : m_said.heads) {
                if (line.head.layer != layer)
                    continue;
                QVERIFY2(isNear(line.mass, given(line.head.head, *m_pair.key)), qPrintable(line.name));
                ++compared;
            }
            if (layer != m_head.layer)
                continue;
            QVERIFY(isNear(m_said.inRow, given(m_head.head, *m_pair.key)));
            QCOMPARE(m_said.ofHand, probabilityText(given(m_head.head, *m_pair.key)));
            for (std::uint32_t key = window->keys.begin; key < window->keys.end && key <= *m_pair.query;
                 ++key)
                QVERIFY(isNear(double(window->at(*m_pair.query, key)), given(m_head.head, key)));
        }
        QCOMPARE(compared, trace->heads().size());
    }
};

QTEST_MAIN(TestLongWalk)
#include "tst_long_walk.moc"
