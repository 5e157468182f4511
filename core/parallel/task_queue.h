// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace headwater {

/// A fixed set of threads that work off tasks in the order in which they were pushed. Threads: `push` may be
/// called from any thread; what was done before it is seen by the task.
class TaskQueue {
public:
    /// Throws std::system_error when the system starts no more threads.
    explicit TaskQueue(std::size_t threads);
    /// Works off what is left, then joins.
    ~TaskQueue();
    TaskQueue(const TaskQueue&) = delete;
    TaskQueue& operator=(const TaskQueue&) = delete;

    /// `task` must not throw.
    void push(std::function<void()> task);

private:
    void work();
    void quit();

    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<std::function<void()>> m_tasks;
    bool m_quit = false;
    std::vector<std::thread> m_threads;
};

} // namespace headwater
