// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <thread>

namespace headwater {

/// Does requests one after the other on a thread of its own, so that the thread that reads messages always
/// reads the next. A cancelled request is answered at once, even when its work cannot be interrupted: the
/// work's result is then dropped.
class RequestWorker {
public:
    using Work = std::function<Result<nlohmann::json>(std::stop_token)>;
    using Answer = std::function<void(const nlohmann::json& id, Result<nlohmann::json> result)>;

    /// `answer` is called once for every request, by the worker or by whoever cancels.
    explicit RequestWorker(Answer answer);
    ~RequestWorker();
    RequestWorker(const RequestWorker&) = delete;
    RequestWorker& operator=(const RequestWorker&) = delete;

    /// At most kMostWaiting requests wait; one more is answered Unavailable.
    void post(nlohmann::json id, Work work);
    /// Answers the request with Cancelled, if it waits or is under way.
    void cancel(const nlohmann::json& id);

private:
    static constexpr std::size_t kMostWaiting = 64;
    struct Request {
        nlohmann::json id;
        Work work;
        std::stop_source stop;
    };
    void loop(std::stop_token quit);

    Answer m_answer;
    std::mutex m_mutex;
    std::condition_variable_any m_posted;
    std::deque<Request> m_waiting;
    nlohmann::json
        m_running; ///< id of the request under way; null when there is none or it has been answered
    std::stop_source m_runningStop;
    std::jthread m_thread; ///< last: its destructor joins while the rest is still there
};

} // namespace headwater
