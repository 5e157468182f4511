// SPDX-License-Identifier: GPL-3.0-or-later
// A window with two workspaces: each has its page, panels, keys, layout and state; what is looked at is one.
#include "ui/main/made_windows.h"

#include "ui/main/message_bar.h"
#include "ui/main/second_workspace.h"
#include "ui/map/map_pane.h"
#include "ui/map/map_view.h"
#include "ui/theme/theme.h"

#include <QAbstractButton>
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QDockWidget>
#include <QLabel>
#include <QTest>
#include <QWheelEvent>

using namespace headwater;
using namespace headwater::testing;

class TestWorkspaces : public MadeWindows {
    Q_OBJECT

    static WorkspaceType secondWorkspace()
    {
        return {"second",
                "Second",
                "Another way to look",
                {{"second.count",
                  "Count",
                  "Count once more",
                  "M",
                  "View",
                  {},
                  false,
                  CommandSpec::Palette::Offered,
                  "second"}},
                {{"note", "Note", PanelPlace::Right, 200}, {"aside", "Aside", PanelPlace::Left, 200}},
                [](const Shell& shell) { return std::make_unique<SecondWorkspace>(&shell.window); }};
    }

    std::unique_ptr<MainWindow> makeTwo(bool restore = false)
    {
        WindowOptions options = optionsOf(FAKE_ENGINE);
        options.workspaces = {exploreWorkspace(), secondWorkspace()};
        options.restore = restore;
        auto window = std::make_unique<MainWindow>(options);
        window->resize(1400, 900);
        window->show();
        window->activateWindow();
        return window;
    }

    static SecondWorkspace& secondOf(const MainWindow& window)
    {
        return *static_cast<SecondWorkspace*>(window.workspaces().all().back());
    }

    static bool isShown(const MainWindow& window, const char* dock)
    {
        return window.findChild<QDockWidget*>(QStringLiteral("dock.") + QLatin1String(dock))->isVisible();
    }

    QString opened() const { return "file.open path='" + m_trace + "'"; }

private slots:
    void initTestCase() { QVERIFY(prepare()); }

    void tabs_areThere_whereThereIsAChoice()
    {
        const auto one = openWindow();
        QVERIFY(one);
        QVERIFY(!one->findChild<QWidget*>("workspace_tabs")->isVisible());
        const auto two = makeTwo();
        QVERIFY(!two->findChild<QWidget*>("workspace_tabs")->isVisible()); // the welcome page is of none
        QCOMPARE(runScript(*two, {"view.workspace.second"}), 69);
        QCOMPARE(runScript(*two, {opened()}), 0);
        auto* const tab = two->findChild<QAbstractButton*>("button.view.workspace.second");
        QVERIFY(tab->isVisible());
        QTest::mouseClick(tab, Qt::LeftButton);
        QVERIFY(secondOf(*two).page()->isVisible() && !exploreOf(*two).page()->isVisible());
        QVERIFY(tab->isChecked());
        QVERIFY(!two->findChild<QAbstractButton*>("button.view.workspace.explore")->isChecked());
        QTest::mouseClick(tab, Qt::LeftButton); // once more: it stays, and stays checked
        QVERIFY(secondOf(*two).page()->isVisible() && tab->isChecked());
        QCOMPARE(two->findChild<QLabel*>("status_count")->text(), QString("0"));
        QVERIFY(two->findChild<QLabel*>("status_cell")->text().isEmpty());
    }

    void panels_areOfTheirWorkspace_eachInItsLayout()
    {
        const auto window = makeTwo();
        QCOMPARE(runScript(*window, {opened()}), 0);
        QVERIFY(isShown(*window, "heads") && isShown(*window, "text") && !isShown(*window, "note"));
        QCOMPARE(runScript(*window, {"view.panel.heads on=off", "view.workspace.second"}), 0);
        QVERIFY(isShown(*window, "note") && isShown(*window, "aside") && !isShown(*window, "text"));
        QCOMPARE(runScript(*window, {"view.panel.note on=off"}), 0);
        QCOMPARE(runScript(*window, {"view.panel.text"}), 69); // another's
        QCOMPARE(runScript(*window, {"view.workspace.explore"}), 0);
        QVERIFY(isShown(*window, "text") && !isShown(*window, "heads") && !isShown(*window, "aside"));
        QCOMPARE(runScript(*window, {"view.layout.reset"}), 0);
        QVERIFY(isShown(*window, "heads"));
        QCOMPARE(runScript(*window, {"view.workspace.second"}), 0);
        QVERIFY(isShown(*window, "aside") && !isShown(*window, "note")); // not reset with the other
    }

    void keys_actWhereTheKeyboardIs()
    {
        const auto window = makeTwo();
        QVERIFY(QTest::qWaitForWindowActive(window.get()));
        QCOMPARE(runScript(*window, {opened(), "select.lock query=500 key=300"}), 0);
        QTRY_COMPARE(QApplication::focusWidget(), exploreOf(*window).map()->view());
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_S);
        QVERIFY(exploreOf(*window).mapLook().mask().sinks);
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_M); // the other's
        QCOMPARE(secondOf(*window).count(), 0);
        // A button of the top bar is no place of the map.
        auto* const tab = window->findChild<QAbstractButton*>("button.view.workspace.explore");
        tab->setFocus();
        QTRY_VERIFY(tab->hasFocus());
        QTest::keyClick(tab, Qt::Key_S);
        QTest::keyClick(tab, Qt::Key_Escape);
        QVERIFY(exploreOf(*window).mapLook().mask().sinks);
        QCOMPARE(window->subject().locked(), (TokenPair{500u, 300u}));
        QCOMPARE(runScript(*window, {"view.workspace.second"}), 0);
        QTRY_COMPARE(QApplication::focusWidget(), secondOf(*window).page());
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_M);
        QCOMPARE(secondOf(*window).count(), 1);
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_S);
        QVERIFY(exploreOf(*window).mapLook().mask().sinks);
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape); // what is locked is everyone's
        QCOMPARE(window->subject().locked(), TokenPair{});
    }

    void focus_thatAFieldGaveBack_isThePages()
    {
        const auto window = makeTwo();
        QVERIFY(QTest::qWaitForWindowActive(window.get()));
        QCOMPARE(runScript(*window, {opened()}), 0);
        QTest::keyClick(window.get(), Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_VERIFY(qobject_cast<QLineEdit*>(QApplication::focusWidget()));
        QTest::keyClicks(QApplication::focusWidget(), "L1H1");
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
        QTRY_COMPARE(window->subject().head(), (HeadId{1, 1}));
        QTRY_COMPARE(QApplication::focusWidget(), exploreOf(*window).map()->view());
    }

    void wheel_overAFieldWithoutTheKeyboard_changesNothing()
    {
        const auto window = makeTwo();
        QCOMPARE(runScript(*window, {opened()}), 0);
        const ColourScale before = exploreOf(*window).mapLook().colours();
        int fields = 0;
        for (QComboBox* const field :
             window->findChild<QDockWidget*>("dock.colour")->findChildren<QComboBox*>()) {
            const QPointF at = field->rect().center();
            QWheelEvent turn(at, field->mapToGlobal(at), {}, {0, -120}, Qt::NoButton, Qt::NoModifier,
                             Qt::NoScrollPhase, false);
            QVERIFY(!field->hasFocus());
            QApplication::sendEvent(field, &turn);
            ++fields;
        }
        QVERIFY(fields > 0);
        QVERIFY(exploreOf(*window).mapLook().colours() == before);
    }

    void places_areShownInTheCurrentOne()
    {
        const auto window = makeTwo();
        QCOMPARE(runScript(*window, {opened(), "view.workspace.second", "select.lock query=500 key=300"}), 0);
        QVERIFY(secondOf(*window).place());
        QCOMPARE(*secondOf(*window).place()->query, 500u);
        QCOMPARE(window->subject().locked(), TokenPair{}); // what becomes of a place is the workspace's
        QVERIFY(!window->commands().action("view.zoom.in")->isEnabled()); // Explore's
        QCOMPARE(runScript(*window, {"file.export path='" + m_folder.filePath("x.pdf") + "'"}), 65);
        QVERIFY2(window->messageBar()->text().contains("the second has no figure"),
                 qPrintable(window->messageBar()->text()));
    }

    void states_areKeptWithTheTrace()
    {
        {
            const auto window = makeTwo(true);
            QCOMPARE(runScript(*window,
                               {opened(), "view.mode.count", "view.workspace.second", "second.count",
                                "second.count", "view.panel.aside on=off"}),
                     0);
            window->close();
            QThreadPool::globalInstance()->waitForDone();
        }
        const auto window = makeTwo(true);
        QCOMPARE(runScript(*window, {opened()}), 0);
        QVERIFY(secondOf(*window).page()->isVisible());
        QCOMPARE(secondOf(*window).count(), 2);
        QCOMPARE(exploreOf(*window).mapLook().mode(), MapMode::Count);
        QVERIFY(isShown(*window, "note") && !isShown(*window, "aside"));
    }
};

QTEST_MAIN(TestWorkspaces)
#include "tst_workspaces.moc"
