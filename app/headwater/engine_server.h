// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "app/headwater/engine_sessions.h"
#include "app/headwater/request_worker.h"
#include "app/headwater/rpc_channel.h"
#include "core/engine/analysis_run.h"
#include "core/options/option_row.h"

#include <mutex>
#include <stop_token>

namespace headwater {

/// The engine process's loop. The thread that calls serve() only reads: it answers what takes no time, leaves
/// `tokenize` and `estimate` to one worker and what needs the backend (`run`, sessions), one after the other,
/// to another, so that a cancellation is always heard. Every method is a thin call of the core/engine
/// function that the command line calls too.
class EngineServer {
public:
    EngineServer(int input, int output);
    ~EngineServer();

    /// Serves until the end of input. Value: the process's exit code.
    Result<int> serve(std::stop_token stop);

private:
    void handle(nlohmann::json message);
    void dispatch(const nlohmann::json& id, const std::string& method, nlohmann::json params);
    void answer(const nlohmann::json& id, EngineAnswer answer);
    /// Of a request of the second worker; ends the run if it is the run's.
    void answerJob(const nlohmann::json& id, EngineAnswer answer);
    using SessionMethod = EngineAnswer (EngineSessions::*)(const nlohmann::json&, std::stop_token);
    void postSession(const nlohmann::json& id, nlohmann::json params, SessionMethod method);
    ProgressSink progressOf(const nlohmann::json& id);
    nlohmann::json initialize() const;
    nlohmann::json status() const;
    Result<nlohmann::json> tokenize(const nlohmann::json& params, std::stop_token stop);
    Result<nlohmann::json> estimate(OptionVerb verb, const nlohmann::json& params, std::stop_token stop);
    Result<void> startRun(const nlohmann::json& id, const nlohmann::json& params);
    EngineAnswer run(const nlohmann::json& id, const RunOptions& options, std::stop_token stop);
    EngineAnswer generate(const nlohmann::json& id, const nlohmann::json& params, std::stop_token stop);
    std::function<void(const GeneratedToken&)> tokensOf(const nlohmann::json& id);
    /// That memory would not do says what idle sessions hold.
    Result<nlohmann::json> withIdle(Result<nlohmann::json> result) const;
    void cancel(const nlohmann::json& params);

    RpcChannel m_channel;
    ModelSlot m_model;
    BackendSlot m_backend;
    EngineSessions m_sessions;

    mutable std::mutex m_runMutex;
    nlohmann::json m_runId; ///< null while idle
    std::string m_phase;
    bool m_running = false; ///< a run waits or goes on
    RequestWorker m_worker; ///< does `tokenize` and `estimate`
    RequestWorker m_jobs; ///< does what needs the backend
};

} // namespace headwater
