// SPDX-License-Identifier: GPL-3.0-or-later
// A locked row through a real engine: the trace's own numbers first, then those of the session, the same in
// every list, strip and shade, on the map and under the hand.
#include "core/reading/head_reads.h"
#include "ui/heads/head_panel.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/inspector/inspector_section.h"
#include "ui/inspector/locked_row_card.h"
#include "ui/inspector/row_offer.h"
#include "ui/main/recorded_windows.h"
#include "ui/map/exact_offer.h"
#include "ui/map/map_pane.h"
#include "ui/map/map_view.h"
#include "ui/map/profile_strip.h"
#include "ui/map/quantity_text.h"
#include "ui/map/tooltip_card.h"
#include "ui/map/view_geometry.h"
#include "ui/run/model_browser.h"
#include "ui/text/text_pane.h"
#include "ui/theme/fonts.h"

#include <QApplication>
#include <QFileDialog>
#include <QLabel>
#include <QPushButton>
#include <QTest>
#include <QTimer>
#include <cmath>
#include <csignal>

using namespace headwater;
using namespace headwater::testing;

namespace {

constexpr std::uint32_t kRow = 700; ///< not recorded
constexpr std::uint32_t kKey = 651;
constexpr int kPatience = headwater::test::kPatienceMs;

} // namespace

class TestLockedRow : public RecordedWindows {
    Q_OBJECT

private:
    std::unique_ptr<MainWindow> m_window;

    InspectorPanel& inspector() { return *m_window->findChild<InspectorPanel*>(); }
    RowOffer& offer() { return *inspector().card()->offer(); }
    QPushButton& button() { return *offer().findChild<QPushButton*>("rowOfferButton"); }
    QString offered() { return offer().words()->text(); }
    const TraceReading& reading() { return exploreOf(*m_window).map()->tiles()->reader().reading(); }
    ProfileStrip& strip()
    {
        const auto strips = m_window->findChildren<ProfileStrip*>();
        return strips[0]->height() == ProfileStrip::kHeight ? *strips[0] : *strips[1];
    }

    ProfileStrip* sideStrip()
    {
        const auto strips = m_window->findChildren<ProfileStrip*>();
        return strips[0] == &strip() ? strips[1] : strips[0];
    }

    /// Locks the pair from afar, where the map asks nothing of the engine.
    void openAndLock(const QString& trace, const QString& engine = HEADWATER_PROGRAM)
    {
        m_window = open(trace, engine);
        QVERIFY(m_window);
        QCOMPARE(runScript(*m_window,
                           {"select.head layer=2 head=1", "view.zoom.all",
                            QString("select.lock query=%1 key=%2").arg(kRow).arg(kKey), "view.wait"}),
                 0);
        m_window->resize(1600, 1150); // room for all lists
        QVERIFY(!reading().trace->hasTokenRow(kRow));
    }

    void computeByTheButton()
    {
        QVERIFY(button().isVisible());
        QCOMPARE(button().text(), QString("Compute exactly"));
        QVERIFY(!offer().words()->isVisible()); // no engine was started for a lock
        QTest::mouseClick(&button(), Qt::LeftButton); // costs less than a second
        QTRY_VERIFY_WITH_TIMEOUT(reading().exactRows->find(kRow)
                                     && reading().exactRows->find(kRow)->given.contains(kKey),
                                 kPatience);
        QCOMPARE(runScript(*m_window, {"view.wait"}), 0);
        QVERIFY(!offer().isVisible());
    }

    /// What the button asks for, in the dialog of files that it opens.
    bool chooseFile(QAbstractButton& opener, const QString& file)
    {
        bool isAsked = false;
        QTimer::singleShot(0, this, [&isAsked, file] {
            auto* const dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
            QVERIFY(dialog);
            isAsked = true;
            dialog->selectFile(file);
            QMetaObject::invokeMethod(dialog, "accept");
        });
        QTest::mouseClick(&opener, Qt::LeftButton);
        return isAsked;
    }

    /// What the offer's button asks for, in the list of models that it opens.
    bool chooseModel(const QString& file)
    {
        QTest::mouseClick(&button(), Qt::LeftButton);
        auto* const browser = m_window->findChild<ModelBrowser*>();
        auto* const opener = browser ? browser->findChild<QAbstractButton*>("model_file") : nullptr;
        return opener && chooseFile(*opener, file);
    }

private slots:
    void initTestCase() { QVERIFY(prepare()); }
    void cleanup() { m_window.reset(); }

    void aLockedRow_comesExact_data()
    {
        QTest::addColumn<QStringList>("options");
        QTest::addColumn<QString>("quantity");
        QTest::addColumn<QString>("blocks");
        QTest::newRow("observed") << QStringList{} << "p_model"
                                  << "p_model";
        QTest::newRow("kept") << QStringList{"--select", "tree", "--keep-keys", "128"} << "p_stream"
                              << "p_masked";
    }

    void aLockedRow_comesExact()
    {
        QFETCH(const QStringList, options);
        QFETCH(const QString, quantity);
        QFETCH(const QString, blocks);
        const bool isApart = quantity != blocks;
        const QString path = record("row.hwt", options + QStringList{"--generate", "0"});
        QVERIFY(!path.isEmpty());
        openAndLock(path);
        // The trace's own come at once: of blocks.
        QVERIFY2(inspector().readsNote().contains(blocks + " · mean of"),
                 qPrintable(inspector().readsNote()));
        QVERIFY(!inspector().readsSection()->isFramed());
        computeByTheButton();

        // The list: of the row's own keys, and what they are.
        const auto row = reading().exactRows->find(kRow);
        const QString what = QString("row 700 · %1 · exact").arg(quantity);
        QVERIFY2(inspector().readsNote().startsWith(what), qPrintable(inspector().readsNote()));
        QCOMPARE(inspector().readsNote().contains("p_masked"), isApart);
        QCOMPARE(inspector().readsSection()->isFramed(), isApart);
        const TokenRow tokens = row->tokens({2, 1});
        for (int i = 0; i < static_cast<int>(InspectorPanel::kMost); ++i) {
            const MassRow& line = inspector().reads()->rowAt(i);
            QCOMPARE(line.massText, probabilityText(double(tokens.probability[std::size_t(i)])));
            const auto at = std::ranges::find(tokens.keys, line.tokenAt);
            QVERIFY(at != tokens.keys.end()); // keys of equal mass stand in any order
        }

        // Every head's number of the locked pair.
        QVERIFY2(inspector().headsNote().contains(quantity + " · exact"),
                 qPrintable(inspector().headsNote()));
        QCOMPARE(inspector().headsSection()->isFramed(), isApart);
        const int heads = static_cast<int>(reading().trace->heads().size());
        QCOMPARE(inspector().heads()->model()->rowCount(), heads);
        for (int i = 0; i < heads; ++i) {
            const MassRow& line = inspector().heads()->rowAt(i);
            QVERIFY(line.isHeld);
            QCOMPARE(line.mass, double(*row->at(line.head, kKey)));
        }
        auto* const panel = m_window->findChild<HeadPanel*>();
        panel->setOrder(HeadOrder::SelectionMass, true);
        QTRY_VERIFY_WITH_TIMEOUT(panel->note().contains(quantity + " · exact"), kPatience);
        QVERIFY2(!panel->note().contains("p_masked"), qPrintable(panel->note()));
        QCOMPARE(panel->grid()->headLayout().heads.front(), inspector().heads()->rowAt(0).head);

        // Strip and shade: of the same row. Where the map's blocks are of the kept keys its heaviest alone.
        QVERIFY(strip().note().contains(quantity + " · exact"));
        QCOMPARE(strip().profile().isWhole, !isApart);
        for (const Profile::Bar& bar : strip().profile().bars)
            if (const auto known = row->at({2, 1}, bar.at))
                QVERIFY(std::abs(bar.value - *known) < 1e-6f);
        const QString caption = m_window->findChild<TextPane*>()->caption();
        QVERIFY2(caption.contains(quantity + " · exact"), qPrintable(caption));

        // The key's readers: every row's own number where the trace has the sums of whole rows.
        inspector().readersSection()->title()->click();
        QCOMPARE(runScript(*m_window, {"view.wait"}), 0);
        const std::uint32_t numTokens = reading().trace->seqLen();
        const auto column = reading().exact->holding(2, 1, {kKey, numTokens}, {kKey, kKey + 1});
        QCOMPARE(column != nullptr, !isApart);
        const ProfileStrip* const side = sideStrip();
        if (column) {
            QVERIFY2(inspector().readersNote().startsWith("key 651 · p_model · exact · 20 of "),
                     qPrintable(inspector().readersNote()));
            for (int i = 0; i < static_cast<int>(InspectorPanel::kMost); ++i) {
                const MassRow& line = inspector().readers()->rowAt(i);
                QCOMPARE(line.mass, double(column->at(line.tokenAt, kKey)));
            }
            QVERIFY(std::abs(column->at(kRow, kKey) - *row->at({2, 1}, kKey))
                    < 1e-4f * column->at(kRow, kKey));
            QVERIFY2(side->note().startsWith("every row that may read key 651"), qPrintable(side->note()));
            QCOMPARE(side->profile().bars.size(), std::size_t{numTokens - kKey});
        } else {
            QVERIFY2(inspector().readersNote().contains(blocks + " · mean of each block's"),
                     qPrintable(inspector().readersNote()));
            QVERIFY(!side->profile().ofTokens());
        }

        // Close up the map's own window agrees with the list, and the hand with both.
        QCOMPARE(runScript(*m_window,
                           {QString("view.goto query=%1 key=%2 zoom=0.06").arg(kRow).arg(kKey), "view.wait"}),
                 0);
        auto* const pane = exploreOf(*m_window).map();
        QTRY_VERIFY_WITH_TIMEOUT(pane->tiles()->exactOnScreen(), kPatience);
        QVERIFY(std::abs(pane->tiles()->exactOnScreen()->at(kRow, kKey) - *row->at({2, 1}, kKey)) < 1e-6f);
        QCOMPARE(runScript(*m_window, {"view.wait"}), 0);
        const MapFrame frame = pane->tiles()->frame(darkTheme());
        const QRectF place(pixelAt(frame.viewport, kKey, kRow), pixelAt(frame.viewport, kKey + 1, kRow + 1));
        auto* const card = m_window->findChild<TooltipCard*>();
        hover(pane, place.center().toPoint(), card);
        QTRY_COMPARE(card->content().value, probabilityText(double(*row->at({2, 1}, kKey))));
        QCOMPARE(card->content().pill, quantity + " · exact");

        // The next row comes by itself, in a session that is open; what was read stays when it is closed.
        QCOMPARE(runScript(*m_window, {"select.lock query=702 key=651", "view.wait"}), 0);
        QVERIFY(reading().exactRows->find(702));
        QVERIFY(inspector().readsNote().startsWith(QString("row 702 · %1 · exact").arg(quantity)));
        QCOMPARE(runScript(*m_window, {"view.exact.close", "select.lock query=700 key=651", "view.wait"}), 0);
        QVERIFY(inspector().readsNote().startsWith(what));
        QVERIFY(!offer().isVisible());
        QCOMPARE(runScript(*m_window, {"select.lock query=600", "view.wait"}), 0);
        QVERIFY(inspector().readsNote().contains(blocks + " · mean of"));
        QVERIFY(!inspector().readsSection()->isFramed());
    }

    /// An exact row is drawn on the map too, in its own numbers.
    void theMapShowsTheRow()
    {
        openAndLock(record("map.hwt", {"--generate", "0"}));
        computeByTheButton();
        QCOMPARE(runScript(*m_window, {"view.exact.close"}), 0);
        QCOMPARE(runScript(*m_window,
                           {QString("view.goto query=%1 key=%2 zoom=0.06").arg(kRow).arg(kKey), "view.wait"}),
                 0);
        auto* const pane = exploreOf(*m_window).map();
        QVERIFY(!pane->tiles()->exactOnScreen());
        QCOMPARE(pane->tiles()->exactAmongThem().size(), std::size_t{2}); // and the key's column
        const MapFrame frame = pane->tiles()->frame(darkTheme());
        const QRectF place(pixelAt(frame.viewport, kKey, kRow), pixelAt(frame.viewport, kKey + 1, kRow + 1));
        auto* const card = m_window->findChild<TooltipCard*>();
        hover(pane, place.center().toPoint(), card);
        const float p = *reading().exactRows->find(kRow)->at({2, 1}, kKey);
        QTRY_COMPARE(card->content().value, probabilityText(double(p)));
        const auto* const legend = m_window->findChild<QLabel*>("colourExact");
        QVERIFY(legend->isVisible() && legend->text() == "some rows or pairs: p_model · exact");
        // Numbers of another kind among them are named too.
        pane->tiles()->reader().addExact(std::make_shared<const ExactWindow>(
            ExactWindow{2, 1, {kRow + 2, kRow + 3}, {kKey - 1, kKey}, {0.25F}, true, false}));
        QTRY_COMPARE(legend->text(),
                     QString("some rows or pairs: p_model · exact, others: p_model · rounded keys"));
    }

    void withoutAnEngine_aLockSaysNothing()
    {
        openAndLock(record("lost.hwt", {"--generate", "0"}), m_folder.filePath("no-such-engine"));
        QVERIFY(inspector().readsNote().contains("p_model · mean of"));
        QVERIFY(button().isVisible());
        QTest::mouseClick(&button(), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(offered().startsWith("Exact rows: "), kPatience);
        QVERIFY2(offered().contains("could not be started"), qPrintable(offered()));
        QCOMPARE(button().text(), QString("Try again"));
    }

    /// Rounded numbers of a row are not what an exact session would give, nor is a row without the locked
    /// key.
    void whatIsNotAsGood_isOfferedAndComes()
    {
        openAndLock(record("rounded.hwt", {"--generate", "0"}));
        computeByTheButton();
        QVERIFY(!offer().isVisible());
        ExactRow rounded = *reading().exactRows->find(kRow);
        rounded.row = 702;
        rounded.isExact = false;
        exploreOf(*m_window).map()->tiles()->reader().addExact(std::move(rounded));
        QCOMPARE(runScript(*m_window, {"select.lock query=702 key=651", "view.wait"}), 0);
        QVERIFY(reading().exactRows->find(702)->isExact);
        QCOMPARE(runScript(*m_window, {"view.exact.close", "select.lock query=702 key=650", "view.wait"}), 0);
        QTRY_VERIFY(offer().isVisible()); // what the row gives to this key is not here
        QCOMPARE(runScript(*m_window, {"select.lock query=702 key=651", "view.wait"}), 0);
        QTRY_VERIFY(!offer().isVisible());
    }

    /// Asked for by hand after its death the engine is started again, whatever was declined before.
    void theEnginesDeath_leavesTheButton()
    {
        openAndLock(record("death.hwt", {"--generate", "0"}));
        offer().session()->open(); // by whom else
        QTRY_VERIFY_WITH_TIMEOUT(reading().exactRows->find(kRow), kPatience);
        ::kill(static_cast<pid_t>(m_window->engine().processId()), SIGKILL);
        QTRY_COMPARE_WITH_TIMEOUT(offer().session()->state(), TraceSession::State::Failed, kPatience);
        QCOMPARE(runScript(*m_window, {"select.lock query=600"}), 0);
        QTRY_VERIFY(button().isVisible());
        QCOMPARE(button().text(), QString("Compute exactly"));
        offer().session()->cancel();
        QVERIFY(offer().session()->isDeclined());
        QTest::mouseClick(&button(), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(reading().exactRows->find(600), kPatience);
    }

    /// Once the engine is there the cost is said without being asked for.
    void theCostStandsOnTheOffer()
    {
        openAndLock(record("cost.hwt", {"--generate", "0"}));
        TraceSession* const session = offer().session();
        session->estimate();
        QTRY_COMPARE_WITH_TIMEOUT(session->state(), TraceSession::State::Offered, kPatience);
        QVERIFY2(offered().startsWith("about ") && offered().contains("opens a session of"),
                 qPrintable(offered()));
        QCOMPARE(button().text(), QString("Compute exactly"));
        QCOMPARE(runScript(*m_window, {"select.clear"}), 0);
        QVERIFY(!offer().isVisible());
        QCOMPARE(runScript(*m_window, {"select.lock query=600"}), 0);
        QVERIFY(offer().isVisible());
    }

    void aModelThatIsNotFound_isAskedFor()
    {
        // As after a move: the header names a file that is no more.
        const QString model = m_folder.filePath("tiny.gguf");
        QVERIFY(QFile::copy(HEADWATER_SOURCE_DIR "/tests/data/reference/tiny-llama-f32.gguf", model));
        QProcess run;
        run.start(HEADWATER_PROGRAM,
                  {"run", "--model", model, "--text", QString("hello there ").repeated(200), "--generate",
                   "0", "-o", m_folder.filePath("moved.hwt")});
        QVERIFY(run.waitForFinished(kPatience));
        if (run.exitCode() != 0)
            QFAIL(run.readAllStandardError().constData());
        QVERIFY(QFile::remove(model));
        m_window = open(m_folder.filePath("moved.hwt"));
        QVERIFY(m_window);
        QCOMPARE(runScript(*m_window, {"select.lock query=100", "view.wait"}), 0);
        QTest::mouseClick(&button(), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(button().text(), QStringLiteral("Choose the model…"), kPatience);
        QVERIFY2(offered().startsWith("Exact rows: "), qPrintable(offered()));
        // Named by hand the session opens, wherever the map looks, and the row comes.
        QCOMPARE(runScript(*m_window, {"view.zoom.all"}), 0);
        QVERIFY(chooseModel(HEADWATER_SOURCE_DIR "/tests/data/reference/tiny-llama-f32.gguf"));
        QTRY_VERIFY_WITH_TIMEOUT(reading().exactRows->find(100), kPatience);
        QTRY_VERIFY(!offer().isVisible());
    }

    void aTraceThatWasMoved_isNamed_andOpenedWhereItIs()
    {
        const QString trace = record("here.hwt", {"--generate", "0"}, 5);
        QVERIFY(!trace.isEmpty());
        m_window = open(trace);
        QVERIFY(m_window);
        QVERIFY(QFile::rename(trace, m_folder.filePath("there.hwt")));
        QCOMPARE(runScript(*m_window, {"select.lock query=100", "view.wait"}), 0);
        QTest::mouseClick(&button(), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(button().text(), QStringLiteral("Open the trace…"), kPatience);
        QVERIFY2(offered().startsWith("Exact rows: the trace's file") && offered().endsWith(trace),
                 qPrintable(offered()));
        QVERIFY(chooseFile(button(), m_folder.filePath("there.hwt")));
        QTRY_COMPARE_WITH_TIMEOUT(m_window->files().path(), m_folder.filePath("there.hwt"), kPatience);
        QCOMPARE(runScript(*m_window, {"select.lock query=100", "view.wait"}), 0);
        QTest::mouseClick(&button(), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(reading().exactRows->find(100), kPatience);
    }
};

QTEST_MAIN(TestLockedRow)
#include "tst_locked_row.moc"
