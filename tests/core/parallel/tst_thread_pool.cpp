// SPDX-License-Identifier: Apache-2.0
#include "core/parallel/progress.h"
#include "core/parallel/thread_pool.h"
#include "support/sanitized.h"

#include <QTest>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <numeric>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>

using namespace headwater;

class TstThreadPool : public QObject {
    Q_OBJECT

private slots:
    void parallelFor_everyIndexOnce()
    {
        for (const std::size_t threads : {1, 2, 5}) {
            ThreadPool pool(threads);
            QCOMPARE(pool.size(), threads);
            for (int round = 0; round < 50; ++round) {
                std::vector<int> seen(100);
                std::atomic<bool> workerInRange = true;
                pool.parallelFor(seen.size(), [&](std::size_t index, std::size_t worker) {
                    ++seen[index];
                    if (worker >= threads)
                        workerInRange = false;
                });
                QVERIFY(workerInRange);
                QVERIFY(std::all_of(seen.begin(), seen.end(), [](int times) { return times == 1; }));
            }
        }
    }

    /// A round begins as soon as the one before has ended, while some workers have yet to see that one, and
    /// now and then when all have gone to sleep.
    void parallelFor_manyShortRounds_haveTheirOwnIndices()
    {
        ThreadPool pool(4);
        for (int round = 0; round < 3000; ++round) {
            std::vector<int> seen(static_cast<std::size_t>(round % 7));
            pool.parallelFor(seen.size(),
                             [&, round](std::size_t index, std::size_t) { seen[index] += round; });
            QVERIFY(std::all_of(seen.begin(), seen.end(), [&](int sum) { return sum == round; }));
            if (round % 300 == 0)
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }

    void parallelFor_stop_leavesTheRest()
    {
        ThreadPool pool(2);
        std::stop_source source;
        std::atomic<std::uint64_t> ran = 0;
        std::atomic<bool> isStopped = false;
        std::atomic<int> begunAfter = 0;
        pool.parallelFor(
            std::size_t{1} << 50, // ends by the stop, or never
            [&](std::size_t, std::size_t) {
                if (isStopped)
                    ++begunAfter;
                if (++ran == 10) {
                    source.request_stop();
                    isStopped = true;
                }
            },
            source.get_token());
        QVERIFY(ran >= 10);
        QVERIFY(begunAfter <= 1); // the other worker may have looked just before
    }

    void parallelFor_exception_comesOut()
    {
        ThreadPool pool(2);
        QVERIFY_EXCEPTION_THROWN(pool.parallelFor(100,
                                                  [](std::size_t index, std::size_t) {
                                                      if (index == 50)
                                                          throw std::runtime_error("fifty");
                                                  }),
                                 std::runtime_error);
        std::atomic<int> ran = 0;
        pool.parallelFor(10, [&](std::size_t, std::size_t) { ++ran; });
        QCOMPARE(ran.load(), 10);
    }

    void parallelShares_everyIndexOnce()
    {
        for (const std::size_t threads : {1, 2, 5}) {
            ThreadPool pool(threads);
            for (std::size_t count = 0; count < 60; ++count) {
                std::vector<int> seen(count);
                std::atomic<bool> workerInRange = true;
                pool.parallelShares(count, [&](std::size_t index, std::size_t worker) {
                    ++seen[index];
                    if (worker >= threads)
                        workerInRange = false;
                });
                QVERIFY(workerInRange);
                QVERIFY(std::all_of(seen.begin(), seen.end(), [](int times) { return times == 1; }));
            }
        }
    }

    /// Two workers that are both there begin at the two halves, and go on side by side.
    void parallelShares_everyWorkerHasItsOwn()
    {
        ThreadPool pool(2);
        std::vector<std::vector<std::size_t>> indexes(2);
        std::atomic<int> begun = 0;
        pool.parallelShares(100, [&](std::size_t index, std::size_t worker) {
            if (indexes[worker].empty()) {
                ++begun;
                while (begun < 2)
                    std::this_thread::yield();
            }
            indexes[worker].push_back(index);
        });
        QCOMPARE(std::min(indexes[0].front(), indexes[1].front()), std::size_t{0});
        QCOMPARE(std::max(indexes[0].front(), indexes[1].front()), std::size_t{50});
        QCOMPARE(indexes[0].size() + indexes[1].size(), std::size_t{100});
        for (const std::vector<std::size_t>& of : indexes)
            QVERIFY(std::ranges::is_sorted(of) || of.back() < 50); // who helps goes back to the other's half
    }

    void parallelShares_stopAndException_leaveTheRest()
    {
        ThreadPool pool(2);
        std::stop_source source;
        std::atomic<int> ran = 0;
        pool.parallelShares(
            1000,
            [&](std::size_t, std::size_t) {
                ++ran;
                source.request_stop();
            },
            source.get_token());
        QVERIFY(ran >= 1 && ran <= 2); // the other worker may have looked just before
        QVERIFY_EXCEPTION_THROWN(pool.parallelShares(100,
                                                     [](std::size_t index, std::size_t) {
                                                         if (index == 75)
                                                             throw std::runtime_error("seventy-five");
                                                     }),
                                 std::runtime_error);
        ran = 0;
        pool.parallelShares(10, [&](std::size_t, std::size_t) { ++ran; });
        QCOMPARE(ran.load(), 10);
    }

    /// In a child with room for few stacks: it must get an exception it can answer, and not die of joinable
    /// threads.
    void tooManyThreads_throwsAndJoins()
    {
        if (test::isSanitized())
            QSKIP("a sanitizer maps more than the limit allows");
        const pid_t child = ::fork();
        if (child == 0) {
            const rlimit space{512u << 20, 512u << 20};
            ::setrlimit(RLIMIT_AS, &space);
            try {
                const ThreadPool pool(kMostThreads);
            } catch (const std::system_error&) {
                ::_exit(42);
            } catch (const std::bad_alloc&) {
                ::_exit(43);
            }
            ::_exit(0);
        }
        int status = 0;
        QCOMPARE(::waitpid(child, &status, 0), child);
        QVERIFY2(WIFEXITED(status), "it was killed");
        QCOMPARE(WEXITSTATUS(status), 42);
    }

    void timeLeft_unknownThenZero()
    {
        TimeLeft left;
        QVERIFY(left.update(0, 10) < 0);
        QVERIFY(left.update(5, 10) >= 0);
        QCOMPARE(left.update(10, 10), 0.0);
    }
};

QTEST_APPLESS_MAIN(TstThreadPool)
#include "tst_thread_pool.moc"
