// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/main_window.h"

#include "ui/heads/head_panel.h"
#include "ui/main/command_box.h"
#include "ui/main/explore_panels.h"
#include "ui/main/kept_trace.h"
#include "ui/main/message_bar.h"
#include "ui/main/script_runner.h"
#include "ui/main/watchdog.h"
#include "ui/map/map_pane.h"
#include "ui/theme/theme.h"

#include <QAbstractButton>
#include <QAbstractSpinBox>
#include <QAction>
#include <QClipboard>
#include <QComboBox>
#include <QDockWidget>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QEventLoop>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <QUrl>
#include <QtWidgets/qabstractslider.h>
#include <cmath>
#include <ctime>

using namespace headwater;
using namespace headwater::testing;

class TestMainWindow : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QString m_trace;

    std::unique_ptr<MainWindow> makeWindow(const QString& engine = FAKE_ENGINE)
    {
        WindowOptions options;
        options.engineProgram = engine;
        options.engineArguments = {};
        options.panels = explorePanels();
        options.theme = "dark";
        options.restore = false;
        auto window = std::make_unique<MainWindow>(options);
        window->show();
        return window;
    }

    /// Runs a script to its end and gives its exit code.
    int runScript(MainWindow& window, const QStringList& commands, const QString& screenshot = {})
    {
        ScriptRunner runner(window, {commands, screenshot, false});
        QSignalSpy finished(&runner, &ScriptRunner::finished);
        runner.start();
        return finished.wait(20000) ? finished.first().first().toInt() : -1;
    }

    /// A trace of two heads with this kept mass and these additions to its meta.
    static bool writeKeptTrace(const QString& path, double share, const nlohmann::json& meta)
    {
        const Interval kept{share, share, share};
        return writeHeads(path.toStdString(), {kept, kept}, Normaliser::Exact, {}, {}, meta).has_value();
    }

    std::unique_ptr<MainWindow> openWindow()
    {
        auto window = makeWindow();
        if (runScript(*window, {"file.open path='" + m_trace + "'"}) != 0)
            return nullptr;
        return window;
    }

private slots:
    void initTestCase()
    {
        qputenv("XDG_STATE_HOME", m_folder.path().toLocal8Bit());
        qputenv("XDG_CONFIG_HOME", m_folder.path().toLocal8Bit());
        qputenv("XDG_DATA_HOME", m_folder.path().toLocal8Bit());
        m_trace = m_folder.filePath("made.hwt");
        const auto trace = writeMadeTrace(m_trace.toStdString(), MadeTrace{});
        QVERIFY2(trace.has_value(), trace ? "" : trace.error().text().c_str());
    }

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

    void open_showsTheTrace()
    {
        const auto window = openWindow();
        QVERIFY(window);
        QVERIFY(window->view().trace());
        QVERIFY(window->map()->isVisible());
        QCOMPARE(window->findChild<QLabel*>("subject_file")->text(), QString("made.hwt"));
        const auto* const pill = window->findChild<QPushButton*>("verdict_pill");
        QVERIFY(pill->isVisible());
        QCOMPARE(pill->text(), QString("map holds 96.4 % of attention"));
        QCOMPARE(window->map()->status().tilesPending, std::size_t{0});
    }

    void open_whatIsNoTrace_isABar_notADialog()
    {
        const auto window = makeWindow();
        QCOMPARE(runScript(*window, {"file.open path=/no/such/file.hwt"}), 66);
        QVERIFY(window->messageBar()->isVisible());
        QVERIFY(window->messageBar()->text().contains("/no/such/file.hwt"));
        QVERIFY(!window->view().trace());
    }

    void script_goesToAPlace()
    {
        const auto window = openWindow();
        QVERIFY(window);
        QCOMPARE(runScript(*window,
                           {"view.goto layer=1 head=1 query=940 key=212 zoom=0.5", "view.mode mode=count",
                            "view.range low=0.01 high=0.5", "view.mask.sinks on=on"}),
                 0);
        const ViewState& view = window->view();
        QVERIFY(view.head() == (HeadId{1, 1}));
        QVERIFY(view.locked() == (TokenPair{940u, 212u}));
        QCOMPARE(view.viewport().tokensPerPixel, 0.5);
        QCOMPARE(view.mode(), MapMode::Count);
        QCOMPARE(view.colours().low, 0.01);
        QVERIFY(view.mask().sinks);
        QVERIFY(window->commands().action("view.mode.count")->isChecked());
        QVERIFY(window->findChild<QAbstractButton*>("button.view.mode.count")->isChecked());
        QVERIFY(!window->findChild<QAbstractButton*>("button.view.mode.max")->isChecked());
    }

    void script_wrong_endsWithItsExitCode_data()
    {
        QTest::addColumn<QString>("command");
        QTest::newRow("unknown command") << "view.fly";
        QTest::newRow("unknown parameter") << "view.goto lyer=3";
        QTest::newRow("no such head") << "select.head layer=70 head=0";
        QTest::newRow("beyond the text") << "view.goto query=1000";
        QTest::newRow("future") << "view.goto query=10 key=11";
        QTest::newRow("range upside down") << "view.range low=1 high=0.1";
        QTest::newRow("mode") << "view.mode mode=sum";
    }

    void script_wrong_endsWithItsExitCode()
    {
        QFETCH(QString, command);
        const auto window = openWindow();
        QVERIFY(window);
        const ViewSnapshot before = snapshotOf(window->view());
        QCOMPARE(runScript(*window, {command, "view.mode mode=count"}), 64);
        QVERIFY(snapshotOf(window->view()) == before); // the rest is not run
    }

    void find_marksAndSteps()
    {
        const auto window = openWindow();
        QVERIFY(window);
        QSignalSpy hits(&window->find(), &FindSession::findHitsChanged);
        QCOMPARE(runScript(*window, {"find.text text=7421"}), 0);
        QCOMPARE(window->find().hits(), std::vector<std::uint32_t>{212});
        QVERIFY(!hits.isEmpty());
        QCOMPARE(window->view().locked().key, std::optional(212u));
        QVERIFY(window->messageBar()->text().contains("hit 1 of 1"));
        QCOMPARE(runScript(*window, {"find.text text=Helsinki"}), 0);
        const std::vector<std::uint32_t> all = window->find().hits();
        QVERIFY(all.size() > 1);
        QTest::keyClick(window.get(), Qt::Key_F3);
        QCOMPARE(window->view().locked().key, std::optional(all[1]));
        QTest::keyClick(window.get(), Qt::Key_F3, Qt::ShiftModifier);
        QTest::keyClick(window.get(), Qt::Key_F3, Qt::ShiftModifier);
        QCOMPARE(window->view().locked().key, std::optional(all.back()));
        QCOMPARE(runScript(*window, {"find.clear"}), 0);
        QVERIFY(window->find().hits().empty());
        QCOMPARE(runScript(*window, {"find.text text=nowhere"}), 0);
        QVERIFY(window->messageBar()->text().contains("not in the text"));
    }

    void box_takesAPlaceByKeyboard()
    {
        const auto window = openWindow();
        QVERIFY(window);
        auto* const box = window->findChild<CommandBox*>("command_box");
        QTest::keyClick(window.get(), Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(box->list()->isVisible());
        QTest::keyClicks(box, "L1H1");
        QTest::keyClick(box, Qt::Key_Return);
        QVERIFY(window->view().head() == (HeadId{1, 1}));
        QVERIFY(!box->list()->isVisible());
        box->openFor(CommandBox::Prefer::Commands);
        QTest::keyClicks(box, "missed");
        QTest::keyClick(box, Qt::Key_Return);
        QCOMPARE(window->view().mode(), MapMode::Missed);
        box->openFor(CommandBox::Prefer::Commands);
        QTest::keyClick(box, Qt::Key_Escape);
        QVERIFY(!box->list()->isVisible());
    }

    void undo_andBack_returnTheView()
    {
        const auto window = openWindow();
        QVERIFY(window);
        const MapViewport whole = window->view().viewport();
        QCOMPARE(runScript(*window, {"view.goto query=500 key=300 zoom=0.1"}), 0);
        QVERIFY(window->view().viewport() != whole);
        window->commands().action("go.back")->trigger();
        QVERIFY(window->view().viewport() == whole);
        window->commands().action("go.forward")->trigger();
        QCOMPARE(window->view().viewport().tokensPerPixel, 0.1);
        window->commands().action("edit.undo")->trigger();
        QVERIFY(window->view().viewport() == whole);
    }

    void run_showsItsTraceAsSoonAsALayerIsThere()
    {
        const auto window = makeWindow();
        QSignalSpy layers(&window->runSession(), &RunSession::layerFinished);
        QCOMPARE(
            runScript(*window, {"run.new model='trace:" + m_trace + "' text=hello", "run.start", "run.wait"}),
            0);
        QCOMPARE(layers.size(), 2);
        QVERIFY(window->findChild<QPushButton*>("run_go_answer")->isVisible());
        QVERIFY(window->view().trace());
        QCOMPARE(QString::fromStdString(window->view().trace()->path().string()), m_trace);
        QVERIFY(window->map()->isVisible());
        QVERIFY2(window->messageBar()->text().contains("7421"), qPrintable(window->messageBar()->text()));
    }

    void run_doesNotTakeTheWindowFromAnotherTrace_butOffersItsOwn()
    {
        const QString other = m_folder.filePath("other.hwt");
        QVERIFY(writeMadeTrace(other.toStdString(), MadeTrace{}).has_value());
        const auto window = makeWindow();
        // The run begins, another trace is opened, and only then come the run's layers and its end.
        QCOMPARE(runScript(*window, {"file.open path='" + other + "'"}), 0);
        window->files().followRun();
        QCOMPARE(runScript(*window, {"file.open path='" + other + "'"}), 0);
        QVERIFY(!window->files().isFollowingRun());
        RunRequest request;
        request.model = "trace:" + m_trace;
        request.text = "hello";
        QSignalSpy layers(&window->runSession(), &RunSession::layerFinished);
        QSignalSpy finished(&window->runSession(), &RunSession::finished);
        window->runSession().start(request);
        QTRY_COMPARE(finished.size(), 1);
        QCOMPARE(layers.size(), 2);
        QTRY_VERIFY(!window->files().isBusy());
        QCOMPARE(window->files().path(), other);
        // Its answer is not in the open trace: what is offered is to open it.
        QVERIFY(!window->findChild<QPushButton*>("run_go_answer"));
        QVERIFY(!window->findChild<QPushButton*>("run_copy_command"));
        auto* const open = window->findChild<QPushButton*>("run_open");
        QVERIFY(open && open->isVisible());
        QTest::mouseClick(open, Qt::LeftButton);
        QTRY_COMPARE(window->files().path(), m_trace);
    }

    void run_isStillFollowedAfterAFailedOpenAndADroppedText()
    {
        const auto window = makeWindow();
        window->files().followRun();
        QCOMPARE(runScript(*window, {"file.open path=/no/such/file.hwt"}), 66);
        QVERIFY(window->files().isFollowingRun());
        QFile text(m_folder.filePath("next.txt"));
        QVERIFY(text.open(QIODevice::WriteOnly));
        text.write("the next prompt");
        text.close();
        QCOMPARE(runScript(*window, {"file.open path='" + text.fileName() + "'"}), 0);
        QVERIFY(window->files().isFollowingRun());
        window->files().refresh(m_trace);
        QTRY_COMPARE(window->files().path(), m_trace); // its first layer is shown
    }

    void runNeedle_leavesTheFormAlone()
    {
        const auto window = makeWindow();
        QCOMPARE(runScript(*window, {"run.new model=smollm2-135m text='my own words'", "run.needle"}), 0);
        QVERIFY(window->runSession().isRunning());
        QCOMPARE(window->runSession().request().model, QString("builtin:needle"));
        const nlohmann::json params = paramsOf(window->runSession().request());
        QVERIFY2(!params.contains("text") && params.contains("output"), params.dump().c_str());
        QCOMPARE(window->findChild<QPlainTextEdit*>("run_prompt")->toPlainText(), QString("my own words"));
        QCOMPARE(window->findChild<QComboBox*>("run_model")->currentText(), QString("smollm2-135m"));
        QCOMPARE(runScript(*window, {"run.cancel", "run.wait"}), 0);
    }

    void run_engineThatCannotStart_isOneMessage_andNoRun()
    {
        const auto window = makeWindow("/no/such/engine");
        RunRequest request;
        request.text = "hello";
        window->runSession().start(request);
        QTRY_VERIFY(!window->runSession().isRunning());
        QVERIFY(!window->findChild<QWidget*>("run_bar")->isVisible());
        QTRY_VERIFY(window->findChild<QPushButton*>("run_again"));
        QVERIFY2(window->messageBar()->text().count("/no/such/engine") == 1,
                 qPrintable(window->messageBar()->text()));
        QVERIFY(window->findChild<QPushButton*>("engine_restart")->isVisible());
    }

    void errors_standBesideNotices_withAButtonEach()
    {
        const auto window = openWindow();
        QVERIFY(window);
        QCOMPARE(runScript(*window, {"file.open path=/no/such/file.hwt"}), 66);
        QCOMPARE(runScript(*window, {"file.open path=/no/such/other.hwt"}), 66);
        QCOMPARE(runScript(*window, {"find.text text=Helsinki"}), 0);
        const QString said = window->messageBar()->text();
        for (const char* part : {"/no/such/file.hwt", "/no/such/other.hwt", "hit 1 of"})
            QVERIFY2(said.contains(part), qPrintable(said));
        for (const QWidget* const card : window->messageBar()->findChildren<QWidget*>("message_card"))
            QVERIFY2(!card->findChildren<QPushButton*>().isEmpty(), qPrintable(said));
        QCOMPARE(runScript(*window, {"find.text text=7421"}), 0); // the next search speaks in the same line
        QVERIFY(!window->messageBar()->text().contains("Helsinki"));
        QVERIFY(window->messageBar()->text().contains("/no/such/file.hwt"));
        for (int i = 0; i < 8; ++i)
            QCOMPARE(runScript(*window, {QString("file.open path=/no/such/%1.hwt").arg(i)}), 66);
        QVERIFY(window->messageBar()->text().count('\n') < static_cast<int>(MessageBar::kMostLines));
        const auto closes = window->messageBar()->findChildren<QAbstractButton*>("message_close");
        for (QAbstractButton* const close : closes)
            QTest::mouseClick(close, Qt::LeftButton);
        QVERIFY(!window->messageBar()->isVisible());
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
        QVERIFY(ended.wait(20000));
        QVERIFY(runner.wantsWatchdogReport());
    }

    void theme_followsTheDesktop()
    {
        bool dark = true;
        WindowOptions options;
        options.engineProgram = FAKE_ENGINE;
        options.panels = explorePanels();
        options.theme = "system";
        options.restore = false;
        options.desktopIsDark = [&dark] { return dark; };
        MainWindow window(options);
        QVERIFY(themeOf(qApp->palette()).dark);
        dark = false;
        QEvent change(QEvent::ThemeChange);
        QCoreApplication::sendEvent(&window, &change);
        QTRY_VERIFY(!themeOf(qApp->palette()).dark);
        dark = true;
        QEvent palette(QEvent::ApplicationPaletteChange);
        QCoreApplication::sendEvent(&window, &palette);
        QTRY_VERIFY(themeOf(qApp->palette()).dark);
        window.commands().action("view.theme.dark")->trigger();
        dark = false;
        QCoreApplication::sendEvent(&window, &change);
        QCoreApplication::processEvents();
        QVERIFY(themeOf(qApp->palette()).dark); // a person's choice stays
    }

    void window_fitsALaptop()
    {
        const auto window = openWindow();
        QVERIFY(window);
        QVERIFY2(window->minimumSizeHint().width() <= 1280,
                 qPrintable(QString::number(window->minimumSizeHint().width())));
        QVERIFY2(window->minimumSizeHint().height() <= 720,
                 qPrintable(QString::number(window->minimumSizeHint().height())));
        window->resize(1280, 720);
        QCOMPARE(window->width(), 1280);
        QCOMPARE(runScript(*window, {"run.new"}), 0);
        QVERIFY2(window->minimumSizeHint().width() <= 1280, "with the form");
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

    void heads_areFilteredByCommand()
    {
        const auto window = openWindow();
        QVERIFY(window);
        auto* const panel = window->findChild<HeadPanel*>();
        QCOMPARE(runScript(*window, {"heads.filter first_layer=1"}), 0);
        QCOMPARE(panel->grid()->headLayout().heads, (std::vector<HeadId>{{1, 0}, {1, 1}}));
        QCOMPARE(runScript(*window, {"heads.filter least=0.5"}), 64); // of what?
        QCOMPARE(runScript(*window, {"heads.sort order=kept_mass", "heads.filter least=0.97"}), 0);
        QVERIFY(panel->grid()->headLayout().heads.empty());
        QCOMPARE(runScript(*window, {"heads.filter.clear"}), 0);
        QCOMPARE(panel->grid()->headLayout().heads.size(), std::size_t{4});
        QVERIFY(!panel->isFilterBarShown());
        QTest::keyClick(window.get(), Qt::Key_H, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(panel->isFilterBarShown());
    }

    void drop_opensATrace_andATextBeginsARun()
    {
        const auto window = makeWindow();
        const auto drop = [&](const QString& path) {
            QMimeData data;
            data.setUrls({QUrl::fromLocalFile(path)});
            QDragEnterEvent enter({100, 100}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
            QCoreApplication::sendEvent(window.get(), &enter);
            QVERIFY(enter.isAccepted());
            QDropEvent event(QPointF(100, 100), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
            QCoreApplication::sendEvent(window.get(), &event);
        };
        drop(m_trace);
        QTRY_COMPARE(window->files().path(), m_trace);
        QFile text(m_folder.filePath("prompt.txt"));
        QVERIFY(text.open(QIODevice::WriteOnly));
        text.write("What is the code?");
        text.close();
        drop(text.fileName());
        QTRY_VERIFY(window->findChild<QWidget*>("run_page")->isVisible());
        QCOMPARE(window->findChild<QPlainTextEdit*>("run_prompt")->toPlainText(),
                 QString("What is the code?"));
        QTRY_COMPARE(window->findChild<QLabel*>("run_tokens")->text(), QString("17 tokens"));
    }

    void run_cancelled_saysSo_andRestsOnTheForm()
    {
        const auto window = makeWindow();
        QCOMPARE(runScript(*window, {"run.new model=wait text=hello", "run.start"}), 0);
        QVERIFY(window->runSession().isRunning());
        QVERIFY(window->findChild<QWidget*>("run_bar")->isVisible());
        QCOMPARE(runScript(*window, {"run.cancel", "run.wait"}), 0);
        QVERIFY(!window->runSession().isRunning());
        QVERIFY(window->messageBar()->text().contains("cancelled"));
        QVERIFY(!window->findChild<QWidget*>("run_bar")->isVisible());
    }

    void engineDeath_leavesTheWindow_andOffersARestart()
    {
        const auto window = openWindow();
        QVERIFY(window);
        QCOMPARE(runScript(*window, {"run.new model=kill text=hello", "run.start", "run.wait"}), 69);
        auto* const restart = window->findChild<QPushButton*>("engine_restart");
        QVERIFY(restart && restart->isVisible());
        QCOMPARE(window->engine().state(), EngineClient::State::Dead);
        QTest::mouseClick(restart, Qt::LeftButton);
        QTRY_COMPARE(window->engine().state(), EngineClient::State::Idle);
        QVERIFY(window->view().trace());
    }

    void verdict_cardAndPillSayTheSame()
    {
        // 84.39 % would round to 84.4; 99.96 % to 100.0.
        for (const auto& [share, text] : {std::pair(0.84396, "84.3 %"), std::pair(0.9996, "99.9 %")}) {
            const QString path = m_folder.filePath(QString("kept%1.hwt").arg(share));
            QVERIFY(writeKeptTrace(path, share, nlohmann::json::object()));
            const auto window = makeWindow();
            QCOMPARE(runScript(*window, {"file.open path='" + path + "'", "help.verdict"}), 0);
            QCOMPARE(window->findChild<QLabel*>("verdict_number")->text(), QString(text));
            QVERIFY(window->findChild<QPushButton*>("verdict_pill")->text().contains(text));
            QVERIFY(window->findChild<QLabel*>("verdict_held")->text().contains(text));
        }
        const QString path = m_folder.filePath("unknown.hwt");
        QVERIFY(writeKeptTrace(path, std::nan(""), nlohmann::json::object()));
        const auto window = makeWindow();
        QCOMPARE(runScript(*window, {"file.open path='" + path + "'", "help.verdict"}), 0);
        QCOMPARE(window->findChild<QLabel*>("verdict_number")->text(), QString("unknown"));
    }

    void verdict_opensAndCloses()
    {
        const auto window = openWindow();
        QVERIFY(window);
        auto* const card = window->findChild<QWidget*>("verdict_card");
        QTest::mouseClick(window->findChild<QPushButton*>("verdict_pill"), Qt::LeftButton);
        QVERIFY(card->isVisible());
        QVERIFY(window->findChild<QLabel*>("verdict_held")->text().contains("96.4 %"));
        QTest::keyClick(card, Qt::Key_Escape);
        QVERIFY(!card->isVisible());
    }

    void close_goesBackToTheWelcome()
    {
        const auto window = openWindow();
        QVERIFY(window);
        QCOMPARE(runScript(*window, {"file.close"}), 0);
        QVERIFY(window->findChild<QWidget*>("welcome_page")->isVisible());
        QVERIFY(!window->view().trace());
        QVERIFY(window->findChild<QPushButton*>("welcome.recent")->isVisible());
    }

    void export_writesTheViewAsAFigure()
    {
        const auto window = openWindow();
        QVERIFY(window);
        const QString path = m_folder.filePath("figure.svg");
        QCOMPARE(runScript(*window,
                           {"view.goto layer=1 head=0 query=900 key=700 zoom=0.2",
                            "file.export width=16cm path='" + path + "'"}),
                 0);
        QFile figure(path);
        QVERIFY(figure.open(QIODevice::ReadOnly));
        QVERIFY(figure.read(1000).contains("<svg"));
        QFile sidecar(path + ".json");
        if (!sidecar.exists())
            sidecar.setFileName(m_folder.filePath("figure.json"));
        QVERIFY(sidecar.open(QIODevice::ReadOnly));
        const auto options = nlohmann::json::parse(sidecar.readAll().toStdString());
        QVERIFY2(options.dump().find("\"layer\":1") != std::string::npos, options.dump().c_str());
        QCOMPARE(runScript(*window, {"file.export path=/no/such/folder/figure.pdf"}), 73);
        QCOMPARE(runScript(*window, {"file.export path=figure.bmp"}), 64);
    }

    void screenshot_isThePictureOfTheWindow()
    {
        const auto window = openWindow();
        QVERIFY(window);
        const QString path = m_folder.filePath("shot.png");
        QCOMPARE(runScript(*window, {"view.wait"}, path), 0);
        const QImage image(path);
        QCOMPARE(image.size(), window->size() * window->devicePixelRatioF());
        QCOMPARE(runScript(*window, {"view.wait"}, "/no/such/folder/shot.png"), 73);
    }
};

// As QTEST_MAIN, with the application that the explorer has.
int main(int argc, char** argv)
{
    WatchedApplication application(argc, argv);
    TestMainWindow test;
    QTEST_SET_MAIN_SOURCE_PATH
    return QTest::qExec(&test, argc, argv);
}
#include "tst_main_window.moc"
