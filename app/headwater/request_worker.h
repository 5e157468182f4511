// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "app/headwater/engine_answer.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <thread>

namespace headwater {

/// Does requests one after the other on a thread of its own, so that the thread that reads messages always
/// reads the next.
class RequestWorker {
public:
    using Work = std::function<EngineAnswer(std::stop_token)>;
    using Answer = std::function<void(const nlohmann::json& id, EngineAnswer answer)>;
    /// How a request that is under way is cancelled.
    enum class Cancel {
        AtOnce, ///< answered at once: its work cannot be interrupted, and its result is dropped
        AtItsEnd, ///< its work hears of it and ends soon: what it returns answers
    };

    /// `answer` is called once for every request, by the worker or by whoever cancels.
    explicit RequestWorker(Answer answer);
    ~RequestWorker();
    RequestWorker(const RequestWorker&) = delete;
    RequestWorker& operator=(const RequestWorker&) = delete;

    /// At most kMostWaiting requests wait; one more is answered Unavailable.
    void post(nlohmann::json id, Work work, Cancel cancel = Cancel::AtOnce);
    /// Answers the request with Cancelled if it waits, else as it was posted.
    void cancel(const nlohmann::json& id);

private:
    static constexpr std::size_t kMostWaiting = 64;
    struct Request {
        nlohmann::json id;
        Work work;
        Cancel cancel = Cancel::AtOnce;
        std::stop_source stop;
    };
    void loop(std::stop_token quit);

    Answer m_answer;
    std::mutex m_mutex;
    std::condition_variable_any m_posted;
    std::deque<Request> m_waiting;
    nlohmann::json
        m_running; ///< id of the request under way; null when there is none or it has been answered
    Cancel m_runningCancel = Cancel::AtOnce;
    std::stop_source m_runningStop;
    std::jthread m_thread; ///< last: its destructor joins while the rest is still there
};

} // namespace headwater
