// SPDX-License-Identifier: GPL-3.0-or-later
// What is asked of a session for the words on screen, against an engine that answers as it is told.
#include "ui/bridge/predicted_rows_reader.h"

#include "core/trace/made_trace.h"
#include "ui/bridge/asked_session.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace headwater;
using namespace headwater::testing;
using nlohmann::json;

namespace {

constexpr int kPatience = headwater::test::kPatienceMs;

struct Parts : AskedSession {
    PredictedRowsReader reader{subject, textLook, session};

    Parts(const json& predictions, const std::shared_ptr<const Trace>& trace)
        : AskedSession({{"predictions", predictions}}, trace)
    {
    }
};

} // namespace

class TestPredictedRowsReader : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::shared_ptr<const Trace> m_trace;

private slots:
    void initTestCase()
    {
        const std::filesystem::path path = m_folder.filePath("made.hwt").toStdString();
        QVERIFY(made::write(path, {}));
        m_trace = *Trace::open(path);
        QVERIFY(!m_trace->hasPredictions());
    }

    void nothingIsAsked_untilSomebodyLooks()
    {
        Parts parts("wait", m_trace);
        QVERIFY(parts.open());
        QTest::qWait(200);
        QVERIFY(!parts.reader.isBusy());
        parts.textLook.setInView({{10, 60}}); // what is seen is shaded by what a row reads
        QVERIFY(!parts.reader.isBusy());
        parts.textLook.setShade(TextShade::Loss);
        QVERIFY(parts.reader.isBusy());
    }

    void whatNobodySeesAnyMore_isGivenUp()
    {
        Parts parts("wait", m_trace);
        QVERIFY(parts.open());
        parts.textLook.setShade(TextShade::Loss);
        parts.textLook.setInView({{10, 60}});
        QTRY_COMPARE_WITH_TIMEOUT(parts.asked.size(), std::size_t{1}, kPatience);
        parts.textLook.setInView({{20, 70}}); // some of it is still seen
        QTest::qWait(200);
        QCOMPARE(parts.asked.size(), std::size_t{1});
        parts.textLook.setInView({{300, 350}});
        QTRY_COMPARE_WITH_TIMEOUT(parts.asked.size(), std::size_t{2}, kPatience); // the other is answered
        QVERIFY(parts.asked[1] > parts.asked[0]);
        parts.textLook.setInView({});
        QTRY_VERIFY_WITH_TIMEOUT(!parts.reader.isBusy(), kPatience);
        QVERIFY(!parts.subject.predictions());
        // The locked row comes first, whatever the text shows.
        parts.subject.setLocked({500, std::nullopt});
        QTRY_COMPARE_WITH_TIMEOUT(parts.asked.size(), std::size_t{3}, kPatience);
        parts.session.close();
        QVERIFY(!parts.reader.isBusy());
    }

    void aRefusal_isNotRepeated()
    {
        Parts parts(failureOf("unsupported", "this model predicts nothing"), m_trace);
        QVERIFY(parts.open());
        QSignalSpy busy(&parts.reader, &PredictedRowsReader::busyChanged);
        parts.subject.setLocked({500, std::nullopt});
        QTRY_COMPARE_WITH_TIMEOUT(busy.size(), 2, kPatience);
        parts.subject.setLocked({501, std::nullopt});
        QTest::qWait(200);
        QCOMPARE(busy.size(), 2);
        parts.session.close();
        QVERIFY(parts.open()); // another session may
        QTRY_COMPARE_WITH_TIMEOUT(busy.size(), 4, kPatience);
    }

    void aPartThatFails_isSaid_andTheOthersGoOn()
    {
        Parts parts(failureOf("io", "the disk went away"), m_trace);
        QVERIFY(parts.open());
        QSignalSpy busy(&parts.reader, &PredictedRowsReader::busyChanged);
        parts.subject.setLocked({500, std::nullopt});
        QTRY_COMPARE_WITH_TIMEOUT(busy.size(), 2, kPatience);
        QVERIFY(parts.reader.failure());
        QVERIFY(parts.reader.failure()->text().find("the disk went away") != std::string::npos);
        parts.subject.setLocked({501, std::nullopt});
        QTRY_COMPARE_WITH_TIMEOUT(busy.size(), 4, kPatience);
        parts.subject.setLocked({500, std::nullopt}); // it has been asked for
        QTest::qWait(200);
        QCOMPARE(busy.size(), 4);
        parts.reader.tryAgain();
        QVERIFY(!parts.reader.failure());
        QTRY_COMPARE_WITH_TIMEOUT(busy.size(), 6, kPatience);
        parts.session.close();
        QVERIFY(!parts.reader.failure());
    }

    /// A newer snapshot of the same trace begins without what the session has told.
    void whatASnapshotLost_isAskedForAnew()
    {
        Parts parts("wait", m_trace);
        QVERIFY(parts.open());
        Predictions told = noPredictions(m_trace->seqLen(), PredictedBy::Model);
        told.rows[500].following = -1;
        parts.subject.setPredictions(std::make_shared<const Predictions>(told));
        parts.subject.setLocked({500, std::nullopt});
        QVERIFY(!parts.reader.isBusy());
        const std::shared_ptr<const Trace> newer = *Trace::open(m_trace->path());
        parts.subject.setTrace(newer, true);
        parts.session.setTrace(newer);
        QCOMPARE(parts.session.state(), TraceSession::State::Open);
        QTRY_COMPARE_WITH_TIMEOUT(parts.asked.size(), std::size_t{1}, kPatience);
    }

    void aTraceThatHasItsOwn_asksForNone()
    {
        made::Shape shape;
        shape.predictions = true;
        const std::filesystem::path path = m_folder.filePath("with.hwt").toStdString();
        QVERIFY(made::write(path, shape));
        Parts parts("wait", *Trace::open(path));
        QVERIFY(parts.open());
        parts.subject.setLocked({500, std::nullopt});
        QVERIFY(!parts.reader.isBusy());
    }
};

QTEST_GUILESS_MAIN(TestPredictedRowsReader)
#include "tst_predicted_rows_reader.moc"
