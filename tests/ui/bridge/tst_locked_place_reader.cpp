// SPDX-License-Identifier: GPL-3.0-or-later
// What is asked of a session for the locked place, against an engine that answers as it is told. (With the
// real one: tst_locked_row.)
#include "ui/bridge/locked_place_reader.h"

#include "core/base/file_name.h"
#include "core/trace/made_trace.h"
#include "support/patience.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace headwater;
using nlohmann::json;

namespace {

constexpr int kPatience = headwater::test::kPatienceMs;

json failureOf(const char* message)
{
    return {{"error", "io"}, {"message", message}};
}

} // namespace

class TestLockedPlaceReader : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::shared_ptr<const Trace> m_trace;

    struct Parts {
        EngineClient engine;
        TraceSession session{engine};
        ViewState view;
        ViewReader reader{&view};
        LockedPlaceReader place{view, reader, session};
        int numWaiting = 0; ///< questions that the engine has begun and does not answer

        Parts(json sessions, const std::shared_ptr<const Trace>& trace)
            : engine(QStringLiteral(FAKE_ENGINE),
                     {"sessions", QString::fromStdString([&] {
                          sessions["open"] = {{"session", 1},
                                              {"trace", textOfPath(trace->path())},
                                              {"tokens", trace->seqLen()},
                                              {"created", trace->meta().value("created", json())}};
                          return sessions.dump();
                      }())})
        {
            QObject::connect(&engine, &EngineClient::progress, &view, [this] { ++numWaiting; });
            view.setTrace(trace);
            session.setTrace(trace);
        }
        bool open()
        {
            session.open();
            return QTest::qWaitFor([this] { return session.state() == TraceSession::State::Open; },
                                   kPatience);
        }
    };

private slots:
    void initTestCase()
    {
        const std::filesystem::path path = m_folder.filePath("made.hwt").toStdString();
        QVERIFY(made::write(path, {}));
        m_trace = *Trace::open(path);
    }

    void aPartThatFails_isSaid_andTheOthersGoOn()
    {
        Parts parts({{"window", failureOf("the disk went away")},
                     {"row", failureOf("no room for a row")},
                     {"column", "wait"}},
                    m_trace);
        QVERIFY(parts.open());
        parts.view.setLocked({500, 115});
        QTRY_COMPARE_WITH_TIMEOUT(parts.numWaiting, 1, kPatience); // the column, last
        QVERIFY(parts.place.isBusy() && parts.place.failure());
        QVERIFY(parts.place.failure()->text().find("no room for a row") != std::string::npos);
        parts.session.close();
        QVERIFY(!parts.place.isBusy() && !parts.place.failure());
    }

    void triedAgain_itIsAskedForOnce()
    {
        Parts parts({{"window", failureOf("the disk went away")}, {"row", failureOf("no room for a row")}},
                    m_trace);
        QVERIFY(parts.open());
        QSignalSpy busy(&parts.place, &LockedPlaceReader::busyChanged);
        parts.view.setLocked({500, std::nullopt});
        QTRY_VERIFY_WITH_TIMEOUT(!parts.place.isBusy(), kPatience);
        QVERIFY(parts.place.failure());
        const auto asked = busy.size();
        QTest::qWait(200);
        QCOMPARE(busy.size(), asked); // not by itself
        parts.place.tryAgain();
        QVERIFY(parts.place.isBusy() && !parts.place.failure());
        QTRY_VERIFY_WITH_TIMEOUT(!parts.place.isBusy(), kPatience);
        QVERIFY(parts.place.failure());
        parts.view.setLocked({});
        QVERIFY(!parts.place.failure()); // that was another place's
    }

    void whatIsRoundedIsAskedForAgain_ofAnExactSessionAlone()
    {
        for (const bool isExact : {true, false}) {
            Parts parts({{"row", "wait"}, {"window", failureOf("the disk went away")}}, m_trace);
            ExactRow row;
            row.row = 500;
            row.isExact = isExact;
            QTRY_VERIFY(parts.reader.reading());
            parts.reader.addExact(std::move(row));
            QVERIFY(parts.open());
            parts.view.setLocked({500, std::nullopt});
            QTRY_VERIFY_WITH_TIMEOUT(parts.place.failure(), kPatience); // of the window, which comes first
            QTest::qWait(200);
            QCOMPARE(parts.numWaiting, isExact ? 0 : 1);
        }
    }
};

QTEST_GUILESS_MAIN(TestLockedPlaceReader)
#include "tst_locked_place_reader.moc"
