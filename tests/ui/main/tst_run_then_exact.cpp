// SPDX-License-Identifier: GPL-3.0-or-later
// A run that was started from the window has left its session: what is exact costs no other forward.
#include "ui/bridge/json_access.h"
#include "ui/main/made_windows.h"
#include "ui/map/exact_offer.h"
#include "ui/map/map_pane.h"

#include <QTest>

using namespace headwater;
using namespace headwater::testing;

class TestRunThenExact : public MadeWindows {
    Q_OBJECT

private:
    /// Numbers of the sessions that the window's engine holds.
    static std::vector<qint64> sessionsOf(MainWindow& window)
    {
        std::optional<std::vector<qint64>> numbers;
        window.engine().request("status", {}, &window, [&](const Result<nlohmann::json>& answer) {
            numbers.emplace();
            if (answer)
                for (const nlohmann::json& session : jsonMember(*answer, "sessions"))
                    numbers->push_back(jsonInteger(session, "session", -1));
        });
        static_cast<void>(QTest::qWaitFor([&] { return numbers.has_value(); }, headwater::test::kPatienceMs));
        return numbers.value_or(std::vector<qint64>{-1});
    }

private slots:
    void initTestCase() { QVERIFY(prepare()); }

    void run_leavesItsSession()
    {
        WindowOptions options = optionsOf(HEADWATER_PROGRAM);
        options.engineArguments = {"serve"};
        MainWindow window(options);
        window.resize(1366, 768);
        window.show();
        const QString text = QString("The wind is mild. @abc=77 The sea is low. ").repeated(30) + "@abc=";
        const QString output = m_folder.filePath("run.hwt");
        QCOMPARE(runScript(
                     window,
                     {"run.new model='builtin:needle' text='" + text + "' generate=4 output='" + output + "'",
                      "run.start", "run.wait", "view.wait"}),
                 0);
        QVERIFY(window.subject().trace() && window.subject().trace()->isSealed());
        QCOMPARE(sessionsOf(window), std::vector<qint64>{1});

        QCOMPARE(runScript(window, {"select.head layer=2 head=1", "view.goto query=700 key=651 zoom=0.06"}),
                 0);
        QTRY_VERIFY_WITH_TIMEOUT(exploreOf(window).map()->tiles()->exactOnScreen(),
                                 headwater::test::kPatienceMs);
        const auto exact = exploreOf(window).map()->tiles()->exactOnScreen();
        QVERIFY(exact->isExact && exact->isModel);
        QCOMPARE(sessionsOf(window), std::vector<qint64>{1}); // the run's, and no other

        // A second run has its memory: the session is given back before it starts, and the new one is alone.
        std::optional<std::vector<qint64>> meanwhile;
        const auto first = connect(&window.engine(), &EngineClient::progress, this, [&] {
            if (meanwhile || !window.engine().hasRun())
                return;
            meanwhile.emplace();
            window.engine().request("status", {}, &window, [&](const Result<nlohmann::json>& answer) {
                if (answer && jsonText(*answer, "state") != QLatin1String("running"))
                    meanwhile->push_back(-2);
                for (const nlohmann::json& session : jsonMember(*answer, "sessions"))
                    meanwhile->push_back(jsonInteger(session, "session", -1));
            });
        });
        QCOMPARE(runScript(window,
                           {"run.new model='builtin:needle' text='" + text + "' generate=4 output='"
                                + m_folder.filePath("second.hwt") + "'",
                            "run.start", "run.wait", "view.wait"}),
                 0);
        disconnect(first);
        QVERIFY(meanwhile);
        QCOMPARE(*meanwhile, std::vector<qint64>{});
        QCOMPARE(sessionsOf(window), std::vector<qint64>{2});

        // Another trace closes it; the engine tells its state at once, also before it has come to that.
        QCOMPARE(runScript(window, {"file.open path='" + m_trace + "'", "view.wait"}), 0);
        QTRY_COMPARE(sessionsOf(window), std::vector<qint64>{});
    }
};

QTEST_MAIN(TestRunThenExact)
#include "tst_run_then_exact.moc"
