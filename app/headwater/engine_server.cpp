// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/engine_server.h"

#include "app/headwater/caught_error.h"
#include "app/headwater/generate_request.h"
#include "app/headwater/job_estimate.h"
#include "app/headwater/progress_json.h"
#include "app/headwater/run_params.h"
#include "app/headwater/verb.h"
#include "core/base/bidi_text.h"
#include "core/base/file_name.h"
#include "core/base/gemm.h"
#include "core/base/memory.h"
#include "core/base/processors.h"
#include "core/engine/begun_run.h"
#include "core/engine/conversation.h"
#include "core/options/option_json.h"

#include <chrono>
#include <poll.h>

namespace headwater {
namespace {

constexpr int kProtocol = 1;
constexpr int kParseError = -32700;
constexpr int kInvalidRequest = -32600;
constexpr int kUnknownMethod = -32601;
constexpr int kInvalidParams = -32602;

nlohmann::json invalidArgument(const std::string& context)
{
    return {{"code", nameOf(ErrorCode::InvalidArgument)},
            {"exit_code", exitCodeOf(ErrorCode::InvalidArgument)},
            {"context", context}};
}

/// Passes at most 30 reports a second on, and every report of a finished layer.
class ProgressGate {
public:
    bool opens(const Progress& progress)
    {
        constexpr auto kInterval = std::chrono::milliseconds(34);
        const auto now = std::chrono::steady_clock::now();
        if (progress.finishedLayer < 0 && progress.phase == m_phase && now - m_last < kInterval)
            return false;
        m_last = now;
        m_phase = progress.phase;
        return true;
    }

private:
    std::chrono::steady_clock::time_point m_last;
    std::string m_phase;
};

} // namespace

EngineServer::EngineServer(int input, int output)
    : m_channel(input, output)
    , m_sessions(m_model, m_backend)
    , m_worker([this](const nlohmann::json& id, EngineAnswer answered) { answer(id, std::move(answered)); })
    , m_jobs([this](const nlohmann::json& id, EngineAnswer answered) { answerJob(id, std::move(answered)); })
{
}

/// What is under way is stopped and waited for: a trace being written keeps its finished layers.
EngineServer::~EngineServer() = default;

Result<int> EngineServer::serve(std::stop_token stop)
{
    for (;;) {
        pollfd waiting{m_channel.input(), POLLIN, 0};
        constexpr int kPollMs = 200;
        bool isWaiting = true;
        while (isWaiting && !stop.stop_requested())
            isWaiting = !m_channel.hasBuffered() && ::poll(&waiting, 1, kPollMs) == 0;
        if (stop.stop_requested()) // also where a client never leaves a moment without a message
            return Error{ErrorCode::Cancelled, "stopped", "serve"};
        HEADWATER_TRY_ASSIGN(std::optional<nlohmann::json> message, m_channel.receive());
        if (!message)
            return 0;
        handle(std::move(*message));
    }
}

void EngineServer::handle(nlohmann::json message)
{
    if (message.is_discarded()) {
        m_channel.replyError(nullptr, kParseError, "the body is not JSON", invalidArgument(""));
        return;
    }
    const bool request = message.is_object() && message.value("jsonrpc", nlohmann::json()) == "2.0"
        && message.contains("method") && message["method"].is_string();
    const nlohmann::json id =
        message.is_object() && message.contains("id") ? message["id"] : nlohmann::json();
    if (!request || !(id.is_null() || id.is_number_integer())) {
        m_channel.replyError(id.is_number_integer() ? id : nlohmann::json(), kInvalidRequest,
                             "expected a JSON-RPC 2.0 request with an integer id", invalidArgument(""));
        return;
    }
    // No message may end the process, whatever answering it costs.
    try {
        nlohmann::json params =
            message.contains("params") ? std::move(message["params"]) : nlohmann::json::object();
        const std::string method = message["method"];
        if (method == "$/cancelRequest")
            cancel(params);
        else if (!id.is_null())
            dispatch(id, method, std::move(params));
    } catch (...) {
        answer(id, EngineAnswer(caughtError("request")));
    }
}

void EngineServer::answer(const nlohmann::json& id, EngineAnswer answer)
{
    if (id.is_null())
        return;
    const Result<nlohmann::json>& result = answer.result;
    if (result)
        m_channel.reply(id, std::move(*answer.result), answer.attachment);
    else if (result.error().code == ErrorCode::InvalidArgument)
        m_channel.replyError(id, kInvalidParams, withoutIsolates(result.error().text()),
                             invalidArgument(result.error().context));
    else
        m_channel.replyError(id, result.error(), std::move(answer.more));
}

void EngineServer::answerJob(const nlohmann::json& id, EngineAnswer answered)
{
    {
        const std::lock_guard lock(m_runMutex);
        if (m_running && m_runId == id) {
            m_runId = nullptr;
            m_phase.clear();
            m_running = false;
        }
    }
    answer(id, std::move(answered));
}

void EngineServer::postSession(const nlohmann::json& id, nlohmann::json params, SessionMethod method)
{
    m_jobs.post(
        id,
        [this, method, moved = std::move(params)](std::stop_token stop) {
            return (m_sessions.*method)(moved, std::move(stop));
        },
        RequestWorker::Cancel::AtItsEnd);
}

void EngineServer::dispatch(const nlohmann::json& id, const std::string& method, nlohmann::json params)
{
    if (method == "initialize")
        answer(id, EngineAnswer(Result<nlohmann::json>(initialize())));
    else if (method == "status")
        answer(id, EngineAnswer(Result<nlohmann::json>(status())));
    else if (method == "tokenize")
        m_worker.post(id, [this, moved = std::move(params)](std::stop_token stop) {
            return EngineAnswer(tokenize(moved, std::move(stop)));
        });
    else if (method == "estimate")
        m_worker.post(id, [this, moved = std::move(params)](std::stop_token stop) {
            return EngineAnswer(estimate(RunVerb, moved, std::move(stop)));
        });
    else if (method == "generate.estimate")
        m_worker.post(id, [this, moved = std::move(params)](std::stop_token stop) {
            return EngineAnswer(estimate(GenerateVerb, moved, std::move(stop)));
        });
    else if (method == "run") {
        if (const Result<void> started = startRun(id, params); !started)
            answer(id, EngineAnswer(started.error()));
    } else if (method == "generate")
        m_jobs.post(
            id,
            [this, id, moved = std::move(params)](std::stop_token stop) {
                return generate(id, moved, std::move(stop));
            },
            RequestWorker::Cancel::AtItsEnd);
    else if (method == "session.open")
        m_jobs.post(
            id,
            [this, id, moved = std::move(params)](std::stop_token stop) {
                return m_sessions.open(moved, progressOf(id), std::move(stop));
            },
            RequestWorker::Cancel::AtItsEnd);
    else if (method == "session.estimate")
        m_worker.post(id, [this, moved = std::move(params)](std::stop_token stop) {
            return m_sessions.estimate(moved, std::move(stop));
        });
    else if (method == "session.window")
        postSession(id, std::move(params), &EngineSessions::window);
    else if (method == "session.row")
        postSession(id, std::move(params), &EngineSessions::row);
    else if (method == "session.column")
        postSession(id, std::move(params), &EngineSessions::column);
    else if (method == "session.predictions")
        postSession(id, std::move(params), &EngineSessions::predictions);
    else if (method == "session.close")
        m_jobs.post(id,
                    [this, moved = std::move(params)](std::stop_token) { return m_sessions.close(moved); });
    else
        m_channel.replyError(id, kUnknownMethod, "unknown method " + method, invalidArgument("method"));
}

nlohmann::json EngineServer::initialize() const
{
    return {{"protocol", kProtocol},
            {"version", HEADWATER_VERSION},
            {"models", modelsJson()},
            {"gemm", gemmLibrary()},
            {"threads", availableProcessors()},
            {"memory_available", availableMemory().bytes}};
}

nlohmann::json EngineServer::status() const
{
    const std::lock_guard lock(m_runMutex);
    return {{"state", m_running ? "running" : "idle"},
            {"run", m_runId},
            {"phase", m_phase},
            {"sessions", m_sessions.list()},
            {"peak_rss_bytes", peakResidentMemory()},
            {"memory_available", availableMemory().bytes}};
}

Result<nlohmann::json> EngineServer::tokenize(const nlohmann::json& params, std::stop_token stop)
{
    nlohmann::json asked = params;
    if (asked.is_object())
        asked.erase("ids");
    HEADWATER_TRY_ASSIGN(const RunOptions options, optionsOfJson(RunVerb, asked));
    if (options.model.empty() || !(asked.contains("text") || asked.contains("turns")))
        return Error{ErrorCode::InvalidArgument, "is missing; expected a string",
                     options.model.empty() ? "model" : "text"};
    HEADWATER_TRY_ASSIGN(const LoadedModel loaded, m_model.get(options.model, std::move(stop)));
    if (options.prompt.empty() && options.turns.empty())
        return nlohmann::json{{"count", 0}};
    HEADWATER_TRY_ASSIGN(const EncodedPrompt encoded, encodePrompt(loaded, options));
    nlohmann::json result = {{"count", encoded.tokens.ids.size()}};
    if (params.value("ids", nlohmann::json()) == true)
        result["ids"] = encoded.tokens.ids;
    return result;
}

Result<nlohmann::json> EngineServer::estimate(OptionVerb verb, const nlohmann::json& params,
                                              std::stop_token stop)
{
    HEADWATER_TRY_ASSIGN(const RunOptions options, runOptionsFromJson(verb, params));
    HEADWATER_TRY_ASSIGN(const std::string model, modelOf(options));
    HEADWATER_TRY_ASSIGN(const LoadedModel loaded, m_model.get(model, stop));
    AvailableMemory memory = availableMemory();
    memory.bytes += m_backend.residentBytesFor(*loaded.model);
    Result<nlohmann::json> made = verb == RunVerb ? runEstimate(options, loaded, memory, std::move(stop))
                                                  : answerEstimate(options, loaded, memory);
    if (made && made->contains("refused"))
        (*made)["refused"] = m_sessions.withIdle(made->at("refused").get<std::string>());
    return made;
}

Result<void> EngineServer::startRun(const nlohmann::json& id, const nlohmann::json& params)
{
    {
        const std::lock_guard lock(m_runMutex);
        if (m_running)
            return Error{ErrorCode::Unavailable, "another run goes on; cancel it or wait", "run"};
    }
    HEADWATER_TRY_ASSIGN(RunOptions options, runOptionsFromJson(RunVerb, params));
    if (options.output.empty())
        return Error{ErrorCode::InvalidArgument, "is missing; expected the path of the trace to write",
                     "output"};
    // A window offers a folder that may not be there yet; the writer says when it cannot be made.
    std::error_code ignored;
    if (options.output.has_parent_path())
        std::filesystem::create_directories(options.output.parent_path(), ignored);
    {
        const std::lock_guard lock(m_runMutex);
        m_runId = id;
        m_phase = "load";
        m_running = true;
    }
    m_jobs.post(
        id,
        [this, id, moved = std::move(options)](std::stop_token stop) {
            return run(id, moved, std::move(stop));
        },
        RequestWorker::Cancel::AtItsEnd);
    return {};
}

ProgressSink EngineServer::progressOf(const nlohmann::json& id)
{
    return [this, id, gate = std::make_shared<ProgressGate>()](const Progress& progress) {
        if (!gate->opens(progress))
            return;
        nlohmann::json params = progressJson(progress);
        params["id"] = id;
        m_channel.notify("progress", std::move(params));
    };
}

EngineAnswer EngineServer::run(const nlohmann::json& id, const RunOptions& options, std::stop_token stop)
{
    int finishedLayers = 0;
    if (options.resume)
        if (const auto begun = BegunTrace::open(options.output, stop))
            finishedLayers = (*begun)->finishedLayers();
    ProgressGate gate;
    RunListener listener;
    listener.progress = [&](const Progress& progress) {
        if (progress.finishedLayer >= 0)
            finishedLayers = std::max(finishedLayers, progress.finishedLayer + 1);
        if (!gate.opens(progress))
            return;
        {
            const std::lock_guard lock(m_runMutex);
            m_phase = progress.phase;
        }
        nlohmann::json params = progressJson(progress);
        params["id"] = id;
        if (finishedLayers > 0)
            params["trace"] = textOfPath(options.output);
        m_channel.notify("progress", std::move(params));
    };
    listener.token = tokensOf(id);
    ForwardState left;
    listener.state = [&left](ForwardState state) { left = std::move(state); };
    const auto work = [&]() -> Result<nlohmann::json> {
        listener.progress({"load", 0, 1, "models", -1, -1});
        HEADWATER_TRY_ASSIGN(const std::string model, modelOf(options));
        HEADWATER_TRY_ASSIGN(const LoadedModel loaded, m_model.get(model, stop));
        m_backend.dropCache();
        HEADWATER_TRY_ASSIGN(const std::shared_ptr<Backend> backend, m_backend.get(loaded, options.threads));
        HEADWATER_TRY_ASSIGN(const RunReport report, runAnalysis(*backend, loaded, options, listener, stop));
        nlohmann::json result = toJson(report);
        if (!left.isEmpty()) {
            Result<nlohmann::json> session = Error{ErrorCode::Internal, "was not kept", "session"};
            try {
                session = m_sessions.adopt(backend, loaded, options.output, std::move(left), stop);
            } catch (...) {
                session = caughtError("session");
            }
            // The run itself has ended well: that its session did not is said beside it.
            result[session ? "session" : "session_error"] =
                session ? std::move(*session) : nlohmann::json(session.error().text());
        }
        return result;
    };
    Result<nlohmann::json> result = Error{ErrorCode::Internal, "did not run", "run"};
    try {
        result = work();
    } catch (...) {
        result = caughtError("run");
    }
    m_backend.settle();
    EngineAnswer answer(withIdle(std::move(result)));
    if (finishedLayers > 0) {
        answer.more["trace"] = textOfPath(options.output);
        answer.more["finished_layers"] = finishedLayers;
    }
    return answer;
}

EngineAnswer EngineServer::generate(const nlohmann::json& id, const nlohmann::json& params,
                                    std::stop_token stop)
{
    AnswerListener listener;
    listener.progress = progressOf(id);
    listener.token = tokensOf(id);
    Result<nlohmann::json> result = Error{ErrorCode::Internal, "did not run", "generate"};
    try {
        const Result<RunOptions> options = runOptionsFromJson(GenerateVerb, params);
        result = options ? generateAnswer(*options, m_model, m_backend, listener, std::move(stop))
                         : Result<nlohmann::json>(options.error());
    } catch (...) {
        result = caughtError("generate");
    }
    m_backend.settle();
    return EngineAnswer(withIdle(std::move(result)));
}

std::function<void(const GeneratedToken&)> EngineServer::tokensOf(const nlohmann::json& id)
{
    return [this, id](const GeneratedToken& token) {
        nlohmann::json params = {{"id", id}, {"text", token.text}};
        if (token.id >= 0)
            params["token_id"] = token.id;
        m_channel.notify("token", std::move(params));
    };
}

Result<nlohmann::json> EngineServer::withIdle(Result<nlohmann::json> result) const
{
    if (result || result.error().code != ErrorCode::OutOfMemory)
        return result;
    return Error{ErrorCode::OutOfMemory, m_sessions.withIdle(result.error().message), result.error().context};
}

void EngineServer::cancel(const nlohmann::json& params)
{
    if (!params.is_object() || !params.contains("id"))
        return;
    m_worker.cancel(params["id"]);
    m_jobs.cancel(params["id"]);
}

} // namespace headwater
