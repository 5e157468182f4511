// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/made_windows.h"

#include "support/patience.h"
#include "ui/map/map_pane.h"
#include "ui/map/map_view.h"

#include <QComboBox>
#include <QDockWidget>
#include <QTest>

using namespace headwater;
using namespace headwater::testing;

/// What one window leaves to the next (a real platform: only there has a window a geometry).
class TestMainWindowRestore : public MadeWindows {
    Q_OBJECT

    static std::unique_ptr<MainWindow> windowThatRemembers(bool restore = true)
    {
        WindowOptions options = optionsOf(FAKE_ENGINE);
        options.theme = {};
        options.restore = restore;
        auto window = std::make_unique<MainWindow>(options);
        window->show();
        (void)QTest::qWaitForWindowExposed(window.get(), headwater::test::kPatienceMs);
        return window;
    }

    static QDockWidget* dock(MainWindow& window, const QString& panel)
    {
        return window.findChild<QDockWidget*>("dock." + panel);
    }

    /// The token pair in the middle of the map.
    static QPointF middleOf(MainWindow& window)
    {
        const QSizeF size = exploreOf(window).map()->view()->size();
        return tokenAt(exploreOf(window).mapLook().viewport(), {size.width() / 2, size.height() / 2});
    }

    static void close(std::unique_ptr<MainWindow>& window)
    {
        window->close();
        QThreadPool::globalInstance()->waitForDone(); // the view is saved in the background
        window.reset();
    }

private slots:
    void initTestCase() { QVERIFY(prepare()); }

    void geometryPanelsThemeAndView_areThereAgain()
    {
        QStringList panels;
        auto first = windowThatRemembers();
        QVERIFY(first->files().recent().isEmpty());
        QCOMPARE(runScript(*first,
                           {"file.open path='" + m_trace + "'", "view.theme.light",
                            "view.goto layer=1 head=1 query=900 key=700 zoom=0.25", "view.mode.count",
                            "view.colours.cividis", "view.mask.sinks on=on"}),
                 0);
        for (const QDockWidget* const one : first->findChildren<QDockWidget*>())
            panels.append(one->objectName().mid(5));
        QVERIFY(panels.size() >= 5);
        const QString hidden = panels.at(panels.size() / 2);
        QCOMPARE(runScript(*first, {"view.panel." + hidden}), 0);
        QVERIFY(!dock(*first, hidden)->isVisible());
        first->move(40, 30);
        first->resize(1333, 777);
        QTRY_COMPARE(first->size(), QSize(1333, 777));
        QCOMPARE(runScript(*first, {"view.wait"}), 0);
        const ViewSnapshot view = snapshotOf(exploreOf(*first).view());
        const QPointF middle = middleOf(*first);
        QVERIFY(view.locked.query == 900U && view.locked.key == 700U && view.mode == MapMode::Count);
        close(first);

        auto second = windowThatRemembers();
        QTRY_COMPARE(second->size(), QSize(1333, 777));
        QCOMPARE(second->files().recent(), QStringList{m_trace});
        QVERIFY(second->commands().action("view.theme.light")->isChecked());
        QCOMPARE(second->palette().color(QPalette::Window), paletteOf(lightTheme()).color(QPalette::Window));
        QVERIFY(second->subject().head() == HeadId{}); // nothing is opened on its own
        QCOMPARE(runScript(*second, {"file.recent"}), 0);
        for (const QString& panel : panels)
            QCOMPARE(dock(*second, panel)->isVisible(), panel != hidden);
        const ViewSnapshot again = snapshotOf(exploreOf(*second).view());
        QVERIFY(again.head == view.head && again.mode == view.mode && again.colours == view.colours);
        QVERIFY(again.mask == view.mask && again.locked == view.locked);
        QCOMPARE(again.viewport.tokensPerPixel, view.viewport.tokensPerPixel);
        QVERIFY(QLineF(middle, middleOf(*second)).length() < view.viewport.tokensPerPixel); // a pixel
        close(second);
    }

    void scriptsAndPictures_rememberNothing()
    {
        auto first = windowThatRemembers();
        first->resize(1200, 700);
        QCOMPARE(runScript(*first, {"file.open path='" + m_trace + "'", "view.mode.max", "view.theme.dark"}),
                 0);
        close(first);
        auto script = windowThatRemembers(false);
        const QSize fresh = script->size();
        QVERIFY(fresh != QSize(1200, 700));
        QVERIFY(script->files().recent().isEmpty());
        QCOMPARE(
            runScript(*script, {"file.open path='" + m_trace + "'", "view.mode.missed", "view.theme.light"}),
            0);
        QVERIFY(script->subject().locked() == TokenPair{}); // the saved lock is another window's
        script->resize(1111, 666);
        close(script);
        auto third = windowThatRemembers();
        QTRY_COMPARE(third->size(), QSize(1200, 700));
        QVERIFY(third->commands().action("view.theme.dark")->isChecked());
        QCOMPARE(runScript(*third, {"file.recent"}), 0);
        QCOMPARE(exploreOf(*third).mapLook().mode(), MapMode::Max);
        close(third);
    }

    void modelThatARunUsed_isThereAgain()
    {
        const QString model = "trace:" + m_trace;
        const auto modelOf = [](const MainWindow& window) {
            return window.findChild<QComboBox*>("run_model")->currentText();
        };
        auto first = windowThatRemembers();
        QCOMPARE(modelOf(*first), QString("builtin:needle"));
        QCOMPARE(runScript(*first, {"run.new model='" + model + "' text=hello", "run.start", "run.wait"}), 0);
        QCOMPARE(runScript(*first, {"run.new model=another text=hello"}), 0); // chosen, but no run used it
        close(first);
        auto second = windowThatRemembers();
        QCOMPARE(modelOf(*second), model);
        close(second);
        auto script = windowThatRemembers(false);
        QCOMPARE(modelOf(*script), QString("builtin:needle"));
    }
};

QTEST_MAIN(TestMainWindowRestore)
#include "tst_main_window_restore.moc"
