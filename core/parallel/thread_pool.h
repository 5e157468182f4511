// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace headwater {

/// As many threads as an option may ask for: above it the system's own limits begin, and nothing gets faster.
inline constexpr std::size_t kMostThreads = 1024;

/// A fixed set of threads for loops over independent tiles, many and short ones too: a thread without work
/// looks out for it for some microseconds before it sleeps, and nobody waits for one that has not come yet.
/// Which thread runs which tile is not fixed, so a tile's result may depend on its index alone.
class ThreadPool {
public:
    /// `threads` counts the calling thread: 1 means no extra threads. 0 takes as many as there are
    /// processors available (core/base/processors.h).
    /// Throws std::system_error when the system starts no more threads; those it had started are joined
    /// before.
    explicit ThreadPool(std::size_t threads = 0);
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    std::size_t size() const { return m_workers.size() + 1; }

    /// Calls `body(index, worker)` for every index in [0, count), worker in [0, size()): use it to pick
    /// scratch memory. Returns when all are done, or early (after the running bodies) when `stop` is
    /// requested: check it afterwards. The first exception of a body is thrown here. Not reentrant: bodies
    /// must not call parallelFor of the same pool.
    void parallelFor(std::size_t count,
                     const std::function<void(std::size_t index, std::size_t worker)>& body,
                     std::stop_token stop = {});

    /// The same calls in another order: every worker begins at a share of its own, indexes side by side, and
    /// then helps with the others'. For tasks that stream through memory one after the other: a processor's
    /// prefetch then reads what the same processor needs next. Throws and stops as parallelFor.
    void parallelShares(std::size_t count,
                        const std::function<void(std::size_t index, std::size_t worker)>& body,
                        std::stop_token stop = {});

private:
    void quit();
    void work(std::size_t worker);
    void drain(std::size_t worker);

    /// Whether `condition` holds before long: what comes next mostly comes at once, and going to sleep costs
    /// more than that.
    template <class Condition> static bool holdsSoon(Condition condition);

    /// What is left of a worker's share: on a cache line of its own, since everybody may take from it.
    struct alignas(64) Share {
        std::atomic<std::size_t> next = 0;
        std::size_t end = 0;
    };

    std::vector<std::thread> m_workers;
    std::vector<Share> m_shares; ///< one a worker, of parallelShares
    std::mutex m_mutex; ///< for who sleeps, and for the failure
    std::condition_variable m_start;
    std::condition_variable m_done;
    const std::function<void(std::size_t, std::size_t)>* m_body = nullptr;
    std::stop_token m_stop;
    std::size_t m_count = 0;
    std::atomic<std::size_t> m_next = 0;
    std::atomic<std::size_t> m_round = 0;
    std::atomic<bool> m_isOpen = false; ///< a round's members are set, and may be read by who is inside
    std::atomic<std::size_t> m_inside = 0; ///< workers at the round, or looking whether it is open
    std::atomic<bool> m_quit = false;
    std::atomic<bool> m_failed = false;
    std::exception_ptr m_failure;
};

} // namespace headwater
