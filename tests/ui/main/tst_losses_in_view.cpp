// SPDX-License-Identifier: GPL-3.0-or-later
// A trace without predictions, and a session that gives those that are looked at, against a trace that holds
// them.
#include "core/reading/predicted_rows.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/inspector/locked_row_card.h"
#include "ui/inspector/next_word.h"
#include "ui/main/recorded_windows.h"
#include "ui/map/exact_offer.h"
#include "ui/map/map_pane.h"
#include "ui/text/text_pane.h"
#include "ui/text/word_shade.h"

#include <QScrollBar>
#include <QTest>
#include <cmath>

using namespace headwater;
using namespace headwater::testing;

class TestLossesInView : public RecordedWindows {
    Q_OBJECT

private:
    static constexpr int kRepeats = 120; ///< several pages of text

    std::unique_ptr<MainWindow> m_window;

    std::shared_ptr<const Predictions> known() { return m_window->subject().predictions(); }
    QString sentence() { return m_window->findChild<InspectorPanel*>()->card()->sentence(); }
    TextPane& text() { return *m_window->findChild<TextPane*>(); }
    TokenRange inView() { return exploreOf(*m_window).textLook().inView().front(); }

    void openSession()
    {
        m_window->session().open();
        QTRY_COMPARE_WITH_TIMEOUT(m_window->session().state(), TraceSession::State::Open,
                                  headwater::test::kPatienceMs);
    }

private slots:
    void initTestCase() { QVERIFY(prepare()); }
    void cleanup() { m_window.reset(); }

    void whatIsLookedAt_isPredicted_data()
    {
        QTest::addColumn<QStringList>("options");
        QTest::addColumn<PredictedBy>("by");
        QTest::newRow("model") << QStringList{} << PredictedBy::Model;
        QTest::newRow("sparse") << QStringList{"--select", "tree", "--keep-keys", "128"}
                                << PredictedBy::SparseForward;
    }

    void whatIsLookedAt_isPredicted()
    {
        QFETCH(const QStringList, options);
        QFETCH(const PredictedBy, by);
        const QString with =
            record("with.hwt", options + QStringList{"--generate", "0", "--predictions", "on"}, kRepeats);
        const auto stored = Trace::open(with.toStdString()).value();
        const auto truth = stored->loadPredictions().value();
        m_window = open(record("without.hwt",
                               options + QStringList{"--generate", "0", "--predictions", "off"}, kRepeats));
        QVERIFY(m_window && !m_window->subject().trace()->hasPredictions());
        QCOMPARE(runScript(*m_window, {"view.zoom.all", "select.lock query=700", "view.wait"}), 0);
        QVERIFY2(!sentence().contains(" (p "), qPrintable(sentence()));
        openSession();
        QCOMPARE(runScript(*m_window, {"view.wait"}), 0);

        // The locked row alone: nobody looks at others.
        QVERIFY(known());
        for (std::uint32_t row = 0; row < known()->rows.size(); ++row)
            QCOMPARE(isPredicted(*known(), row), row == 700);
        QCOMPARE(known()->by(700), by);
        QVERIFY2(sentence().endsWith(choiceText(*stored, *truth, 700)), qPrintable(sentence()));
        QVERIFY(sentence().contains(predictorText(by)));

        // The words on screen, and no others.
        QCOMPARE(runScript(*m_window, {"view.text.loss", "view.wait"}), 0);
        QVERIFY(text().isVisible());
        const TokenRange first = inView();
        QVERIFY(first.end > first.begin + 5);
        const auto isWanted = [](std::uint32_t token, TokenRange seen) {
            return token >= seen.begin && token < seen.end;
        };
        for (std::uint32_t token = 1; token < stored->seqLen(); ++token) {
            QCOMPARE(isPredicted(*known(), token - 1), isWanted(token, first) || token == 701);
            if (isWanted(token, first))
                QVERIFY(std::abs(known()->logprobOf(token) - truth->logprobOf(token)) < 2e-3f);
        }
        QVERIFY2(text().caption().contains("of those in view, from the engine"),
                 qPrintable(text().caption()));
        QVERIFY(!text().caption().contains("mean"));

        // Those that come into view come too, the others stay.
        QScrollBar* const bar = text().prose()->verticalScrollBar();
        bar->setValue(bar->value() > bar->maximum() / 2 ? 0 : bar->maximum());
        const TokenRange second = inView();
        QVERIFY(second.begin >= first.end || first.begin >= second.end);
        QCOMPARE(runScript(*m_window, {"view.wait"}), 0);
        for (std::uint32_t token = 1; token < stored->seqLen(); ++token)
            QCOMPARE(isPredicted(*known(), token - 1),
                     isWanted(token, first) || isWanted(token, second) || token == 701);

        // Without the session what is not known is hatched, and said.
        QCOMPARE(runScript(*m_window, {"view.exact.close"}), 0);
        bar->setValue(bar->maximum() / 2);
        const TokenRange third = inView();
        QVERIFY(third.end <= first.begin || third.begin >= first.end);
        QVERIFY2(text().caption().contains("the others hatched"), qPrintable(text().caption()));
        m_window->subject().setHovered({std::nullopt, third.begin + 4});
        QVERIFY2(text().caption().endsWith("its loss is not computed yet"), qPrintable(text().caption()));
        m_window->subject().setHovered({std::nullopt, first.begin + 4});
        QVERIFY2(text().caption().contains(": loss "), qPrintable(text().caption()));
        const auto* const legend = text().findChild<QWidget*>("lossLegend");
        QVERIFY(legend->isVisible() && legend->accessibleDescription() == "Hatched: not computed yet");
    }
};

QTEST_MAIN(TestLossesInView)
#include "tst_losses_in_view.moc"
