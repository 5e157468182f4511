// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "app/headwater/model_slot.h"
#include "app/headwater/request_worker.h"
#include "app/headwater/rpc_channel.h"
#include "core/engine/analysis_run.h"

#include <atomic>
#include <mutex>
#include <stop_token>
#include <thread>

namespace headwater {

/// The engine process's loop. The thread that calls serve() only reads: it answers what takes no time, leaves
/// `tokenize` and `estimate` to a worker and one `run` at a time to a thread of its own, so that a
/// cancellation is always heard. Every method is a thin call of the core/engine function that the command
/// line calls too.
class EngineServer {
public:
    EngineServer(int input, int output);
    ~EngineServer();

    /// Serves until the end of input. Value: the process's exit code.
    Result<int> serve(std::stop_token stop);

private:
    void handle(nlohmann::json message);
    void dispatch(const nlohmann::json& id, const std::string& method, nlohmann::json params);
    void answer(const nlohmann::json& id, Result<nlohmann::json> result,
                nlohmann::json more = nlohmann::json::object());
    nlohmann::json initialize() const;
    nlohmann::json status() const;
    Result<nlohmann::json> tokenize(const nlohmann::json& params, std::stop_token stop);
    Result<nlohmann::json> estimate(const nlohmann::json& params, std::stop_token stop);
    Result<void> startRun(const nlohmann::json& id, const nlohmann::json& params);
    void run(const nlohmann::json& id, RunOptions options, std::stop_token stop);
    void endRun();
    void cancel(const nlohmann::json& params);

    RpcChannel m_channel;
    ModelSlot m_model;

    mutable std::mutex m_runMutex;
    nlohmann::json m_runId; ///< null while idle
    std::string m_phase;
    std::atomic<bool> m_running = false;
    std::jthread m_runner;
    RequestWorker m_worker; ///< does `tokenize` and `estimate`
};

} // namespace headwater
