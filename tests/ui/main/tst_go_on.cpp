// SPDX-License-Identifier: GPL-3.0-or-later
// "Go on" where the window says that a trace was not finished: the real engine makes it whole.
#include "support/trace_rows.h"
#include "ui/main/made_windows.h"
#include "ui/main/message_bar.h"

#include <QAction>
#include <QFile>
#include <QPushButton>
#include <QTest>
#include <csignal>
#include <sys/types.h>

using namespace headwater;
using namespace headwater::testing;

class TestGoOn : public MadeWindows {
    Q_OBJECT

    QString path(const QString& name) const { return m_folder.filePath(name); }

    std::unique_ptr<MainWindow> windowOfEngine()
    {
        WindowOptions options = optionsOf(HEADWATER_PROGRAM);
        options.engineArguments = {"serve"};
        auto window = std::make_unique<MainWindow>(options);
        window->show();
        return window;
    }

    RunRequest requestOf(const QString& name) const
    {
        RunRequest request; // the built-in model's own prompt of 6 000 tokens
        request.output = path(name).toStdString();
        request.select.selection = Selection::Tree;
        request.select.keepKeys = 256;
        return request;
    }

    /// A run that ends by `end` when its first layer is there.
    template <class End> void beginTrace(MainWindow& window, const QString& name, End end)
    {
        QSignalSpy failed(&window.runSession(), &RunSession::failed);
        const auto stop = connect(&window.runSession(), &RunSession::layerFinished, this, end);
        window.runSession().start(requestOf(name));
        const bool hasFailed = failed.wait(headwater::test::kPatienceMs);
        disconnect(stop);
        QVERIFY(hasFailed);
        const auto trace = Trace::open(path(name).toStdString());
        QVERIFY2(trace, trace ? "" : trace.error().text().c_str());
        QVERIFY(!(*trace)->isSealed() && !(*trace)->heads().empty());
    }

    void beginTrace(MainWindow& window, const QString& name)
    {
        beginTrace(window, name, [&window] { window.runSession().cancel(); });
    }

    /// Presses the button and waits for the run's end.
    void goOn(MainWindow& window, const QString& name)
    {
        auto* const button = window.messageBar()->findChild<QPushButton*>("run_resume");
        QVERIFY2(button && button->isVisible(), qPrintable(window.messageBar()->text()));
        QCOMPARE(button->text(), QString("Go on"));
        QSignalSpy finished(&window.runSession(), &RunSession::finished);
        QSignalSpy failed(&window.runSession(), &RunSession::failed);
        QTest::mouseClick(button, Qt::LeftButton);
        QTRY_VERIFY(window.runSession().isRunning() || finished.count() > 0);
        QTRY_VERIFY_WITH_TIMEOUT(finished.count() + failed.count() > 0, headwater::test::kPatienceMs);
        QVERIFY2(finished.count() == 1, qPrintable(window.messageBar()->text()));
        QCOMPARE(finished.first().first().toString(), path(name));
        QCOMPARE(headwater::test::rowsOf(path(name).toStdString()),
                 headwater::test::rowsOf(path("whole.hwt").toStdString()));
        QTRY_VERIFY(window.subject().trace() && window.subject().trace()->isSealed());
        QCOMPARE(window.subject().trace()->path(), std::filesystem::path(path(name).toStdString()));
        QTRY_VERIFY(!window.commands().action("run.resume")->isEnabled());
    }

private slots:
    void initTestCase()
    {
        QVERIFY(prepare());
        const auto window = windowOfEngine();
        QSignalSpy finished(&window->runSession(), &RunSession::finished);
        window->runSession().start(requestOf("whole.hwt"));
        QVERIFY(finished.wait(headwater::test::kPatienceMs));
        QVERIFY(headwater::test::rowsOf(path("whole.hwt").toStdString()).size() > 50);
    }

    void unfinishedTrace_thatIsOpened_isGoneOnWith()
    {
        beginTrace(*windowOfEngine(), "begun.hwt");
        if (QTest::currentTestFailed())
            return;
        const auto window = windowOfEngine();
        QCOMPARE(runScript(*window, {"file.open path='" + path("begun.hwt") + "'"}), 0);
        QVERIFY2(window->messageBar()->text().contains("not finished"),
                 qPrintable(window->messageBar()->text()));
        goOn(*window, "begun.hwt");
        QVERIFY(!window->messageBar()->text().contains("not finished"));
    }

    void cancelledRun_isGoneOnWith()
    {
        const auto window = windowOfEngine();
        beginTrace(*window, "cancelled.hwt");
        if (!QTest::currentTestFailed())
            goOn(*window, "cancelled.hwt");
    }

    void runOfADeadEngine_isGoneOnWith()
    {
        const auto window = windowOfEngine();
        beginTrace(*window, "dead.hwt",
                   [&window] { ::kill(static_cast<pid_t>(window->engine().processId()), SIGKILL); });
        if (QTest::currentTestFailed())
            return;
        QCOMPARE(window->engine().state(), EngineClient::State::Dead);
        goOn(*window, "dead.hwt"); // in a new one
    }

    void finishedTrace_hasNothingToGoOnWith()
    {
        const auto window = windowOfEngine();
        QCOMPARE(runScript(*window, {"file.open path='" + path("whole.hwt") + "'"}), 0);
        QVERIFY(!window->commands().action("run.resume")->isEnabled());
        QVERIFY(!window->messageBar()->findChild<QPushButton*>("run_resume"));
    }
};

QTEST_MAIN(TestGoOn)
#include "tst_go_on.moc"
