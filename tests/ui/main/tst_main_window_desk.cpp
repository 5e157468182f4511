// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/made_windows.h"

#include "support/patience.h"
#include "ui/main/command_box.h"
#include "ui/main/message_bar.h"
#include "ui/main/watchdog.h"
#include "ui/map/map_pane.h"
#include "ui/theme/elided_label.h"
#include "ui/theme/theme.h"
#include "ui/theme/themed_parts.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QAction>
#include <QClipboard>
#include <QComboBox>
#include <QDockWidget>
#include <QEventLoop>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>
#include <QTextEdit>
#include <QTimer>
#include <QtWidgets/qabstractslider.h>
#include <ctime>

using namespace headwater;
using namespace headwater::testing;

class TestMainWindowDesk : public MadeWindows {
    Q_OBJECT

    /// What of the top bar lies over something else, or beyond the window; empty: nothing.
    static QString overlapIn(const MainWindow& window)
    {
        int right = 0;
        for (const char* name : {"subject_file", "subject", "verdict_pill", "command_box"}) {
            const auto* const widget = window.findChild<QWidget*>(name);
            const int left = widget->mapTo(&window, QPoint()).x();
            if (left < right)
                return QString("%1 at %2, before %3").arg(name).arg(left).arg(right);
            right = left + widget->width();
        }
        return right <= window.width() ? QString() : QString("beyond the window");
    }

private slots:
    void initTestCase() { QVERIFY(prepare()); }

    void everyCommand_hasAHandler()
    {
        const auto window = makeWindow();
        const ScriptRunner runner(*window, {});
        for (const CommandSpec& spec : window->commands().specs()) {
            if (spec.id != "-")
                QVERIFY2(window->commands().isBound(spec.id), qPrintable(spec.id));
        }
    }

    void everyControl_hasANameAndAnAccessibleName()
    {
        const auto window = openWindow();
        QVERIFY(window);
        QStringList nameless;
        for (const QWidget* const widget : window->findChildren<QWidget*>()) {
            const bool isControl = qobject_cast<const QAbstractButton*>(widget)
                || qobject_cast<const QLineEdit*>(widget) || qobject_cast<const QComboBox*>(widget)
                || qobject_cast<const QAbstractSpinBox*>(widget)
                || qobject_cast<const QAbstractItemView*>(widget) || qobject_cast<const QDockWidget*>(widget)
                || (widget->focusPolicy() & Qt::TabFocus);
            // Parts that Qt makes inside its own controls are named by those; scroll bars are no controls of
            // ours.
            bool inside = qobject_cast<const QAbstractSlider*>(widget) != nullptr
                || widget->objectName().startsWith("qt_");
            for (const QWidget* up = widget->parentWidget(); up; up = up->parentWidget())
                inside = inside || qobject_cast<const QComboBox*>(up)
                    || qobject_cast<const QAbstractSpinBox*>(up) || qobject_cast<const QAbstractItemView*>(up)
                    || qobject_cast<const QLineEdit*>(up);
            if (!isControl || inside)
                continue;
            if (widget->objectName().isEmpty() || widget->accessibleName().isEmpty())
                nameless.append(QString("%1 \"%2\" in %3")
                                    .arg(widget->metaObject()->className(), widget->objectName(),
                                         widget->parentWidget()->objectName()));
        }
        QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join("\n")));
    }

    void copyCommand_putsTheRunOnTheClipboard()
    {
        const QString path = m_folder.filePath("command.hwt");
        const QString command = "headwater run --model a --prompt 'b c.txt'";
        QVERIFY(writeKeptTrace(path, 0.9, {{"command", command.toStdString()}}));
        const auto window = makeWindow();
        QApplication::clipboard()->clear();
        QCOMPARE(runScript(*window, {"file.open path='" + path + "'", "edit.copy_command"}), 0);
        QCOMPARE(QApplication::clipboard()->text(), command);
        QVERIFY(window->messageBar()->text().contains(command));
        QCOMPARE(runScript(*window, {"file.open path='" + m_trace + "'", "edit.copy_command"}),
                 69); // it has none
        // Made before control tokens of a prompt could be text: its command says what they were.
        const QString older = m_folder.filePath("older.hwt");
        QVERIFY(writeKeptTrace(older, 0.9,
                               {{"command", command.toStdString()}, {"prompt", {{"chat", "chatml"}}}}));
        QCOMPARE(runScript(*window, {"file.open path='" + older + "'", "edit.copy_command"}), 0);
        QCOMPARE(QApplication::clipboard()->text(), command + " --text-tokens control");
    }

    void recent_isAListInTheMenuAndThePalette()
    {
        const QString other = m_folder.filePath("recent.hwt");
        QVERIFY(writeMadeTrace(other.toStdString(), MadeTrace{}).has_value());
        const auto window = makeWindow();
        QVERIFY(!window->commands().action("file.recent.1")->isVisible());
        QCOMPARE(runScript(*window, {"file.open path='" + m_trace + "'", "file.open path='" + other + "'"}),
                 0);
        QAction* const first = window->commands().action("file.recent.1");
        QAction* const second = window->commands().action("file.recent.2");
        QVERIFY(first->isVisible() && second->isVisible());
        QVERIFY(!window->commands().action("file.recent.3")->isVisible());
        QVERIFY2(first->text().startsWith("recent.hwt"), qPrintable(first->text()));
        QVERIFY2(second->text().startsWith("made.hwt"), qPrintable(second->text()));
        const auto* const menu = window->findChild<QMenu*>("menu.File/Recent");
        QVERIFY(menu && menu->actions().contains(first) && menu->actions().contains(second));
        const auto offers = window->findChild<CommandBox*>("command_box")->offersFor("made.hwt");
        QVERIFY(std::any_of(offers.begin(), offers.end(),
                            [](const CommandBox::Offer& offer) { return offer.id == "file.recent.2"; }));
        second->trigger();
        QTRY_COMPARE(window->files().path(), m_trace);
        QCOMPARE(runScript(*window, {"file.recent"}), 0); // the one before this
        QCOMPARE(window->files().path(), other);
        QCOMPARE(runScript(*window, {"file.recent number=12"}), 69);
        // What is gone can be taken off the list.
        window->files().setRecent({"/no/such/file.hwt"});
        QCOMPARE(runScript(*window, {"file.recent.1"}), 66);
        QTest::mouseClick(window->findChild<QPushButton*>("error_forget"), Qt::LeftButton);
        QVERIFY(window->files().recent().isEmpty());
    }

    void watchdog_countsWhatTakesTooLong()
    {
        // In the explorer the application is watched; here the counting itself.
        auto* const watched = dynamic_cast<WatchedApplication*>(QCoreApplication::instance());
        QVERIFY(watched);
        watched->startWatching();
        struct Busy : QObject {
            double milliseconds = 0;
            bool event(QEvent* event) override
            {
                if (event->type() != QEvent::User)
                    return QObject::event(event);
                timespec begin{};
                timespec now{};
                ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
                do
                    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
                while (static_cast<double>(now.tv_sec - begin.tv_sec) * 1e3
                           + static_cast<double>(now.tv_nsec - begin.tv_nsec) / 1e6
                       < milliseconds);
                return true;
            }
        } busy;
        busy.setObjectName("busy");
        // Sent from a slot of this test it would be part of its handler: a loop of its own makes it one.
        const std::size_t before = watched->slowCount();
        QEventLoop loop;
        busy.milliseconds = 80;
        QCoreApplication::postEvent(&busy, new QEvent(QEvent::User));
        QTimer::singleShot(0, &loop, &QEventLoop::quit);
        loop.exec();
        QVERIFY(watched->slowCount() > before);
        QVERIFY(watched->longestMs() >= 80);
        const std::string report = watched->report().dump();
        QVERIFY2(report.find("busy") != std::string::npos, report.c_str());
        const auto window = makeWindow();
        ScriptRunner runner(*window, {{"diag.watchdog"}, {}, false});
        QSignalSpy ended(&runner, &ScriptRunner::finished);
        QVERIFY(!runner.wantsWatchdogReport());
        runner.start();
        QVERIFY(ended.wait(headwater::test::kPatienceMs));
        QVERIFY(runner.wantsWatchdogReport());
    }

    void theme_followsTheDesktop()
    {
        bool dark = true;
        int asked = 0;
        WindowOptions options;
        options.engineProgram = FAKE_ENGINE;
        options.workspaces = {exploreWorkspace()};
        options.theme = "system";
        options.restore = false;
        options.desktopIsDark = [&dark, &asked] {
            ++asked;
            // As the program asks: with the desktop's own palette for a moment.
            const QPalette own = QApplication::palette();
            QApplication::setPalette(QPalette());
            QApplication::setPalette(own);
            return dark;
        };
        MainWindow window(options);
        QVERIFY(themeOf(qApp->palette()).dark);
        dark = false;
        QEvent change(QEvent::ThemeChange);
        QCoreApplication::sendEvent(&window, &change);
        QTRY_VERIFY(!themeOf(qApp->palette()).dark);
        dark = true;
        qApp->setPalette(QPalette(Qt::white)); // as a desktop that says it by the palette alone
        QTRY_COMPARE(qApp->palette().color(QPalette::Window), darkTheme().window);
        // The window's own changes of palette are no news from the desktop: it asks no more.
        for (int i = 0; i < 20; ++i)
            QCoreApplication::processEvents();
        const int before = asked;
        for (int i = 0; i < 20; ++i)
            QCoreApplication::processEvents();
        QCOMPARE(asked, before);
        QVERIFY2(asked <= 6, qPrintable(QString::number(asked)));
        window.commands().action("view.theme.dark")->trigger();
        dark = false;
        QCoreApplication::sendEvent(&window, &change);
        QCoreApplication::processEvents();
        QVERIFY(themeOf(qApp->palette()).dark); // a person's choice stays
    }

    void theme_isSwitchedPartByPart_andWhole()
    {
        const auto window = openWindow();
        QVERIFY(window);
        auto* const parts = window->findChild<ThemedParts*>();
        QSignalSpy styled(parts, &ThemedParts::styled);
        for (const Theme* const theme : {&lightTheme(), &darkTheme()}) {
            styled.clear();
            window->commands().action("view.theme.toggle")->trigger();
            // Not in the handler of the key: that would polish every widget of the window at once.
            QVERIFY(parts->isPending());
            QVERIFY(!window->isSettled());
            QVERIFY(!window->updatesEnabled());
            QVERIFY(styled.wait(headwater::test::kPatienceMs));
            QVERIFY(window->updatesEnabled());
            QCOMPARE(runScript(*window, {"view.wait"}), 0);
            const QImage image = window->grab().toImage();
            const auto colourAt = [&](const char* name, const QPoint& at) {
                const auto* const widget = window->findChild<QWidget*>(name);
                return image.pixelColor(widget->mapTo(window.get(), at));
            };
            QCOMPARE(colourAt("top_bar", {3, 3}), theme->dock);
            QCOMPARE(colourAt("dock.heads", {3, 3}), theme->dock);
            QCOMPARE(colourAt("dock.text", {3, 3}), theme->dock);
            QCOMPARE(colourAt("status_strip", {2, 10}), theme->dock);
            QCOMPARE(colourAt("mapPane", {2, 2}), theme->ground);
            QCOMPARE(colourAt("lockedRowCard", {20, 4}), theme->raised);
            for (const char* name : {"mapView", "prose", "top_bar", "lockedRowCard", "run_page"})
                QVERIFY2(themeOf(window->findChild<QWidget*>(name)->palette()).dark == theme->dark, name);
        }
        // Two switches in one breath end in the last one.
        window->commands().action("view.theme.light")->trigger();
        window->commands().action("view.theme.dark")->trigger();
        QTRY_VERIFY(!parts->isPending());
        QCOMPARE(window->grab().toImage().pixelColor(3, 3), darkTheme().dock);
    }

    void firstStart_isWhollyOnItsScreen()
    {
        WindowOptions options = optionsOf(FAKE_ENGINE);
        options.restore = true; // nothing was kept yet
        const MainWindow first(options);
        const QSize room = first.screen()->availableGeometry().size();
        QVERIFY(room.width() < 1600 && room.height() < 1000);
        QVERIFY2(first.width() < room.width() && first.height() < room.height(),
                 qPrintable(QString("%1 x %2").arg(first.width()).arg(first.height())));
        QVERIFY(first.width() > room.width() * 9 / 10); // as large as may be
        options.restore = false;
        QCOMPARE(MainWindow(options).size(), QSize(1600, 1000)); // what a script draws is of one size
    }

    void window_fitsALaptop()
    {
        const auto window = openWindow();
        QVERIFY(window);
        QCOMPARE(runScript(*window, {"select.lock query=500 key=300", "view.wait"}), 0);
        QString wide = QString::number(window->minimumSizeHint().width());
        for (const QDockWidget* const dock : window->findChildren<QDockWidget*>())
            wide += QString(" %1 %2").arg(dock->objectName()).arg(dock->minimumSizeHint().width());
        for (const char* name : {"pages", "status_strip", "run_page", "centre"})
            wide +=
                QString(" %1 %2").arg(name).arg(window->findChild<QWidget*>(name)->minimumSizeHint().width());
        QVERIFY2(window->minimumSizeHint().width() <= 1024, qPrintable(wide));
        QVERIFY2(window->minimumSizeHint().height() <= 600,
                 qPrintable(QString::number(window->minimumSizeHint().height())));
        window->resize(1024, 600);
        QCOMPARE(window->size(), QSize(1024, 600));
        QTRY_COMPARE(window->findChild<QPushButton*>("verdict_pill")->text(), QString("holds 96.4 %"));
        QCOMPARE(runScript(*window, {"run.new"}), 0);
        QVERIFY2(window->minimumSizeHint().width() <= 1024, "with the form");
        QCOMPARE(window->size(), QSize(1024, 600)); // nor does it grow for it
    }

    void topBar_narrow_keepsWhatWasAsked()
    {
        const QString path = m_folder.filePath("narrow.hwt");
        QVERIFY(writeKeptTrace(path, 0.964, nlohmann::json::object()));
        const auto window = makeWindow();
        QCOMPARE(runScript(*window, {"file.open path='" + path + "'"}), 0);
        auto* const subject = window->findChild<QLabel*>("subject");
        window->resize(1600, 1000);
        QTRY_COMPARE(subject->text(), QString("SmolLM2 135M · 128 tokens · exact · observed"));
        window->resize(1440, 900);
        QTRY_COMPARE(subject->text(), QString("SmolLM2 135M · 128 tokens · exact · observed"));
        window->resize(1280, 720);
        QTRY_VERIFY2(subject->text().endsWith("128 tokens · exact · observed"), qPrintable(subject->text()));
        QTRY_VERIFY(subject->width() >= subject->sizeHint().width()); // and is not cut after all
        QCOMPARE(overlapIn(*window), QString());
    }

    void topBar_withoutPanels_keepsTheWindowWideEnough()
    {
        const auto window = openWindow();
        QVERIFY(window);
        for (const std::vector<PanelSpec> panels = exploreWorkspace().panels; const PanelSpec& panel : panels)
            QCOMPARE(runScript(*window, {"view.panel." + panel.id + " on=off"}), 0);
        window->resize(200, 200);
        QCoreApplication::processEvents();
        QCOMPARE(overlapIn(*window), QString());
        QVERIFY(window->findChild<QLabel*>("subject_file")->width() > 60); // a name says something
        QCOMPARE(runScript(*window, {"run.new"}), 0);
        QVERIFY(window->minimumSizeHint().width() <= 1024);
    }

    void labels_ofANarrowPanel_endInAnEllipsis()
    {
        const auto window = openWindow();
        QVERIFY(window);
        window->resize(1280, 720);
        auto* const dock = window->findChild<QDockWidget*>("dock.distance");
        window->resizeDocks({dock}, {150}, Qt::Horizontal);
        QCOMPARE(runScript(*window, {"select.lock query=120 key=20", "view.wait"}), 0);
        QVERIFY(dock->width() < 200);
        for (const QLabel* const label : window->findChildren<QLabel*>()) {
            const bool shortens = label->wordWrap() || dynamic_cast<const ElidedLabel*>(label);
            QVERIFY2(!label->isVisible() || shortens || label->width() >= label->minimumSizeHint().width(),
                     qPrintable(label->objectName() + ": " + label->text()));
        }
    }

    void topBar_ofAnotherPage_leavesTheMapsControlsOut()
    {
        const auto window = openWindow();
        QVERIFY(window);
        auto* const mode = window->findChild<QWidget*>("button.view.mode.max");
        auto* const pill = window->findChild<QWidget*>("verdict_pill");
        QVERIFY(mode->isVisible() && pill->isVisible());
        QCOMPARE(runScript(*window, {"run.new"}), 0);
        QVERIFY(!mode->isVisible() && !pill->isVisible());
        QTest::mouseClick(window->findChild<QPushButton*>("run_close"), Qt::LeftButton);
        QVERIFY(mode->isVisible() && pill->isVisible());
    }

    void messages_lieOverTheMap_andGoWithTheNextSuccess()
    {
        const auto window = openWindow();
        QVERIFY(window);
        QWidget* const map = exploreOf(*window).map();
        const QRect place = map->geometry();
        const MapViewport view = exploreOf(*window).mapLook().viewport();
        window->commands().action("edit.copy_command")->trigger(); // this trace has none
        MessageBar* const bar = window->messageBar();
        QVERIFY(bar->isVisible());
        QCoreApplication::processEvents();
        QCOMPARE(map->geometry(), place); // what is under the cursor stays there
        QVERIFY(exploreOf(*window).mapLook().viewport() == view);
        const QRect over(bar->mapTo(window.get(), QPoint()), bar->size());
        const QRect under(map->mapTo(window.get(), QPoint()), map->size());
        QVERIFY(under.contains(over));
        QCOMPARE(over.top(), under.top());
        const auto isWhole = [bar] {
            for (const QWidget* const card : bar->findChildren<QWidget*>("message_card")) {
                const auto* const words = card->findChild<QTextEdit*>("message_text");
                if (card->height() < card->heightForWidth(card->width())
                    || !bar->rect().contains(card->geometry()) || words->verticalScrollBar()->maximum() > 0)
                    return false;
            }
            return true;
        };
        QVERIFY(isWhole());
        QVERIFY(bar->height() < 60); // a line
        // It does not hide the locked key's caption: at the right by itself, at the left for a key there.
        QCOMPARE(over.right(), under.right());
        window->subject().setLocked({990u, 950u});
        QCOMPARE(bar->mapTo(window.get(), QPoint()).x(), under.left());
        window->subject().setLocked({});
        QCOMPARE(bar->mapTo(window.get(), QPoint()).x(), over.left());
        // A long one wraps inside the map's width.
        QCOMPARE(runScript(*window,
                           {"file.open path='/no/such/" + QString("folder of many words ").repeated(40)
                            + "/file.hwt'"}),
                 66);
        QCoreApplication::processEvents();
        QVERIFY(bar->width() <= map->width());
        QVERIFY(isWhole());
        QVERIFY(bar->height() > 100);
        QVERIFY(bar->text().contains("/no/such/"));
        QVERIFY2(!bar->text().contains("command"), qPrintable(bar->text())); // it was of an older wish
        window->commands().action("edit.copy_command")->trigger();
        QVERIFY(bar->text().contains("command"));
        window->commands().action("view.zoom.in")->trigger();
        QVERIFY2(!bar->text().contains("command"), qPrintable(bar->text()));
        QVERIFY(bar->text().contains("/no/such/")); // that file is still not there
        // The form is not covered: there they stand above.
        QCOMPARE(runScript(*window, {"run.new"}), 0);
        QCoreApplication::processEvents();
        auto* const form = window->findChild<QWidget*>("run_page");
        QVERIFY(form->mapTo(window.get(), QPoint()).y()
                >= bar->mapTo(window.get(), QPoint()).y() + bar->height());
    }

    void topBar_saysItsHint()
    {
        const auto window = openWindow();
        QVERIFY(window);
        window->resize(1600, 1000);
        auto* const box = window->findChild<CommandBox*>("command_box");
        QTRY_VERIFY(box->isHintShown());
        QVERIFY(!window->findChild<QLabel*>("subject")->text().contains(QChar(0x2026)));
    }

    void close_goesBackToTheWelcome()
    {
        const auto window = openWindow();
        QVERIFY(window);
        QCOMPARE(runScript(*window, {"file.close"}), 0);
        QVERIFY(window->findChild<QWidget*>("welcome_page")->isVisible());
        QVERIFY(!window->subject().trace());
        QVERIFY(window->findChild<QPushButton*>("welcome.recent")->isVisible());
    }
};

// As QTEST_MAIN, with the application that the explorer has.
int main(int argc, char** argv)
{
    WatchedApplication application(argc, argv);
    TestMainWindowDesk test;
    QTEST_SET_MAIN_SOURCE_PATH
    return QTest::qExec(&test, argc, argv);
}
#include "tst_main_window_desk.moc"
