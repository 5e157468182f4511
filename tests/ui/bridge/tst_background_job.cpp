// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/background_job.h"

#include "support/patience.h"

#include <QSignalSpy>
#include <QTest>
#include <QThread>
#include <atomic>
#include <future>
#include <memory>
#include <vector>

using namespace headwater;

class TestBackgroundJob : public QObject {
    Q_OBJECT

private slots:
    void result_arrivesInTheUiThread()
    {
        BackgroundJob job;
        QThread* worked = nullptr;
        QThread* told = nullptr;
        int value = 0;
        job.start(
            [&](std::stop_token) {
                worked = QThread::currentThread();
                return 42;
            },
            [&](int given) {
                told = QThread::currentThread();
                value = given;
            });
        QVERIFY(job.isRunning());
        QTRY_COMPARE(value, 42);
        QVERIFY(worked != QThread::currentThread());
        QCOMPARE(told, QThread::currentThread());
        QVERIFY(!job.isRunning());
    }

    void newerWork_stopsTheOlder_andOnlyItsResultArrives()
    {
        BackgroundJob job;
        std::promise<void> begun;
        std::atomic<bool> stopped = false;
        std::vector<int> results;
        job.start(
            [&](std::stop_token stop) {
                begun.set_value();
                while (!stop.stop_requested())
                    QThread::yieldCurrentThread();
                stopped = true;
                return 1;
            },
            [&](int value) { results.push_back(value); });
        begun.get_future().wait();
        job.start([](std::stop_token) { return 2; }, [&](int value) { results.push_back(value); });
        QTRY_COMPARE(results, std::vector<int>{2});
        QTRY_VERIFY(stopped);
        QCoreApplication::processEvents();
        QCOMPARE(results, std::vector<int>{2});
    }

    void cancel_dropsTheResult()
    {
        BackgroundJob job;
        QSignalSpy running(&job, &BackgroundJob::runningChanged);
        bool told = false;
        std::promise<void> release;
        std::shared_future<void> gate = release.get_future().share();
        std::promise<void> begun;
        std::promise<void> ended;
        job.start(
            [&, gate](std::stop_token) {
                begun.set_value();
                gate.wait();
                ended.set_value();
                return 1;
            },
            [&](int) { told = true; });
        begun.get_future().wait(); // work that has not begun is never begun after a cancel
        job.cancel();
        QVERIFY(!job.isRunning());
        QCOMPARE(running.size(), 2);
        release.set_value();
        ended.get_future().wait();
        QCoreApplication::processEvents();
        QVERIFY(!told);
    }

    void ownerGone_resultIsDropped()
    {
        bool told = false;
        std::promise<void> release;
        std::shared_future<void> gate = release.get_future().share();
        auto begun = std::make_shared<std::promise<void>>();
        auto ended = std::make_shared<std::promise<void>>();
        {
            BackgroundJob job;
            job.start(
                [gate, begun, ended](std::stop_token) {
                    begun->set_value();
                    gate.wait();
                    ended->set_value();
                    return 1;
                },
                [&](int) { told = true; });
            begun->get_future().wait();
        }
        release.set_value();
        ended->get_future().wait();
        // What comes after it in its pool is done: so is what delivers it.
        BackgroundJob next;
        next.start([](std::stop_token) { return 1; }, [](int) {});
        QTRY_VERIFY(!next.isRunning());
        QVERIFY(!told);
    }

    void handWork_whileBulkWorkFillsItsThreads_isDone()
    {
        std::promise<void> release;
        std::shared_future<void> gate = release.get_future().share();
        std::vector<std::unique_ptr<BackgroundJob>> bulk;
        for (int i = 0; i < 2 * QThread::idealThreadCount(); ++i) {
            bulk.push_back(std::make_unique<BackgroundJob>());
            bulk.back()->start(
                [gate](std::stop_token) {
                    gate.wait();
                    return 1;
                },
                [](int) {});
        }
        BackgroundJob hand(nullptr, BackgroundJob::Urgency::Hand);
        int value = 0;
        hand.start([](std::stop_token) { return 2; }, [&](int given) { value = given; });
        QTRY_COMPARE(value, 2);
        for (const auto& job : bulk)
            QVERIFY(job->isRunning());
        release.set_value();
        for (const auto& job : bulk)
            QTRY_VERIFY(!job->isRunning());
    }

    void moveOnlyResults_areTaken()
    {
        BackgroundJob job;
        std::unique_ptr<int> value;
        job.start([](std::stop_token) { return std::make_unique<int>(7); },
                  [&](std::unique_ptr<int> given) { value = std::move(given); });
        QTRY_VERIFY(value != nullptr);
        QCOMPARE(*value, 7);
    }
};

QTEST_GUILESS_MAIN(TestBackgroundJob)
#include "tst_background_job.moc"
