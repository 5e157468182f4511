// SPDX-License-Identifier: Apache-2.0
#include "core/parallel/task_queue.h"

#include <QTest>
#include <future>
#include <numeric>
#include <vector>

using namespace headwater;

class TstTaskQueue : public QObject {
    Q_OBJECT

private slots:
    void oneThread_keepsTheOrder()
    {
        std::vector<int> done;
        {
            TaskQueue queue(1);
            for (int i = 0; i < 100; ++i)
                queue.push([&done, i] { done.push_back(i); });
        }
        std::vector<int> expected(100);
        std::iota(expected.begin(), expected.end(), 0);
        QCOMPARE(done, expected);
    }

    /// Tasks see what was written before they were pushed, and their end is waited for; from any thread.
    void manyThreads_loseNothing()
    {
        std::vector<int> cells(400);
        {
            TaskQueue queue(3);
            std::vector<std::thread> pushing;
            for (std::size_t part = 0; part < 4; ++part) {
                pushing.emplace_back([&queue, &cells, part] {
                    for (std::size_t i = part * 100; i < part * 100 + 100; ++i) {
                        cells[i] = 1;
                        queue.push([&cells, i] { cells[i] += 1; });
                    }
                });
            }
            for (std::thread& thread : pushing)
                thread.join();
        }
        QVERIFY(std::all_of(cells.begin(), cells.end(), [](int value) { return value == 2; }));
    }

    /// What a task holds is let go before the next one is waited for.
    void finishedTask_isFreed()
    {
        TaskQueue queue(1);
        auto held = std::make_shared<int>(7);
        const std::weak_ptr<int> watched = held;
        queue.push([held = std::move(held)] {});
        std::promise<void> next;
        queue.push([&next] { next.set_value(); });
        next.get_future().wait();
        QVERIFY(watched.expired());
    }
};

QTEST_APPLESS_MAIN(TstTaskQueue)
#include "tst_task_queue.moc"
