// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "app/headwater/rpc_channel.h"
#include "core/backend/backend.h"
#include "core/engine/analysis_run.h"

#include <atomic>
#include <mutex>
#include <stop_token>
#include <thread>

namespace headwater {

/// The engine process's loop: reads requests, answers the quick ones at once and one `run` at a time on a thread of its
/// own. Every method is a thin call of the core/engine function that the command line calls too.
class EngineServer {
public:
    EngineServer(int input, int output);
    ~EngineServer();

    /// Serves until the end of input. Value: the process's exit code.
    Result<int> serve(std::stop_token stop);

private:
    void handle(const nlohmann::json& message);
    void dispatch(const nlohmann::json& id, const std::string& method, const nlohmann::json& params);
    nlohmann::json initialize() const;
    nlohmann::json status() const;
    Result<nlohmann::json> tokenize(const nlohmann::json& params);
    Result<nlohmann::json> estimate(const nlohmann::json& params);
    void startRun(const nlohmann::json& id, const nlohmann::json& params);
    void run(const nlohmann::json& id, RunOptions options, std::stop_token stop);
    void cancel(const nlohmann::json& params);
    Result<LoadedModel> model(const std::string& name);

    RpcChannel m_channel;
    std::unique_ptr<Backend> m_planner; ///< for estimates; never holds weights

    std::mutex m_modelMutex;
    LoadedModel m_model; ///< the last one asked for

    mutable std::mutex m_runMutex;
    nlohmann::json m_runId; ///< null while idle
    std::string m_phase;
    std::atomic<bool> m_running = false;
    std::jthread m_runner;
};

} // namespace headwater
