// SPDX-License-Identifier: GPL-3.0-or-later
// Finding a text: what is marked, what is said, what is stepped to and locked.
#include "ui/main/made_windows.h"

#include "support/patience.h"
#include "ui/main/command_box.h"
#include "ui/main/message_bar.h"
#include "ui/map/map_pane.h"
#include "ui/map/map_view.h"
#include "ui/map/token_strip.h"
#include "ui/map/view_geometry.h"

#include <QAction>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using namespace headwater;
using namespace headwater::testing;

class TestMainWindowFind : public MadeWindows {
    Q_OBJECT

private slots:
    void initTestCase() { QVERIFY(prepare()); }

    void find_marksAndSteps()
    {
        const auto window = openWindow();
        QVERIFY(window);
        QSignalSpy hits(&window->find(), &FindSession::findHitsChanged);
        QCOMPARE(runScript(*window, {"find.text text=7421"}), 0);
        QCOMPARE(window->find().hits(), (std::vector<TokenRange>{{212, 213}}));
        QVERIFY(!hits.isEmpty());
        QVERIFY(window->messageBar()->text().contains("hit 1 of 1"));
        QCOMPARE(runScript(*window, {"find.text text=Helsinki"}), 0);
        const std::vector<TokenRange> all = window->find().hits();
        QVERIFY(all.size() > 1);
        const auto shown = [&window] {
            return std::as_const(*exploreOf(*window).map()).findChild<TokenStrip*>()->currentHit();
        };
        QTest::keyClick(window.get(), Qt::Key_F3);
        QCOMPARE(shown(), std::optional(all[1]));
        QTest::keyClick(window.get(), Qt::Key_F3, Qt::ShiftModifier);
        QTest::keyClick(window.get(), Qt::Key_F3, Qt::ShiftModifier);
        QCOMPARE(shown(), std::optional(all.back()));
        QCOMPARE(runScript(*window, {"find.clear"}), 0);
        QVERIFY(window->find().hits().empty());
        QCOMPARE(runScript(*window, {"find.text text=nowhere"}), 0);
        QVERIFY(window->messageBar()->text().contains("not in the text"));
    }

    void find_ignoresCase_untilToldOtherwise_andSaysWhich()
    {
        const auto window = openWindow();
        QVERIFY(window);
        const auto said = [&window] { return window->messageBar()->text(); };
        QCOMPARE(runScript(*window, {"find.text text=Helsinki"}), 0);
        const std::vector<TokenRange> all = window->find().hits();
        QVERIFY(all.size() > 1);
        for (const char* text : {"HELSINKI", "helsinki", "hELSINKI"}) {
            QCOMPARE(runScript(*window, {QString("find.text text=%1").arg(text)}), 0);
            QCOMPARE(window->find().hits(), all);
            QVERIFY2(said().contains("case ignored"), qPrintable(said()));
        }
        QCOMPARE(runScript(*window, {"find.text text=HELSINKI case=match"}), 0);
        QVERIFY(window->find().hits().empty());
        QVERIFY2(said().contains("“HELSINKI” is not in the text, case matched"), qPrintable(said()));
        QCOMPARE(runScript(*window, {"find.text text=Helsinki case=smart"}), 0);
        QCOMPARE(window->find().hits(), all);
        QVERIFY2(said().contains("case matched"), qPrintable(said()));
        QCOMPARE(runScript(*window, {"find.text text=helsinki case=smart"}), 0);
        QCOMPARE(window->find().hits(), all);
        QVERIFY2(said().contains("case ignored"), qPrintable(said()));
        QCOMPARE(runScript(*window, {"find.text text=helsinki case=loud"}), 64);
    }

    void find_switchOfCase_isOneEverywhere()
    {
        const auto window = openWindow();
        QVERIFY(window);
        auto* const box = window->findChild<CommandBox*>("command_box");
        auto* const action = window->commands().action("find.case");
        const auto press = [&window] {
            QTest::mouseClick(window->findChild<QPushButton*>("find_case"), Qt::LeftButton);
        };
        QCOMPARE(runScript(*window, {"find.text text=the"}), 0);
        const std::size_t all = window->find().hits().size();
        press(); // "Match case"
        QTRY_VERIFY(window->isSettled() && !window->find().isCaseIgnored());
        QVERIFY(action->isChecked());
        const std::size_t small = window->find().hits().size();
        QVERIFY(small > 0 && small < all);
        QCOMPARE(runScript(*window, {"find.text text=The"}), 0);
        QCOMPARE(window->find().hits().size(), all - small); // the switch stays
        QCOMPARE(box->offersFor("The").at(0).hint, QString("case matched"));
        press(); // "Ignore case"
        QTRY_COMPARE(window->find().hits().size(), all);
        QVERIFY(!action->isChecked());
        action->trigger();
        QTRY_COMPARE(window->find().hits().size(), all - small);
        QCOMPARE(runScript(*window, {"find.case on=off"}), 0);
        QCOMPARE(window->find().hits().size(), all);
        // In the box both ways are offered, and either is taken.
        QTest::keyClick(window.get(), Qt::Key_F, Qt::ControlModifier);
        box->selectAll();
        QTest::keyClicks(box, "The");
        const auto offers = box->offersFor("The");
        QCOMPARE(offers.at(0).hint, QString("case ignored"));
        QCOMPARE(offers.at(1).hint, QString("case matched"));
        QTest::keyClick(box, Qt::Key_Down);
        QTest::keyClick(box, Qt::Key_Return);
        QTRY_COMPARE(window->find().hits().size(), all - small);
    }

    void find_showsAHit_andLocksItOnlyWhenAsked()
    {
        const auto window = openWindow();
        QVERIFY(window);
        // A row before the needle: it could not read it.
        QCOMPARE(runScript(*window, {"view.goto query=100 key=50 zoom=0.1", "find.text text=7421"}), 0);
        QVERIFY(window->subject().locked() == (TokenPair{100u, 50u}));
        const double x = pixelAt(exploreOf(*window).mapLook().viewport(), 212.5, 212.5).x();
        QVERIFY2(x > 0 && x < exploreOf(*window).map()->view()->width(),
                 qPrintable(QString::number(x))); // in sight
        QTest::keyClick(window.get(), Qt::Key_F3);
        QVERIFY(window->subject().locked() == (TokenPair{100u, 50u}));
        QTest::mouseClick(window->findChild<QPushButton*>("find_lock"), Qt::LeftButton);
        QVERIFY(window->subject().locked() == (TokenPair{std::nullopt, 212u}));
        QCOMPARE(runScript(*window, {"find.clear", "find.lock"}), 69);
    }

    void find_takesANumberForText()
    {
        const auto window = openWindow();
        QVERIFY(window);
        auto* const box = window->findChild<CommandBox*>("command_box");
        QTest::keyClick(window.get(), Qt::Key_F, Qt::ControlModifier);
        QTest::keyClicks(box, "7421"); // beyond the text as a place
        QCOMPARE(box->offersFor("7421").at(1).kind, CommandBox::Offer::Kind::Place);
        QVERIFY(!box->offersFor("7421").at(1).enabled);
        QTest::keyClick(box, Qt::Key_Return);
        QTRY_COMPARE(window->find().hits(), (std::vector<TokenRange>{{212, 213}}));
        QCOMPARE(box->text(), QString("7421"));
        QVERIFY(window->messageBar()->text().contains("hit 1 of 1"));
        // A number that is a place too: both are offered, the text first.
        QTest::keyClick(window.get(), Qt::Key_F, Qt::ControlModifier);
        const auto both = box->offersFor("742");
        QCOMPARE(both.at(0).kind, CommandBox::Offer::Kind::Text);
        QCOMPARE(both.at(1).kind, CommandBox::Offer::Kind::Place);
        QVERIFY(both.at(1).enabled);
        QTest::keyClicks(box, "xyz");
        QTest::keyClick(box, Qt::Key_Escape);
        QCOMPARE(box->text(), QString("7421")); // what is marked
        // Who asked for no search goes to the place; what is marked is searched on.
        QCOMPARE(box->offersFor("742").front().kind, CommandBox::Offer::Kind::Place);
        QCOMPARE(box->offersFor("7421").front().kind, CommandBox::Offer::Kind::Text);
        QCOMPARE(runScript(*window, {"find.clear"}), 0);
        QVERIFY(box->text().isEmpty());
    }
};

QTEST_MAIN(TestMainWindowFind)
#include "tst_main_window_find.moc"
