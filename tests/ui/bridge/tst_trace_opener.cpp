// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/trace_opener.h"

#include "support/patience.h"
#include "ui/map/made_trace.h"

#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

using namespace headwater;
using namespace headwater::testing;

class TestTraceOpener : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    QString place(const QString& name) const { return m_folder.filePath(name + ".hwt"); }
    static QString nameOf(const Trace& trace) { return QString::fromStdString(trace.path().stem().string()); }

private slots:
    void initTestCase()
    {
        for (const char* name : {"a", "b"}) {
            const auto trace = writeMadeTrace(std::filesystem::path(place(name).toStdString()), MadeTrace());
            QVERIFY2(trace.has_value(), trace ? "" : trace.error().text().c_str());
        }
    }

    /// Each word of `asked` is asked for while the first is under way; `said` is what comes of it, in order.
    void says_data()
    {
        QTest::addColumn<QStringList>("asked");
        QTest::addColumn<QStringList>("said");
        QTest::newRow("of many refreshes the last is served")
            << QStringList{"refresh a", "refresh a", "refresh a", "refresh a"}
            << QStringList{"refreshed a", "refreshed a"};
        QTest::newRow("the shown trace stays, as far as it has grown")
            << QStringList{"refresh a", "open missing"} << QStringList{"failed missing", "refreshed a"};
        QTest::newRow("another is opened: the refresh is dropped")
            << QStringList{"refresh a", "refresh a", "open b"} << QStringList{"opened b"};
        QTest::newRow("what is refreshed is opened: it is read once")
            << QStringList{"refresh a", "open a"} << QStringList{"opened a"};
        QTest::newRow("a layer that is finished during an opening is not lost")
            << QStringList{"open a", "refresh a"} << QStringList{"opened a", "refreshed a"};
    }
    void says()
    {
        QFETCH(QStringList, asked);
        TraceOpener opener;
        QStringList heard;
        connect(&opener, &TraceOpener::opened, this,
                [&heard](const std::shared_ptr<const Trace>& trace) { heard += "opened " + nameOf(*trace); });
        connect(&opener, &TraceOpener::refreshed, this, [&heard](const std::shared_ptr<const Trace>& trace) {
            heard += "refreshed " + nameOf(*trace);
        });
        connect(&opener, &TraceOpener::failed, this,
                [&heard](const QString& path) { heard += "failed " + QFileInfo(path).completeBaseName(); });
        for (const QString& words : asked) {
            const QString path = place(words.section(' ', 1));
            words.startsWith("open ") ? opener.open(path) : opener.refresh(path);
        }
        QTRY_VERIFY(!opener.isOpening());
        QTEST(heard, "said");
    }
};

QTEST_GUILESS_MAIN(TestTraceOpener)
#include "tst_trace_opener.moc"
