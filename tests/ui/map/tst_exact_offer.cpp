// SPDX-License-Identifier: GPL-3.0-or-later
// What the offer over the map says and does in every subject of the session, against an engine that answers
// as it is told. (With the real one: tst_exact_window.)
#include "ui/map/exact_offer.h"

#include "core/base/text.h"
#include "ui/bridge/asked_session.h"
#include "ui/map/made_trace.h"
#include "ui/map/map_pane.h"
#include "ui/map/map_view.h"
#include "ui/theme/fonts.h"

#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace headwater;
using namespace headwater::testing;
using nlohmann::json;
using State = TraceSession::State;

namespace {

constexpr int kPatience = headwater::test::kPatienceMs;
constexpr int kLongerThanSettling = 400;

json offerOf(double seconds)
{
    return {{"model", "made"}, {"state_bytes", 900 << 20}, {"exact", true}, {"seconds", seconds}};
}

} // namespace

class TestExactOffer : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::shared_ptr<const Trace> m_trace;

    struct Parts : AskedSession {
        using AskedSession::AskedSession;
        MapLook look;
        ViewReader reader{&subject};
        MapPane pane{&subject, &look, &reader};

        ExactOffer& offer() { return *pane.exactOffer(); }
        QString text()
        {
            const auto* const label = offer().findChild<QLabel*>("exactOfferText");
            return label->isVisible() ? label->text() : QString();
        }
        QPushButton& button() { return *offer().findChild<QPushButton*>("exactOfferButton"); }
        QString action() { return button().isVisible() ? button().text() : QString(); }
        void press() { QTest::mouseClick(&button(), Qt::LeftButton); }
        void zoomIn() { pane.view()->navigator().zoomToCell(940, 900, 0.06); }
    };

    /// Close up on a trace, in front of an engine whose sessions answer so.
    std::unique_ptr<Parts> closeUp(const json& sessions, const std::shared_ptr<const Trace>& trace = nullptr)
    {
        auto parts = std::make_unique<Parts>(sessions, trace ? trace : m_trace);
        parts->pane.resize(900, 700);
        parts->pane.show();
        parts->pane.setSession(&parts->session);
        parts->zoomIn();
        return parts;
    }

    static QString pairsText(const Parts& parts)
    {
        const auto pairs = parts.pane.tiles()->pairsOnScreen();
        return QString("Compute these %1 × %2 pairs exactly")
            .arg(thousandsOf(pairs->rows.end - pairs->rows.begin),
                 thousandsOf(pairs->keys.end - pairs->keys.begin));
    }

private slots:
    void initTestCase()
    {
        auto trace = writeMadeTrace(std::filesystem::path(m_folder.path().toStdString()) / "made.hwt", {});
        QVERIFY2(trace.has_value(), trace ? "" : trace.error().text().c_str());
        m_trace = *trace;
    }

    void theCostStandsBesideTheButton_data()
    {
        QTest::addColumn<bool>("isExact");
        QTest::newRow("exact") << true;
        QTest::newRow("rounded keys") << false;
    }

    void theCostStandsBesideTheButton()
    {
        QFETCH(const bool, isExact);
        json offer = offerOf(15);
        offer["exact"] = isExact;
        const auto parts = closeUp({{"estimate", offer}, {"open", "wait"}});
        QTRY_COMPARE_WITH_TIMEOUT(parts->action(), pairsText(*parts), kPatience);
        QCOMPARE(parts->text(),
                 QString("about %1, opens a session of %2%3")
                     .arg(QString::fromStdString(humanSeconds(15)),
                          QString::fromStdString(humanBytes(900 << 20)),
                          QString(isExact ? "" : ", over keys rounded to two digits")));
        QTest::qWait(kLongerThanSettling);
        QCOMPARE(parts->session.state(), State::Offered); // it costs more than a second: not by itself
        // From afar nothing is offered, and asked for it is refused.
        parts->pane.view()->navigator().zoomToAll();
        QTRY_VERIFY(!parts->offer().isVisible());
        const Result<void> refused = parts->offer().compute();
        QVERIFY(!refused && refused.error().code == ErrorCode::Unavailable);
        QCOMPARE(parts->session.state(), State::Offered);
    }

    void opening_showsProgress_andCanBeCancelled()
    {
        const auto parts = closeUp({{"estimate", offerOf(15)}, {"open", "wait"}});
        QTRY_COMPARE_WITH_TIMEOUT(parts->action(), pairsText(*parts), kPatience);
        parts->press();
        QTRY_COMPARE_WITH_TIMEOUT(
            parts->text(),
            QString("Opening a session: 30 % · about %1 left").arg(QString::fromStdString(humanSeconds(7))),
            kPatience);
        QCOMPARE(parts->action(), QString("Cancel"));
        QVERIFY(parts->offer().isBusy());
        parts->press();
        QTRY_COMPARE_WITH_TIMEOUT(parts->action(), pairsText(*parts), kPatience); // offered as before
        QVERIFY(!parts->offer().isBusy());
        QTest::qWait(kLongerThanSettling);
        QCOMPARE(parts->session.state(), State::Offered);
    }

    void whatOpensByItself_doesNotAfterItWasDeclined()
    {
        const auto parts = closeUp({{"estimate", offerOf(0.4)}, {"open", "wait"}});
        QTRY_COMPARE_WITH_TIMEOUT(parts->action(), QString("Cancel"), kPatience); // nobody has pressed
        parts->press();
        QTRY_COMPARE_WITH_TIMEOUT(parts->session.state(), State::Offered, kPatience);
        parts->subject.setHead({0, 1}); // another place
        QTest::qWait(kLongerThanSettling);
        QCOMPARE(parts->session.state(), State::Offered);
        QCOMPARE(parts->action(), pairsText(*parts));
        parts->press(); // by hand it does
        QTRY_COMPARE_WITH_TIMEOUT(parts->action(), QString("Cancel"), kPatience);
        parts->session.cancel(); // wherever it is given up
        QTRY_COMPARE_WITH_TIMEOUT(parts->session.state(), State::Offered, kPatience);
        QTest::qWait(kLongerThanSettling);
        QCOMPARE(parts->session.state(), State::Offered);
        // Another trace is another question.
        auto other = writeMadeTrace(std::filesystem::path(m_folder.path().toStdString()) / "other.hwt", {});
        QVERIFY(other);
        parts->subject.setTrace(*other);
        parts->session.setTrace(*other);
        parts->zoomIn();
        QTRY_COMPARE_WITH_TIMEOUT(parts->action(), QString("Cancel"), kPatience);
    }

    void aRefusal_isSaidWithoutAButton()
    {
        json offer = offerOf(0.4);
        offer["refused"] = "needs 9 GiB, 2 GiB are free: close other sessions";
        const auto parts = closeUp({{"estimate", offer}, {"open", "wait"}});
        QTRY_COMPARE_WITH_TIMEOUT(parts->text(),
                                  QString("Exact pairs: needs 9 GiB, 2 GiB are free: close other sessions"),
                                  kPatience);
        QCOMPARE(parts->action(), QString());
        QTest::qWait(kLongerThanSettling);
        QCOMPARE(parts->session.state(), State::Offered); // cheap, and refused all the same
    }

    void whatGoesWrong_isSaidWithAWayOut_data()
    {
        QTest::addColumn<QString>("code");
        QTest::addColumn<bool>("wantsModel");
        QTest::newRow("model not found") << "not_found" << true;
        QTest::newRow("another model") << "invalid_argument" << true;
        QTest::newRow("file") << "io" << false;
        QTest::newRow("memory") << "out_of_memory" << false;
    }

    void whatGoesWrong_isSaidWithAWayOut()
    {
        QFETCH(const QString, code);
        QFETCH(const bool, wantsModel);
        const json failure = failureOf(code.toStdString().c_str(), "it went wrong: do this");
        // Before the cost is known, and while it is opened.
        for (const json& sessions : {json{{"estimate", failure}, {"open", failure}},
                                     json{{"estimate", offerOf(0.4)}, {"open", failure}}}) {
            const auto parts = closeUp(sessions);
            QSignalSpy wanted(&parts->offer(), &SessionOffer::modelWanted);
            QTRY_COMPARE_WITH_TIMEOUT(parts->action(),
                                      QString(wantsModel ? "Choose the model…" : "Try again"), kPatience);
            QVERIFY2(parts->text().startsWith("Exact pairs: ")
                         && parts->text().contains("it went wrong: do this"),
                     qPrintable(parts->text()));
            QVERIFY(!parts->offer().isBusy());
            QSignalSpy changed(&parts->session, &TraceSession::changed);
            parts->press();
            QCOMPARE(wanted.size(), wantsModel ? 1 : 0);
            QCOMPARE(changed.isEmpty(), wantsModel); // tried again, or not until it is named
            QTRY_COMPARE_WITH_TIMEOUT(parts->session.state(), State::Failed, kPatience);
            if (!wantsModel)
                continue;
            parts->session.setModel("/models/right.gguf");
            QVERIFY(parts->offer().compute());
            QCOMPARE(parts->session.state(), State::Opening);
        }
    }

    /// The window reads on from what it has open; the engine, which would open the file, says that it is
    /// gone.
    void aTraceThatWasMoved_isOpenedAgain()
    {
        json gone = failureOf("not_found", "no such file: check its name");
        gone["context"] = textOfPath(m_trace->path());
        for (const json& sessions :
             {json{{"estimate", gone}, {"open", gone}}, json{{"estimate", offerOf(0.4)}, {"open", gone}}}) {
            const auto parts = closeUp(sessions);
            QSignalSpy model(&parts->offer(), &SessionOffer::modelWanted);
            QSignalSpy trace(&parts->offer(), &SessionOffer::traceWanted);
            QTRY_COMPARE_WITH_TIMEOUT(parts->action(), QString("Open the trace…"), kPatience);
            QCOMPARE(
                parts->text(),
                QString("Exact pairs: the trace's file is not in its place any more, or cannot be read: %1")
                    .arg(QString::fromStdString(m_trace->path().string())));
            parts->press();
            QCOMPARE(model.size(), 0);
            QCOMPARE(trace.size(), 1);
            // Back in its place and opened again it is asked for anew.
            parts->session.setTrace(*Trace::open(m_trace->path()));
            QVERIFY(parts->session.state() != State::Failed);
        }
    }

    void aWindowThatCannotBeRead_isNotAskedForAgainByItself()
    {
        const auto parts =
            closeUp({{"estimate", offerOf(0.4)}, {"window", failureOf("io", "the disk went away")}});
        QTRY_COMPARE_WITH_TIMEOUT(parts->action(), QString("Try again"), kPatience);
        QVERIFY2(parts->text().contains("the disk went away"), qPrintable(parts->text()));
        QCOMPARE(parts->session.state(), State::Open);
        QSignalSpy changed(&parts->session, &TraceSession::changed);
        QTest::qWait(kLongerThanSettling);
        QVERIFY(changed.isEmpty());
        parts->press();
        QVERIFY(parts->offer().isBusy());
        QTRY_VERIFY_WITH_TIMEOUT(!parts->offer().isBusy(), kPatience);
        QCOMPARE(parts->action(), QString("Try again"));
    }

    void whatTheViewHasLeft_isGivenUp()
    {
        const auto parts = closeUp({{"estimate", offerOf(0.4)}, {"window", "wait"}});
        const auto numAsked = [&] { return parts->asked.size(); };
        QTRY_COMPARE_WITH_TIMEOUT(numAsked(), std::size_t{1}, kPatience);
        parts->pane.view()->navigator().zoomToCell(941, 901, 0.06); // a step: what is read is still seen
        QTest::qWait(kLongerThanSettling);
        QCOMPARE(numAsked(), std::size_t{1});
        QCOMPARE(parts->givenUp(), std::vector<qint64>{});
        parts->pane.view()->navigator().zoomToCell(300, 200, 0.06);
        QTRY_COMPARE_WITH_TIMEOUT(numAsked(), std::size_t{2}, kPatience);
        QCOMPARE(parts->givenUp(), std::vector<qint64>{parts->asked[0]});
        parts->subject.setHead({0, 1});
        QTRY_COMPARE_WITH_TIMEOUT(numAsked(), std::size_t{3}, kPatience);
        QCOMPARE(parts->action(), QString()); // nothing went wrong
    }

    void whatWasAskedForByHand_goesOnWhateverIsLookedAt()
    {
        const auto parts = closeUp({{"estimate", offerOf(15)}, {"window", "wait"}});
        QTRY_COMPARE_WITH_TIMEOUT(parts->session.state(), State::Offered, kPatience);
        QVERIFY(parts->offer().computeWhole());
        QTRY_COMPARE_WITH_TIMEOUT(parts->asked.size(), std::size_t{1}, kPatience);
        parts->subject.setHead({0, 1});
        QTest::qWait(kLongerThanSettling);
        QCOMPARE(parts->givenUp(), std::vector<qint64>{});
        QCOMPARE(parts->asked.size(), std::size_t{1});
    }

    void aTraceThatIsBeingWritten_hasNoSession()
    {
        const auto path = std::filesystem::path(m_folder.path().toStdString()) / "growing.hwt";
        Result<TraceWriter> writer = createMadeTrace(path, {});
        QVERIFY(writer);
        QVERIFY(writeMadeLayer(*writer, {}, 0));
        const auto growing = Trace::open(path);
        QVERIFY(growing);
        const auto parts = closeUp({{"estimate", offerOf(0.4)}, {"open", "wait"}}, *growing);
        QTest::qWait(kLongerThanSettling);
        QCOMPARE(parts->session.state(), State::None);
        QVERIFY(!parts->offer().isVisible());
        const Result<void> refused = parts->offer().compute();
        QVERIFY(!refused);
        QVERIFY(refused.error().message.find("still being written") != std::string::npos);
        QVERIFY(!parts->offer().computeWhole());
    }
};

QTEST_MAIN(TestExactOffer)
#include "tst_exact_offer.moc"
