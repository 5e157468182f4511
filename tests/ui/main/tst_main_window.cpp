// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/main_window.h"

#include "ui/main/command_box.h"
#include "ui/main/explore_panels.h"
#include "ui/main/message_bar.h"
#include "ui/main/script_runner.h"
#include "ui/map/made_trace.h"
#include "ui/map/map_pane.h"

#include <QAbstractButton>
#include <QAbstractSpinBox>
#include <QAction>
#include <QComboBox>
#include <QDockWidget>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QUrl>
#include <QtWidgets/qabstractslider.h>

using namespace headwater;
using namespace headwater::testing;

class TestMainWindow : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QString m_trace;

    std::unique_ptr<MainWindow> makeWindow()
    {
        WindowOptions options;
        options.engineProgram = FAKE_ENGINE;
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
        QVERIFY(window->view().trace());
        QCOMPARE(QString::fromStdString(window->view().trace()->path().string()), m_trace);
        QVERIFY(window->map()->isVisible());
        QVERIFY2(window->messageBar()->text().contains("7421"), qPrintable(window->messageBar()->text()));
    }

    void run_doesNotTakeTheWindowFromAnotherTrace()
    {
        const QString other = m_folder.filePath("other.hwt");
        QVERIFY(writeMadeTrace(other.toStdString(), MadeTrace{}).has_value());
        const auto window = makeWindow();
        QCOMPARE(runScript(*window,
                           {"run.new model=wait text=hello", "run.start", "file.open path='" + other + "'",
                            "run.cancel", "run.wait"}),
                 0);
        QCOMPARE(window->files().path(), other);
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

QTEST_MAIN(TestMainWindow)
#include "tst_main_window.moc"
