// SPDX-License-Identifier: GPL-3.0-or-later
// What is asked of a session for the locked place, against an engine that answers as it is told. (With the
// real one: tst_locked_row.)
#include "ui/bridge/locked_place_reader.h"

#include "core/trace/made_trace.h"
#include "ui/bridge/asked_session.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace headwater;
using namespace headwater::testing;

namespace {

constexpr int kPatience = headwater::test::kPatienceMs;

struct Parts : AskedSession {
    using AskedSession::AskedSession;
    ViewReader reader{&subject};
    LockedPlaceReader place{subject, reader, session};
};

} // namespace

class TestLockedPlaceReader : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::shared_ptr<const Trace> m_trace;

private slots:
    void initTestCase()
    {
        const std::filesystem::path path = m_folder.filePath("made.hwt").toStdString();
        QVERIFY(made::write(path, {}));
        m_trace = *Trace::open(path);
    }

    void aPartThatFails_isSaid_andTheOthersGoOn()
    {
        Parts parts({{"window", failureOf("io", "the disk went away")},
                     {"row", failureOf("io", "no room for a row")},
                     {"column", "wait"}},
                    m_trace);
        QVERIFY(parts.open());
        parts.subject.setLocked({500, 115});
        QTRY_COMPARE_WITH_TIMEOUT(parts.asked.size(), std::size_t{1}, kPatience); // the column, last
        QVERIFY(parts.place.isBusy() && parts.place.failure());
        QVERIFY(parts.place.failure()->text().find("no room for a row") != std::string::npos);
        parts.session.close();
        QVERIFY(!parts.place.isBusy() && !parts.place.failure());
    }

    void triedAgain_itIsAskedForOnce()
    {
        Parts parts({{"window", failureOf("io", "the disk went away")},
                     {"row", failureOf("io", "no room for a row")}},
                    m_trace);
        QVERIFY(parts.open());
        QSignalSpy busy(&parts.place, &LockedPlaceReader::busyChanged);
        parts.subject.setLocked({500, std::nullopt});
        QTRY_VERIFY_WITH_TIMEOUT(!parts.place.isBusy(), kPatience);
        QVERIFY(parts.place.failure());
        const auto asked = busy.size();
        QTest::qWait(200);
        QCOMPARE(busy.size(), asked); // not by itself
        parts.place.tryAgain();
        QVERIFY(parts.place.isBusy() && !parts.place.failure());
        QTRY_VERIFY_WITH_TIMEOUT(!parts.place.isBusy(), kPatience);
        QVERIFY(parts.place.failure());
        parts.subject.setLocked({});
        QVERIFY(!parts.place.failure()); // that was another place's
    }

    void anOlderPlace_isGivenUp()
    {
        Parts parts({{"window", "wait"}, {"row", "wait"}, {"column", "wait"}}, m_trace);
        QVERIFY(parts.open());
        const auto numAsked = [&] { return parts.asked.size(); };
        parts.subject.setLocked({500, 115});
        QTRY_COMPARE(numAsked(), std::size_t{1}); // its row in this head
        parts.subject.setLocked({500, 116}); // of which that is a part, too
        QTest::qWait(200);
        QCOMPARE(numAsked(), std::size_t{1});
        QCOMPARE(parts.givenUp(), std::vector<qint64>{});
        parts.subject.setLocked({501, 116});
        QTRY_COMPARE(numAsked(), std::size_t{2});
        QCOMPARE(parts.givenUp(), std::vector<qint64>{parts.asked[0]});
        parts.subject.setHead({0, 1});
        QTRY_COMPARE(numAsked(), std::size_t{3});
        QVERIFY(parts.place.isBusy() && !parts.place.failure()); // nothing went wrong
        parts.subject.setLocked({});
        QTRY_VERIFY(!parts.place.isBusy());
        QCOMPARE(parts.givenUp(), parts.asked);
        QVERIFY(!parts.place.failure());
    }

    void aColumnOfAnOlderKey_isGivenUp()
    {
        Parts parts({{"column", "wait"}}, m_trace);
        QVERIFY(parts.open());
        parts.subject.setLocked({std::nullopt, 115});
        QTRY_COMPARE(parts.asked.size(), std::size_t{1});
        parts.subject.setLocked({std::nullopt, 116});
        QTRY_COMPARE(parts.asked.size(), std::size_t{2});
        QCOMPARE(parts.givenUp(), std::vector<qint64>{parts.asked[0]});
    }

    /// The row of every head is the same whichever is shown.
    void allHeads_goOnWhileOthersAreShown()
    {
        Parts parts({{"window", failureOf("io", "the disk went away")}, {"row", "wait"}}, m_trace);
        QVERIFY(parts.open());
        parts.subject.setLocked({500, std::nullopt});
        QTRY_COMPARE(parts.asked.size(), std::size_t{1});
        parts.subject.setHead({0, 1});
        QTest::qWait(200);
        QCOMPARE(parts.givenUp(), std::vector<qint64>{});
        QCOMPARE(parts.asked.size(), std::size_t{1});
    }

    void aClosedSession_givesUpWhatItReads()
    {
        Parts parts({{"window", "wait"}}, m_trace);
        QVERIFY(parts.open());
        parts.subject.setLocked({500, 115});
        QTRY_COMPARE(parts.asked.size(), std::size_t{1});
        parts.session.close();
        QVERIFY(!parts.place.isBusy() && !parts.session.isReading());
        QCOMPARE(parts.givenUp(), parts.asked);
    }

    void whatIsRoundedIsAskedForAgain_ofAnExactSessionAlone()
    {
        for (const bool isExact : {true, false}) {
            Parts parts({{"row", "wait"}, {"window", failureOf("io", "the disk went away")}}, m_trace);
            ExactRow row;
            row.row = 500;
            row.isExact = isExact;
            QTRY_VERIFY(parts.reader.reading());
            parts.reader.addExact(std::move(row));
            QVERIFY(parts.open());
            parts.subject.setLocked({500, std::nullopt});
            QTRY_VERIFY_WITH_TIMEOUT(parts.place.failure(), kPatience); // of the window, which comes first
            QTest::qWait(200);
            QCOMPARE(parts.asked.size(), std::size_t{isExact ? 0u : 1u});
        }
    }
};

QTEST_GUILESS_MAIN(TestLockedPlaceReader)
#include "tst_locked_place_reader.moc"
