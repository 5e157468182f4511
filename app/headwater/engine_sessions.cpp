// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/engine_sessions.h"

#include "app/headwater/json_params.h"
#include "core/backend/cpu/cpu_plan.h"
#include "core/base/file_name.h"
#include "core/base/message_frames.h"
#include "core/base/text.h"
#include "core/engine/find_model.h"
#include "core/engine/resolve_options.h"
#include "core/parallel/thread_pool.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <numeric>

namespace headwater {
namespace {

constexpr std::uint64_t kMostBytes = FrameReader::kLargestAttachment;

template <class Value> void append(std::string& attachment, const std::vector<Value>& values)
{
    const std::size_t at = attachment.size();
    attachment.resize(at + values.size() * sizeof(Value));
    if (!values.empty())
        std::memcpy(attachment.data() + at, values.data(), values.size() * sizeof(Value));
}

Error tooLarge(std::uint64_t bytes)
{
    return {ErrorCode::InvalidArgument,
            fmt::format("{} MiB are asked for at once, expected at most {}; ask for fewer rows or keys",
                        (bytes >> 20) + (bytes % (1u << 20) != 0), kMostBytes >> 20),
            "session"};
}

/// Bytes of a window's answer, a probability of every pair and a log-sum-exp of every row of every head; the
/// largest number where they are more.
std::uint64_t windowBytes(std::uint32_t heads, std::uint32_t rows, std::uint32_t keys)
{
    const std::uint64_t ofHead = std::uint64_t{rows} * (std::uint64_t{keys} + 1); // < 2^64
    const std::uint64_t bytesOfOne = std::uint64_t{heads} * sizeof(float);
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    return ofHead > most / bytesOfOne ? most : ofHead * bytesOfOne;
}

/// The heaviest keys of one row. Shape: p [keys]; keys and values get `top` entries, what is missing is key
/// 0xFFFFFFFF with p 0.
void appendHeaviest(std::span<const float> p, std::uint32_t top, std::vector<std::uint32_t>& keys,
                    std::vector<float>& values)
{
    std::vector<std::uint32_t> order(p.size());
    std::iota(order.begin(), order.end(), 0u);
    const auto count = std::min<std::size_t>(top, order.size());
    std::partial_sort(
        order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
        [&](std::uint32_t a, std::uint32_t b) { return p[a] > p[b] || (p[a] == p[b] && a < b); });
    for (std::size_t i = 0; i < top; ++i) {
        const bool is = i < count && p[order[i]] > 0;
        keys.push_back(is ? order[i] : std::numeric_limits<std::uint32_t>::max());
        values.push_back(is ? p[order[i]] : 0.0f);
    }
}

} // namespace

Result<EngineSessions::Subject> EngineSessions::subjectOf(const nlohmann::json& params, std::stop_token stop)
{
    const JsonParams named(params);
    HEADWATER_TRY_ASSIGN(const std::string place, named.text("trace"));
    HEADWATER_TRY_ASSIGN(std::string model, named.text("model", std::string()));
    HEADWATER_TRY_ASSIGN(const std::uint32_t threads, named.count("threads", 0, 0, kMostThreads));
    HEADWATER_TRY_ASSIGN(const std::filesystem::path path, pathOfText(place));
    Subject subject;
    subject.threads = threads;
    HEADWATER_TRY_ASSIGN(subject.trace, Trace::open(path));
    if (model.empty()) {
        HEADWATER_TRY_ASSIGN(model, findModelOf(*subject.trace));
    }
    HEADWATER_TRY_ASSIGN(subject.loaded, m_models.get(model, std::move(stop)));
    return subject;
}

std::uint64_t EngineSessions::heldBytes() const
{
    const std::lock_guard lock(m_mutex);
    std::uint64_t bytes = 0;
    for (const auto& [id, session] : m_sessions)
        bytes += session.warm->isInScratch() ? 0 : session.warm->bytes();
    return bytes;
}

std::string EngineSessions::withIdle(std::string refusal) const
{
    const std::uint64_t held = heldBytes();
    return held == 0
        ? refusal
        : fmt::format("{}; or close the idle sessions, which hold {}", refusal, humanBytes(held));
}

EngineAnswer EngineSessions::estimate(const nlohmann::json& params, std::stop_token stop)
{
    Result<Subject> subject = subjectOf(params, std::move(stop));
    if (!subject)
        return subject.error();
    AvailableMemory memory = availableMemory();
    memory.bytes += m_backends.residentBytesFor(*subject->loaded.model);
    const SessionNeed need =
        needOfSession(CpuPlanner(subject->threads), *subject->loaded.model, *subject->trace, memory);
    nlohmann::json result = {{"model", subject->loaded.name},
                             {"state_bytes", need.memory.stateBytes},
                             {"memory_bytes", need.memory.openingBytes},
                             {"memory_available", need.memoryAvailable},
                             {"in_scratch", need.memory.inScratch},
                             {"exact", need.memory.keysAs == ElementType::F32},
                             {"seconds", need.seconds}};
    if (!need.refusal.empty())
        result["refused"] = withIdle(need.refusal);
    return Result<nlohmann::json>(std::move(result));
}

nlohmann::json EngineSessions::add(Session session, double seconds)
{
    const WarmSession& warm = *session.warm;
    const Trace& trace = *warm.trace();
    const WarmSession::Check check = warm.check();
    nlohmann::json result = {{"session", ++m_lastSession},
                             {"trace", textOfPath(trace.path())},
                             {"tokens", trace.seqLen()},
                             {"created", trace.meta().value("created", nlohmann::json())},
                             {"model", session.loaded.name},
                             {"quantity", warm.quantity()},
                             {"exact", warm.isExact()},
                             {"bytes", warm.bytes()},
                             {"in_scratch", warm.isInScratch()},
                             {"check",
                              {{"heads", check.heads},
                               {"rows", check.rows},
                               {"largest", check.largest},
                               {"tolerance", check.tolerance}}},
                             {"seconds", seconds}};
    session.used = Clock::now();
    const std::lock_guard lock(m_mutex);
    m_sessions.emplace(m_lastSession, std::move(session));
    return result;
}

EngineAnswer EngineSessions::open(const nlohmann::json& params, const ProgressSink& progress,
                                  std::stop_token stop)
{
    const auto work = [&]() -> Result<nlohmann::json> {
        const auto begin = Clock::now();
        progress({"load", 0, 1, "models", -1, -1});
        HEADWATER_TRY_ASSIGN(const Subject subject, subjectOf(params, stop));
        HEADWATER_TRY_ASSIGN(const bool force, JsonParams(params).flag("force", false));
        m_backends.dropCache();
        HEADWATER_TRY_ASSIGN(const std::shared_ptr<Backend> backend,
                             m_backends.get(subject.loaded, subject.threads));
        SessionNeed need = needOfSession(*backend, *subject.loaded.model, *subject.trace);
        if (!need.refusal.empty())
            need.refusal = withIdle(std::move(need.refusal));
        HEADWATER_TRY_ASSIGN(
            std::unique_ptr<WarmSession> warm,
            openSession(*backend, subject.loaded, subject.trace, need, force, progress, stop));
        return add({backend, subject.loaded, std::move(warm), {}},
                   std::chrono::duration<double>(Clock::now() - begin).count());
    };
    EngineAnswer answer(work());
    m_backends.settle();
    return answer;
}

Result<nlohmann::json> EngineSessions::adopt(std::shared_ptr<Backend> backend, const LoadedModel& loaded,
                                             const std::filesystem::path& path, ForwardState state,
                                             std::stop_token stop)
{
    const auto begin = Clock::now();
    HEADWATER_TRY_ASSIGN(std::shared_ptr<const Trace> trace, Trace::open(path));
    HEADWATER_TRY_ASSIGN(
        std::unique_ptr<WarmSession> warm,
        WarmSession::adopt(*backend, loaded.model, std::move(trace), std::move(state), std::move(stop)));
    return add({std::move(backend), loaded, std::move(warm), {}},
               std::chrono::duration<double>(Clock::now() - begin).count());
}

Result<EngineSessions::Session*> EngineSessions::sessionOf(const nlohmann::json& params)
{
    HEADWATER_TRY_ASSIGN(const std::uint32_t id, JsonParams(params).count("session"));
    const std::lock_guard lock(m_mutex);
    const auto found = m_sessions.find(static_cast<int>(id));
    if (found == m_sessions.end())
        return Error{ErrorCode::NotFound, "there is no such session (it was closed); open one",
                     fmt::format("{}", id)};
    found->second.used = Clock::now();
    return &found->second;
}

EngineAnswer EngineSessions::window(const nlohmann::json& params, std::stop_token stop)
{
    const auto work = [&]() -> Result<ExactRows> {
        const JsonParams named(params);
        HEADWATER_TRY_ASSIGN(const Session* const asked, sessionOf(params));
        WarmSession* const session = asked->warm.get();
        HEADWATER_TRY_ASSIGN(const std::uint32_t layer, named.count("layer", {}, 0, 1 << 20));
        HEADWATER_TRY_ASSIGN(const std::uint32_t head, named.count("head", {}, 0, 1 << 20));
        HEADWATER_TRY_ASSIGN(const std::uint32_t heads, named.count("heads", 1, 1, 1 << 20));
        HEADWATER_TRY_ASSIGN(const std::uint32_t firstRow, named.count("first_row"));
        HEADWATER_TRY_ASSIGN(const std::uint32_t rows, named.count("rows", {}, 1));
        HEADWATER_TRY_ASSIGN(const std::uint32_t firstKey, named.count("first_key"));
        HEADWATER_TRY_ASSIGN(const std::uint32_t keys, named.count("keys", {}, 1));
        if (const std::uint64_t bytes = windowBytes(heads, rows, keys); bytes > kMostBytes)
            return tooLarge(bytes);
        return session->window(static_cast<int>(layer), {static_cast<int>(head), static_cast<int>(heads)},
                               firstRow, rows, firstKey, keys, std::move(stop));
    };
    Result<ExactRows> made = work();
    if (!made)
        return made.error();
    const WarmSession& session = *(*sessionOf(params))->warm;
    EngineAnswer answer(
        Result<nlohmann::json>(nlohmann::json{{"shape", {made->heads.count, made->rows, made->keys}},
                                              {"quantity", session.quantity()},
                                              {"exact", session.isExact()}}));
    append(answer.attachment, made->p);
    append(answer.attachment, made->lse);
    return answer;
}

EngineAnswer EngineSessions::row(const nlohmann::json& params, std::stop_token stop)
{
    std::vector<std::uint32_t> keys;
    std::vector<float> p, lse, atKey;
    const auto work = [&]() -> Result<nlohmann::json> {
        const JsonParams named(params);
        HEADWATER_TRY_ASSIGN(const Session* const asked, sessionOf(params));
        WarmSession* const session = asked->warm.get();
        HEADWATER_TRY_ASSIGN(const std::uint32_t row, named.count("row"));
        HEADWATER_TRY_ASSIGN(const std::uint32_t top, named.count("top", 32, 1, 4096));
        const Trace& trace = *session->trace();
        HEADWATER_TRY_ASSIGN(
            const std::uint32_t key,
            named.count("key", std::numeric_limits<std::uint32_t>::max(), 0, trace.seqLen() - 1));
        for (int layer = 0; layer < trace.numLayers(); ++layer) {
            const HeadRange all{0, trace.numHeads(layer)};
            HEADWATER_TRY_ASSIGN(const ExactRows exact, session->row(layer, all, row, stop));
            lse.insert(lse.end(), exact.lse.begin(), exact.lse.end());
            for (int head = 0; head < all.count; ++head) {
                const std::span<const float> one =
                    std::span(exact.p).subspan(static_cast<std::size_t>(head) * exact.keys, exact.keys);
                appendHeaviest(one, top, keys, p);
                atKey.push_back(key < one.size() ? one[key] : 0.0f);
            }
        }
        return nlohmann::json{
            {"shape", {lse.size(), top}}, {"quantity", session->quantity()}, {"exact", session->isExact()}};
    };
    EngineAnswer answer(work());
    if (answer.result) {
        append(answer.attachment, lse);
        append(answer.attachment, keys);
        append(answer.attachment, p);
        append(answer.attachment, atKey);
    }
    return answer;
}

EngineAnswer EngineSessions::column(const nlohmann::json& params, std::stop_token stop)
{
    std::vector<float> p;
    const auto work = [&]() -> Result<nlohmann::json> {
        const JsonParams named(params);
        HEADWATER_TRY_ASSIGN(const Session* const asked, sessionOf(params));
        WarmSession* const session = asked->warm.get();
        HEADWATER_TRY_ASSIGN(const std::uint32_t layer, named.count("layer", {}, 0, 1 << 20));
        HEADWATER_TRY_ASSIGN(const std::uint32_t head, named.count("head", {}, 0, 1 << 20));
        HEADWATER_TRY_ASSIGN(const std::uint32_t heads, named.count("heads", 1, 1, 1 << 20));
        HEADWATER_TRY_ASSIGN(const std::uint32_t key, named.count("key"));
        if (const std::uint64_t bytes = windowBytes(heads, session->trace()->seqLen(), 1); bytes > kMostBytes)
            return tooLarge(bytes);
        HEADWATER_TRY_ASSIGN(ExactColumns columns,
                             session->columns(static_cast<int>(layer),
                                              {static_cast<int>(head), static_cast<int>(heads)}, key,
                                              std::move(stop)));
        p = std::move(columns.p);
        return nlohmann::json{{"shape", {heads, p.size() / heads}},
                              {"quantity", session->quantity()},
                              {"exact", session->isExact()},
                              {"relative_error", columns.relativeError}};
    };
    EngineAnswer answer(work());
    append(answer.attachment, p);
    return answer;
}

EngineAnswer EngineSessions::predictions(const nlohmann::json& params, std::stop_token stop)
{
    std::vector<float> following, logprobs;
    std::vector<std::int32_t> ids;
    const auto work = [&]() -> Result<nlohmann::json> {
        const JsonParams named(params);
        HEADWATER_TRY_ASSIGN(const Session* const asked, sessionOf(params));
        WarmSession* const session = asked->warm.get();
        HEADWATER_TRY_ASSIGN(const std::uint32_t first, named.count("first_row"));
        HEADWATER_TRY_ASSIGN(const std::uint32_t rows, named.count("rows", {}, 1, 1 << 16));
        HEADWATER_TRY_ASSIGN(const std::vector<RowPrediction> made,
                             session->predictions(first, rows, std::move(stop)));
        nlohmann::json words = nlohmann::json::object();
        for (const RowPrediction& row : made) {
            following.push_back(row.following);
            for (const LikelyToken& token : row.likeliest) {
                ids.push_back(token.id);
                logprobs.push_back(token.logprob);
                if (token.id >= 0)
                    words[std::to_string(token.id)] = asked->loaded.tokenizer->decode(token.id, true);
            }
        }
        return nlohmann::json{{"shape", {made.size(), kLikeliest}},
                              {"quantity", session->quantity()},
                              {"words", std::move(words)}};
    };
    EngineAnswer answer(work());
    append(answer.attachment, following);
    append(answer.attachment, ids);
    append(answer.attachment, logprobs);
    return answer;
}

EngineAnswer EngineSessions::close(const nlohmann::json& params)
{
    const Result<std::uint32_t> id = JsonParams(params).count("session");
    if (!id)
        return id.error();
    std::map<int, Session>::node_type closed;
    {
        const std::lock_guard lock(m_mutex);
        closed = m_sessions.extract(static_cast<int>(*id));
    }
    return Result<nlohmann::json>(nlohmann::json{{"closed", !closed.empty()}});
}

nlohmann::json EngineSessions::list() const
{
    const std::lock_guard lock(m_mutex);
    nlohmann::json sessions = nlohmann::json::array();
    for (const auto& [id, session] : m_sessions)
        sessions.push_back(
            {{"session", id},
             {"trace", textOfPath(session.warm->trace()->path())},
             {"bytes", session.warm->bytes()},
             {"in_scratch", session.warm->isInScratch()},
             {"exact", session.warm->isExact()},
             {"idle_seconds", std::chrono::duration<double>(Clock::now() - session.used).count()}});
    return sessions;
}

} // namespace headwater
