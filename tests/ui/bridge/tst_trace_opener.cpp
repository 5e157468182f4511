// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/trace_opener.h"

#include "support/patience.h"
#include "ui/map/made_trace.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace headwater;
using namespace headwater::testing;

class TestTraceOpener : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    QString place(const char* name) const { return m_folder.filePath(name); }

    /// What an opener said, in its order.
    static void listen(TraceOpener& opener, QStringList& said)
    {
        const auto nameOf = [](const Trace& trace) {
            return QString::fromStdString(trace.path().filename().string());
        };
        connect(&opener, &TraceOpener::opened, [&said, nameOf](const std::shared_ptr<const Trace>& trace) {
            said += "opened " + nameOf(*trace);
        });
        connect(&opener, &TraceOpener::refreshed, [&said, nameOf](const std::shared_ptr<const Trace>& trace) {
            said += "refreshed " + nameOf(*trace);
        });
        connect(&opener, &TraceOpener::failed,
                [&said](const QString& path) { said += "failed " + QFileInfo(path).fileName(); });
    }

private slots:
    void initTestCase()
    {
        for (const char* name : {"a.hwt", "b.hwt"}) {
            const auto trace = writeMadeTrace(std::filesystem::path(place(name).toStdString()), MadeTrace());
            QVERIFY2(trace.has_value(), trace ? "" : trace.error().text().c_str());
        }
    }

    void ofManyRefreshes_theLastIsServed()
    {
        TraceOpener opener;
        QStringList said;
        listen(opener, said);
        for (int time = 0; time < 5; ++time)
            opener.refresh(place("a.hwt"));
        QTRY_VERIFY(!opener.isOpening());
        QCOMPARE(said, (QStringList{"refreshed a.hwt", "refreshed a.hwt"}));
    }

    /// The shown trace stays, so it is shown as far as it has grown.
    void openFails_theInterruptedRefreshIsServed()
    {
        TraceOpener opener;
        QStringList said;
        listen(opener, said);
        opener.refresh(place("a.hwt"));
        opener.open(place("missing.hwt"));
        QTRY_VERIFY(!opener.isOpening());
        QCOMPARE(said, (QStringList{"failed missing.hwt", "refreshed a.hwt"}));
    }

    void anotherIsOpened_theRefreshIsDropped()
    {
        TraceOpener opener;
        QStringList said;
        listen(opener, said);
        opener.refresh(place("a.hwt"));
        opener.refresh(place("a.hwt"));
        opener.open(place("b.hwt"));
        QTRY_VERIFY(!opener.isOpening());
        QCOMPARE(said, QStringList{"opened b.hwt"});
    }

    void whatIsRefreshedIsOpened_itIsReadOnce()
    {
        TraceOpener opener;
        QStringList said;
        listen(opener, said);
        opener.refresh(place("a.hwt"));
        opener.open(place("a.hwt"));
        QTRY_VERIFY(!opener.isOpening());
        QCOMPARE(said, QStringList{"opened a.hwt"});
    }

    /// A layer that is finished while its trace is being opened is not lost.
    void refreshedWhileItIsOpened_isServedAfterwards()
    {
        TraceOpener opener;
        QStringList said;
        listen(opener, said);
        opener.open(place("a.hwt"));
        opener.refresh(place("a.hwt"));
        QTRY_VERIFY(!opener.isOpening());
        QCOMPARE(said, (QStringList{"opened a.hwt", "refreshed a.hwt"}));
    }
};

QTEST_GUILESS_MAIN(TestTraceOpener)
#include "tst_trace_opener.moc"
