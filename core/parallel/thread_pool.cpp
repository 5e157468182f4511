// SPDX-License-Identifier: Apache-2.0
#include "core/parallel/thread_pool.h"

#include "core/base/processors.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace headwater {

ThreadPool::ThreadPool(std::size_t threads)
    : m_shares(threadsFor(threads))
{
    const std::size_t size = m_shares.size();
    try {
        for (std::size_t worker = 1; worker < size; ++worker)
            m_workers.emplace_back([this, worker] { work(worker); });
    } catch (...) {
        quit(); // a joinable thread that is destroyed would end the process
        throw;
    }
}

ThreadPool::~ThreadPool()
{
    quit();
}

void ThreadPool::quit()
{
    {
        const std::lock_guard lock(m_mutex);
        m_quit = true;
    }
    m_start.notify_all();
    for (std::thread& worker : m_workers)
        worker.join();
}

template <class Condition> bool ThreadPool::holdsSoon(Condition condition)
{
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::microseconds kLookout(30);
    const auto end = Clock::now() + kLookout;
    do {
        for (int i = 0; i < 16; ++i) {
            if (condition())
                return true;
            __builtin_ia32_pause();
        }
    } while (Clock::now() < end);
    return false;
}

void ThreadPool::parallelFor(std::size_t count, const std::function<void(std::size_t, std::size_t)>& body,
                             std::stop_token stop)
{
    if (count == 0)
        return;
    {
        const std::lock_guard lock(m_mutex);
        m_body = &body;
        m_stop = std::move(stop);
        m_count = count;
        m_next = 0;
        m_failed = false;
        ++m_round;
        m_isOpen = true;
    }
    m_start.notify_all();
    drain(0);
    m_isOpen = false;
    const auto isDone = [this] { return m_inside == 0; };
    if (!holdsSoon(isDone)) {
        std::unique_lock lock(m_mutex);
        m_done.wait(lock, isDone);
    }
    m_body = nullptr;
    if (m_failed)
        std::rethrow_exception(std::exchange(m_failure, nullptr));
}

void ThreadPool::parallelShares(std::size_t count, const std::function<void(std::size_t, std::size_t)>& body,
                                std::stop_token stop)
{
    const std::size_t shares = std::min(count, size());
    for (std::size_t i = 0; i < shares; ++i) {
        m_shares[i].next = count * i / shares;
        m_shares[i].end = count * (i + 1) / shares;
    }
    const std::stop_token asked = stop;
    parallelFor(
        shares,
        [&](std::size_t own, std::size_t worker) {
            for (std::size_t i = 0; i < shares; ++i) {
                Share& share = m_shares[(own + i) % shares];
                for (std::size_t index = share.next++; index < share.end; index = share.next++) {
                    if (m_failed || asked.stop_requested())
                        return;
                    body(index, worker);
                }
            }
        },
        std::move(stop));
}

void ThreadPool::work(std::size_t worker)
{
    std::size_t round = 0;
    const auto isCalled = [&] { return m_quit || (m_isOpen && m_round != round); };
    for (;;) {
        if (!holdsSoon(isCalled)) {
            std::unique_lock lock(m_mutex);
            m_start.wait(lock, isCalled);
        }
        if (m_quit)
            return;
        ++m_inside; // from here on an open round stays as it is: its caller waits
        if (m_isOpen) {
            round = m_round;
            drain(worker);
        }
        if (--m_inside == 0 && !m_isOpen) {
            const std::lock_guard lock(m_mutex); // between the caller's look and its sleep there is none
            m_done.notify_one();
        }
    }
}

void ThreadPool::drain(std::size_t worker)
{
    for (;;) {
        if (m_failed || m_stop.stop_requested())
            return;
        const std::size_t index = m_next++;
        if (index >= m_count)
            return;
        try {
            (*m_body)(index, worker);
        } catch (...) {
            const std::lock_guard lock(m_mutex);
            if (!m_failed)
                m_failure = std::current_exception();
            m_failed = true;
        }
    }
}

} // namespace headwater
