// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "app/headwater/backend_slot.h"
#include "app/headwater/engine_answer.h"
#include "app/headwater/model_slot.h"
#include "core/engine/open_session.h"

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stop_token>

namespace headwater {

/// The warm sessions of the engine process and what the protocol asks of them (docs/engine_protocol.md,
/// `session.…`). Threads: the engine's thread, but for list() and estimate().
class EngineSessions {
public:
    EngineSessions(ModelSlot& models, BackendSlot& backends)
        : m_models(models)
        , m_backends(backends)
    {
    }

    EngineAnswer estimate(const nlohmann::json& params, std::stop_token stop);
    EngineAnswer open(const nlohmann::json& params, const ProgressSink& progress, std::stop_token stop);
    /// What a run has left becomes the session of its trace. Value: as the answer to open.
    Result<nlohmann::json> adopt(std::shared_ptr<Backend> backend, const LoadedModel& loaded,
                                 const std::filesystem::path& path, ForwardState state, std::stop_token stop);
    EngineAnswer window(const nlohmann::json& params, std::stop_token stop);
    EngineAnswer row(const nlohmann::json& params, std::stop_token stop);
    EngineAnswer column(const nlohmann::json& params, std::stop_token stop);
    EngineAnswer predictions(const nlohmann::json& params, std::stop_token stop);
    EngineAnswer close(const nlohmann::json& params);

    /// What is open: `{session, trace, bytes, in_scratch, exact, idle_seconds}` each. Any thread.
    nlohmann::json list() const;

    /// A refusal for want of memory, with what closing sessions would free. Any thread.
    std::string withIdle(std::string refusal) const;

private:
    using Clock = std::chrono::steady_clock;
    struct Session {
        std::shared_ptr<Backend> backend; ///< outlives `warm`
        LoadedModel loaded;
        std::unique_ptr<WarmSession> warm;
        Clock::time_point used;
    };
    /// A trace and the model that made it.
    struct Subject {
        std::shared_ptr<const Trace> trace;
        LoadedModel loaded;
        std::size_t threads = 0;
    };
    Result<Subject> subjectOf(const nlohmann::json& params, std::stop_token stop);
    /// The session that is asked, from now on the one used last.
    Result<Session*> sessionOf(const nlohmann::json& params);
    nlohmann::json add(Session session, double seconds);
    std::uint64_t heldBytes() const; ///< of memory, by open sessions

    ModelSlot& m_models;
    BackendSlot& m_backends;
    mutable std::mutex m_mutex; ///< guards m_sessions; only the engine's thread changes it
    std::map<int, Session> m_sessions;
    int m_lastSession = 0;
};

} // namespace headwater
