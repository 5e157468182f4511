// SPDX-License-Identifier: Apache-2.0
// Runs that are killed at any moment and gone on with: the bytes of one that was not.
#include "core/session/begun_trace.h"
#include "tests/cli/engine_process.h"
#include "tests/support/sanitized.h"
#include "tests/support/trace_rows.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonArray>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>

using namespace headwater;
using namespace headwater::test;

namespace {

struct Way {
    const char* name;
    QStringList options;
};
const Way kWays[] = {{"exact, observed", {"--select", "exact", "--check"}},
                     {"exact, propagated", {"--select", "exact", "--propagated"}},
                     {"tree, observed", {"--select", "tree", "--observed"}},
                     {"tree, propagated", {"--select", "tree", "--keep-keys", "256", "--check"}},
                     {"stream, propagated", {"--select", "stream", "--keep-keys", "256"}}};

/// Twenty moments of one way and five of the others, all twenty of all when the slow tests run; few under a
/// sanitizer, where a run takes long.
int momentsOf(int way)
{
    if (isSanitized())
        return 4;
    return way == 3 || qEnvironmentVariableIsSet("HEADWATER_EVERY_MOMENT") ? 20 : 5;
}

} // namespace

class TstResumeKills : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    QRandomGenerator m_random{15};

    Outcome run(const QStringList& arguments) const { return runHeadwater(arguments, m_folder.path()); }
    QString path(const QString& name) const { return m_folder.filePath(name); }

    static QStringList command(const Way& way, const QString& trace)
    {
        return QStringList{"run", "--model", "builtin:needle", "--prompt", "k.txt", "--predictions", "on",
                           "-o",  trace}
        + way.options;
    }

    /// A run that is killed `ms` after its trace stands at its name.
    void kill(const Way& way, const QString& trace, int ms) const
    {
        QProcess process;
        process.setWorkingDirectory(m_folder.path());
        process.start(headwaterProgram(), command(way, trace));
        QVERIFY(process.waitForStarted());
        while (!QFile::exists(path(trace)) && process.state() == QProcess::Running)
            process.waitForReadyRead(1);
        process.waitForFinished(ms);
        send(process, SIGKILL);
        process.waitForFinished(-1);
    }

private slots:
    void initTestCase() { QCOMPARE(run({"bench", "--make-prompt", "6000", "-o", "k.txt"}).code, 0); }

    void killed_atAnyMoment_goesOnToTheSameBytes_data()
    {
        QTest::addColumn<int>("way");
        for (int way = 0; way < static_cast<int>(std::size(kWays)); ++way)
            QTest::newRow(kWays[way].name) << way;
    }
    void killed_atAnyMoment_goesOnToTheSameBytes()
    {
        QFETCH(const int, way);
        const QString whole = QString("whole%1.hwt").arg(way);
        QElapsedTimer timer;
        timer.start();
        const Outcome first = run(command(kWays[way], whole));
        QVERIFY2(first.code == 0, first.err.constData());
        const int wholeMs = static_cast<int>(timer.elapsed());
        const QStringList expected = rowsOf(path(whole).toStdString());
        QVERIFY(expected.size() > 50);
        int begun = 0;
        int withTail = 0;
        const int moments = momentsOf(way);
        for (int moment = 0; moment < moments; ++moment) {
            const QString trace = QString("k%1.hwt").arg(moment);
            kill(kWays[way], trace, wholeMs * moment / moments + m_random.bounded(wholeMs / moments + 1));
            QVERIFY(QFile::exists(path(trace)));
            const auto left = BegunTrace::open(path(trace).toStdString());
            if (left) {
                ++begun;
                withTail += (*left)->hasTail() ? 1 : 0;
                const Outcome more = run({"run", "--resume", "-o", trace});
                QVERIFY2(more.code == 0, more.err.constData());
            } else {
                QVERIFY2(left.error().message.find("is finished") != std::string::npos,
                         left.error().text().c_str());
            }
            const Outcome verified = run({"verify", trace, "--json"});
            QVERIFY2(verified.code == 0 && verified.json()["sealed"].toBool(), verified.out.constData());
            QCOMPARE(rowsOf(path(trace).toStdString()), expected);
            QCOMPARE(QDir(m_folder.path()).entryList({trace + "?*"}, QDir::Files | QDir::Hidden),
                     QStringList());
            QVERIFY(QFile::remove(path(trace)));
        }
        qInfo("%d of %d were gone on with, %d of them from behind their tail", begun, moments, withTail);
        QVERIFY(begun >= moments / 4);
    }

    void whatDiffers_isRefusedByName()
    {
        const Outcome first = run(command(kWays[3], "w.hwt"));
        QVERIFY2(first.code == 0, first.err.constData());
        kill(kWays[3], "t.hwt", 50);
        QVERIFY(QFile::exists(path("t.hwt")));
        const auto refused = [this](const QStringList& more, const char* said) {
            const Outcome outcome = run(QStringList{"run", "--resume", "-o", "t.hwt"} + more);
            QCOMPARE(outcome.code, 64);
            QVERIFY2(outcome.err.contains(said), outcome.err.constData());
        };
        refused({"--keep-keys", "64"}, "--keep-keys: 64, but 256 in the trace");
        refused({"--observed"}, "--propagation: observed, but propagated in the trace");
        refused({"--generate", "3"}, "--generate: 3, but 16 in the trace");
        refused({"--check", "--expect", "7"}, "--expect: 7, but not given in the trace");
        refused({"--text", "another prompt"}, "prompt: is another prompt than the trace's");
        EngineProcess engine;
        QVERIFY(engine.start(m_folder.path()));
        engine.request(1, "estimate", {{"resume", true}, {"output", path("t.hwt")}});
        const QJsonObject estimate = engine.answer(1)["result"].toObject();
        QVERIFY2(estimate["tokens"].toInt() > 5000, QJsonDocument(estimate).toJson().constData());
        QCOMPARE(estimate["select"].toString(), QString("tree"));
        QCOMPARE(engine.end(), 0);
        const Outcome more = run({"run", "--resume", "-o", "t.hwt", "--model", "builtin:needle", "--prompt",
                                  "k.txt", "--keep-keys", "256", "--check", "--threads", "1", "--json"});
        QVERIFY2(more.code == 0, more.err.constData());
        QVERIFY(more.json()["notes"].toArray().last().toString().startsWith("went on with a trace of"));
        QCOMPARE(rowsOf(path("t.hwt").toStdString()), rowsOf(path("w.hwt").toStdString()));
        refused({}, "t.hwt: is finished: there is nothing to go on with");
        QCOMPARE(run({"run", "--resume", "-o", "none.hwt"}).code, 66);
    }
};

QTEST_GUILESS_MAIN(TstResumeKills)
#include "tst_resume_kills.moc"
