// SPDX-License-Identifier: Apache-2.0
#include "core/parallel/task_queue.h"

#include <utility>

namespace headwater {

TaskQueue::TaskQueue(std::size_t threads)
{
    m_threads.reserve(threads);
    try {
        for (std::size_t i = 0; i < threads; ++i)
            m_threads.emplace_back([this] { work(); });
    } catch (...) {
        quit();
        throw;
    }
}

TaskQueue::~TaskQueue()
{
    quit();
}

void TaskQueue::quit()
{
    {
        const std::lock_guard lock(m_mutex);
        m_quit = true;
    }
    m_changed.notify_all();
    for (std::thread& thread : m_threads)
        thread.join();
}

void TaskQueue::push(std::function<void()> task)
{
    {
        const std::lock_guard lock(m_mutex);
        m_tasks.push_back(std::move(task));
    }
    m_changed.notify_one();
}

void TaskQueue::work()
{
    std::unique_lock lock(m_mutex);
    for (;;) {
        m_changed.wait(lock, [this] { return m_quit || !m_tasks.empty(); });
        if (m_tasks.empty())
            return;
        std::function<void()> task = std::move(m_tasks.front());
        m_tasks.pop_front();
        lock.unlock();
        task();
        task = {}; // what it holds goes before the next is waited for
        lock.lock();
    }
}

} // namespace headwater
