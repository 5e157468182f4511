// SPDX-License-Identifier: Apache-2.0
#include "core/parallel/thread_pool.h"

#include "core/base/processors.h"

#include <utility>

namespace headwater {

ThreadPool::ThreadPool(std::size_t threads)
{
    const std::size_t size = threadsFor(threads);
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
        m_running = m_workers.size();
        m_failure = nullptr;
        ++m_round;
    }
    m_start.notify_all();
    drain(0);
    std::unique_lock lock(m_mutex);
    m_done.wait(lock, [this] { return m_running == 0; });
    m_body = nullptr;
    if (m_failure)
        std::rethrow_exception(std::exchange(m_failure, nullptr));
}

void ThreadPool::work(std::size_t worker)
{
    std::size_t round = 0;
    for (;;) {
        {
            std::unique_lock lock(m_mutex);
            m_start.wait(lock, [&] { return m_quit || m_round != round; });
            if (m_quit)
                return;
            round = m_round;
        }
        drain(worker);
        {
            const std::lock_guard lock(m_mutex);
            --m_running;
        }
        m_done.notify_one();
    }
}

void ThreadPool::drain(std::size_t worker)
{
    for (;;) {
        std::size_t index = 0;
        {
            const std::lock_guard lock(m_mutex);
            if (m_next >= m_count || m_failure || m_stop.stop_requested())
                return;
            index = m_next++;
        }
        try {
            (*m_body)(index, worker);
        } catch (...) {
            const std::lock_guard lock(m_mutex);
            if (!m_failure)
                m_failure = std::current_exception();
        }
    }
}

} // namespace headwater
