// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/run_session.h"

#include "support/patience.h"
#include "ui/run/run_bar.h"

#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using namespace headwater;

class TestRunSession : public QObject {
    Q_OBJECT

    struct Parts {
        EngineClient engine;
        RunSession session{engine};
        RunBar bar{session};
        QSignalSpy running{&session, &RunSession::runningChanged};
        QSignalSpy finished{&session, &RunSession::finished};
        QSignalSpy failed{&session, &RunSession::failed};

        explicit Parts(const QString& program = QStringLiteral(FAKE_ENGINE))
            : engine(program, {})
        {
        }
        void start(const char* model)
        {
            RunRequest request;
            request.model = model;
            request.prompt = "hello";
            session.start(request);
        }
    };

private slots:
    void layers_comeOneByOne_thenTheReport()
    {
        Parts parts;
        QSignalSpy layers(&parts.session, &RunSession::layerFinished);
        parts.start("layers:3");
        QVERIFY(parts.session.isRunning());
        QTRY_COMPARE(parts.finished.size(), 1);
        QVERIFY(!parts.session.isRunning());
        QCOMPARE(layers.size(), 3);
        for (int layer = 0; layer < 3; ++layer)
            QCOMPARE(layers.at(layer).at(1).toInt(), layer);
        QCOMPARE(parts.session.finishedLayers(), 3);
        QCOMPARE(parts.session.generated(), QStringLiteral("7421"));
        QCOMPARE(parts.finished.first().first().toString(), QStringLiteral("/fake/trace.hwt"));
        QCOMPARE(parts.failed.size(), 0);
    }

    void anEngineThatCannotStart_endsTheRun()
    {
        for (const char* program : {"/no/such/program", "/dev/null"}) {
            Parts parts{QLatin1String(program)};
            parts.start("layers:1");
            QTRY_COMPARE(parts.failed.size(), 1);
            QVERIFY2(!parts.session.isRunning(), program); // it used to run for ever
            QCOMPARE(parts.finished.size(), 0);
            // Who watches has seen it begin and end.
            QCOMPARE(parts.running.size(), 2);
            QVERIFY(parts.bar.isHidden());
            parts.start("layers:1"); // and may try again
            QTRY_COMPARE(parts.failed.size(), 2);
            QVERIFY(!parts.session.isRunning());
        }
    }

    void failures_data()
    {
        QTest::addColumn<QString>("model");
        QTest::addColumn<int>("code");
        QTest::newRow("refused") << "refuse" << static_cast<int>(ErrorCode::OutOfMemory);
        QTest::newRow("dies") << "die" << static_cast<int>(ErrorCode::Unavailable);
        QTest::newRow("killed") << "kill" << static_cast<int>(ErrorCode::Unavailable);
        QTest::newRow("talks garbage") << "garbage" << static_cast<int>(ErrorCode::Unavailable);
    }

    void failures()
    {
        QFETCH(QString, model);
        QFETCH(int, code);
        Parts parts;
        parts.start(model.toLatin1().constData());
        QTRY_COMPARE(parts.failed.size(), 1);
        QCOMPARE(static_cast<int>(parts.failed.first().first().value<Error>().code), code);
        QVERIFY(!parts.session.isRunning());
        QVERIFY(parts.failed.first().at(1).toString().isEmpty()); // nothing was committed
    }

    void cancel_isSaidAtOnce_andEndsIt()
    {
        Parts parts;
        parts.start("wait");
        QVERIFY(!parts.bar.isHidden());
        auto* const cancel = parts.bar.findChild<QPushButton*>(QStringLiteral("run_bar_cancel"));
        QTRY_COMPARE(parts.engine.state(), EngineClient::State::Running);
        cancel->click();
        QVERIFY(parts.session.isCancelling());
        QVERIFY(!cancel->isEnabled());
        QCOMPARE(parts.bar.findChild<QLabel*>(QStringLiteral("run_bar_text"))->text(),
                 QStringLiteral("Cancelling…"));
        QTRY_COMPARE(parts.failed.size(), 1);
        QCOMPARE(static_cast<int>(parts.failed.first().first().value<Error>().code),
                 static_cast<int>(ErrorCode::Cancelled));
        QVERIFY(parts.bar.isHidden());
    }

    void aSecondStart_isNone()
    {
        Parts parts;
        parts.start("wait");
        parts.start("layers:2");
        QCOMPARE(parts.session.request().model, std::string("wait"));
        QCOMPARE(parts.running.size(), 1);
        parts.session.cancel();
        QTRY_COMPARE(parts.failed.size(), 1);
    }

    void progress_inWords_data()
    {
        QTest::addColumn<QString>("phase");
        QTest::addColumn<int>("done");
        QTest::addColumn<int>("total");
        QTest::addColumn<double>("left");
        QTest::addColumn<QString>("text");
        QTest::newRow("begin") << "" << 0 << 0 << -1.0 << "Starting";
        QTest::newRow("load") << "load" << 0 << 0 << -1.0 << "Loading the model";
        QTest::newRow("layers") << "prefill" << 14 << 30 << 40.0 << "Forward · layer 14 of 30 · 40 s left";
        QTest::newRow("predictions") << "predictions" << 5 << 9 << -1.0 << "Predictions · layer 5 of 9";
        QTest::newRow("minutes") << "check masked" << 0 << 0 << 90.0
                                 << "Checking behaviour: masked · 1:30 min left";
        QTest::newRow("unknown phase") << "dance" << 0 << 0 << -1.0 << "dance";
    }

    void progress_inWords()
    {
        QFETCH(QString, phase);
        QFETCH(int, done);
        QFETCH(int, total);
        QFETCH(double, left);
        QFETCH(QString, text);
        EngineProgress progress;
        progress.phase = phase;
        progress.done = static_cast<quint64>(done);
        progress.total = static_cast<quint64>(total);
        progress.unit = QStringLiteral("layer");
        progress.secondsLeft = left;
        QCOMPARE(progressText(progress), text);
    }

    void progress_ofRows_speaksOfLayers()
    {
        EngineProgress progress;
        progress.phase = QStringLiteral("prefill");
        progress.unit = QStringLiteral("rows");
        progress.total = 239970; // 30 layers of 7 999 rows
        progress.layers = 30;
        progress.secondsLeft = 75;
        progress.done = 30141;
        QCOMPARE(progressText(progress), QStringLiteral("Forward · layer 4 of 30 · 1:15 min left"));
        progress.done = 0;
        QVERIFY(progressText(progress).contains(QStringLiteral("layer 1 of 30")));
        progress.done = 7999; // the first is through
        QVERIFY(progressText(progress).contains(QStringLiteral("layer 2 of 30")));
        progress.done = progress.total;
        QVERIFY(progressText(progress).contains(QStringLiteral("layer 30 of 30")));
    }

    void bar_showsShareAndGeneratedText()
    {
        Parts parts;
        auto* const progress = parts.bar.findChild<QProgressBar*>(QStringLiteral("run_bar_progress"));
        auto* const generated = parts.bar.findChild<QLabel*>(QStringLiteral("run_bar_generated"));
        QList<int> shares;
        QStringList texts;
        connect(&parts.session, &RunSession::progressChanged, &parts.bar, [&] {
            if (parts.session.progress().total > 0)
                shares.append(progress->value());
            texts.append(generated->text());
        });
        parts.start("layers:4");
        QTRY_COMPARE(parts.finished.size(), 1);
        QCOMPARE(shares.mid(0, 4), (QList<int>{250, 500, 750, 1000}));
        QCOMPARE(texts.last(), QStringLiteral("7421"));
        QVERIFY(parts.bar.isHidden());
    }
};

QTEST_MAIN(TestRunSession)
#include "tst_run_session.moc"
