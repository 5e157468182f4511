// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/request_worker.h"

#include "app/headwater/caught_error.h"

#include <algorithm>
#include <utility>

namespace headwater {
namespace {

Error cancelled()
{
    return {ErrorCode::Cancelled, "stopped", "request"};
}

EngineAnswer perform(const RequestWorker::Work& work, std::stop_token stop)
{
    try {
        return work(std::move(stop));
    } catch (...) {
        return EngineAnswer(caughtError("request"));
    }
}

} // namespace

RequestWorker::RequestWorker(Answer answer)
    : m_answer(std::move(answer))
    , m_thread([this](std::stop_token quit) { loop(std::move(quit)); })
{
}

RequestWorker::~RequestWorker()
{
    const std::lock_guard lock(m_mutex);
    m_runningStop.request_stop();
    m_thread.request_stop();
}

void RequestWorker::post(nlohmann::json id, Work work, Cancel cancel)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_waiting.size() < kMostWaiting) {
            m_waiting.push_back({std::move(id), std::move(work), cancel, {}});
            m_posted.notify_one();
            return;
        }
    }
    m_answer(id,
             EngineAnswer(Error{ErrorCode::Unavailable, "too many requests wait; cancel some", "request"}));
}

void RequestWorker::cancel(const nlohmann::json& id)
{
    {
        const std::lock_guard lock(m_mutex);
        const auto waiting =
            std::ranges::find_if(m_waiting, [&](const Request& request) { return request.id == id; });
        if (waiting != m_waiting.end()) {
            m_waiting.erase(waiting);
        } else if (!m_running.is_null() && m_running == id) {
            m_runningStop.request_stop();
            if (m_runningCancel == Cancel::AtItsEnd)
                return;
            m_running = nullptr;
        } else {
            return;
        }
    }
    m_answer(id, EngineAnswer(cancelled()));
}

void RequestWorker::loop(std::stop_token quit)
{
    for (;;) {
        Request request;
        {
            std::unique_lock lock(m_mutex);
            if (!m_posted.wait(lock, quit, [this] { return !m_waiting.empty(); }) || quit.stop_requested())
                return;
            request = std::move(m_waiting.front());
            m_waiting.pop_front();
            m_running = request.id;
            m_runningCancel = request.cancel;
            m_runningStop = request.stop;
        }
        EngineAnswer answer = perform(request.work, request.stop.get_token());
        {
            const std::lock_guard lock(m_mutex);
            if (m_running.is_null())
                continue; // cancelled, and answered
            m_running = nullptr;
        }
        m_answer(request.id, std::move(answer));
    }
}

} // namespace headwater
