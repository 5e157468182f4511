// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/trace_session.h"

#include "core/base/file_name.h"
#include "core/reading/trace_reading.h"
#include "ui/bridge/json_access.h"
#include "ui/bridge/session_answers.h"

#include <utility>

namespace headwater {
namespace {

/// Whether an open session, as the engine describes it, is of the trace as it is here, and not of what its
/// file held before or holds by now.
bool isOf(const nlohmann::json& session, const Trace& trace)
{
    return jsonMember(session, "created") == jsonMember(trace.meta(), "created")
        && jsonText(session, "trace").toStdString() == textOfPath(trace.path())
        && (!trace.isSealed() || jsonInteger(session, "tokens", -1) == qint64{trace.seqLen()});
}

} // namespace

TraceSession::TraceSession(EngineClient& engine, QObject* parent)
    : QObject(parent)
    , m_engine(engine)
{
    connect(&m_engine, &EngineClient::progress, this, [this](const EngineProgress& progress) {
        if (m_state != State::Opening || progress.id != m_request)
            return;
        m_progress = progress;
        emit changed();
    });
    connect(&m_engine, &EngineClient::stateChanged, this, [this] {
        const bool hadRun = std::exchange(m_hadRun, isRunUnderWay());
        // Of its death whoever asks hears below: nobody is told to ask a process that is gone.
        if (hadRun != m_hadRun && m_engine.state() != EngineClient::State::Dead)
            emit changed();
    });
    connect(&m_engine, &EngineClient::died, this, [this](const QString& why) {
        m_hadRun = false;
        takeDeath(Error{ErrorCode::Unavailable, why.toStdString(), {}});
    });
}

void TraceSession::takeDeath(const Error& why)
{
    m_left = nullptr;
    if (m_state == State::None || m_state == State::Failed || m_state == State::Offered)
        return;
    ++m_epoch;
    m_session = 0;
    m_readings.clear();
    fail(why);
}

TraceSession::~TraceSession() = default;

void TraceSession::setTrace(std::shared_ptr<const Trace> trace)
{
    const bool same = m_trace && trace && isSameRun(*m_trace, *trace);
    m_trace = std::move(trace);
    if (!same) {
        end();
        m_isDeclined = false;
        m_model.clear();
        reset();
    }
    if (m_trace)
        takeLeft();
    else
        dropLeft();
    if (same && m_state == State::Failed) // it is there again
        reset();
    else if (same) // what was of the older snapshot may be gone
        emit changed();
}

void TraceSession::adopt(const nlohmann::json& session)
{
    dropLeft();
    m_left = session;
    if (m_trace && m_trace->isSealed() && isOf(m_left, *m_trace))
        takeLeft();
}

void TraceSession::takeLeft()
{
    // While it still grows, its last snapshot, with the tokens that were generated, is to come.
    if (m_left.is_null() || (isOf(m_left, *m_trace) && !m_trace->isSealed()))
        return;
    const nlohmann::json left = std::exchange(m_left, nullptr);
    if (m_state == State::Open || !isOf(left, *m_trace)) {
        dropSession(jsonInteger(left, "session", 0));
        return;
    }
    if (m_state == State::Opening || m_state == State::Estimating)
        m_engine.cancel(m_request);
    ++m_epoch;
    m_request = 0;
    takeOpened(left);
}

void TraceSession::dropLeft()
{
    if (!m_left.is_null())
        dropSession(jsonInteger(std::exchange(m_left, nullptr), "session", 0));
}

void TraceSession::reset()
{
    ++m_epoch;
    m_session = 0;
    m_readings.clear();
    m_offer = {};
    m_failure = {};
    setState(State::None);
}

void TraceSession::setModel(const QString& model)
{
    m_model = model;
    if (m_state != State::Open && m_state != State::Opening)
        reset();
}

bool TraceSession::isEngineUp() const
{
    return m_engine.state() == EngineClient::State::Idle || m_engine.state() == EngineClient::State::Running;
}

nlohmann::json TraceSession::subject() const
{
    nlohmann::json params = {{"trace", textOfPath(m_trace->path())}};
    if (!m_model.isEmpty())
        params["model"] = m_model.toStdString();
    return params;
}

void TraceSession::estimate()
{
    if (!isPossible() || (m_state != State::None && m_state != State::Failed))
        return;
    setState(State::Estimating);
    m_request = m_engine.request(QStringLiteral("session.estimate"), subject(), this,
                                 [this, epoch = m_epoch](const Result<nlohmann::json>& answer) {
                                     if (isCurrent(epoch))
                                         takeOffer(answer);
                                 });
}

void TraceSession::takeOffer(const Result<nlohmann::json>& answer)
{
    if (m_state != State::Estimating) // it has been opened meanwhile
        return;
    m_request = 0;
    if (!answer) {
        fail(answer.error());
        return;
    }
    m_offer.model = jsonText(*answer, "model");
    m_offer.seconds = jsonNumber(*answer, "seconds", 0);
    m_offer.bytes = static_cast<quint64>(std::max<qint64>(0, jsonInteger(*answer, "state_bytes", 0)));
    m_offer.isExact = jsonBool(*answer, "exact", true);
    m_offer.isOnDisk = jsonBool(*answer, "in_scratch", false);
    m_offer.refusal = jsonText(*answer, "refused");
    setState(State::Offered);
}

void TraceSession::open()
{
    m_isDeclined = false;
    if (!isPossible() || m_state == State::Open || m_state == State::Opening)
        return;
    if (m_state == State::Estimating)
        m_engine.cancel(m_request);
    m_progress = {};
    setState(State::Opening);
    m_request = m_engine.request(QStringLiteral("session.open"), subject(), this,
                                 [this, epoch = m_epoch](const Result<nlohmann::json>& answer) {
                                     if (isCurrent(epoch))
                                         takeSession(answer);
                                     else if (answer) // of a trace that nobody looks at any more
                                         dropSession(jsonInteger(*answer, "session", 0));
                                 });
}

void TraceSession::takeSession(const Result<nlohmann::json>& answer)
{
    m_request = 0;
    if (!answer) {
        if (answer.error().code == ErrorCode::Cancelled)
            setState(State::None);
        else
            fail(answer.error());
        return;
    }
    if (!isOf(*answer, *m_trace)) {
        dropSession(jsonInteger(*answer, "session", 0));
        fail(Error{ErrorCode::Unavailable, "the file is another trace by now: open it again",
                   m_trace->path().filename().string()});
        return;
    }
    takeOpened(*answer);
}

void TraceSession::takeOpened(const nlohmann::json& session)
{
    m_session = jsonInteger(session, "session", 0);
    m_offer.model = jsonText(session, "model");
    m_offer.bytes = static_cast<quint64>(std::max<qint64>(0, jsonInteger(session, "bytes", 0)));
    m_offer.isExact = jsonBool(session, "exact", true);
    m_offer.isOnDisk = jsonBool(session, "in_scratch", false);
    setState(State::Open);
}

void TraceSession::cancel()
{
    m_isDeclined = true;
    if (m_state == State::Opening)
        m_engine.cancel(m_request);
}

TraceSession::Remedy TraceSession::remedy() const
{
    const bool isMissing = m_failure.code == ErrorCode::NotFound;
    if (m_state != State::Failed || !(isMissing || m_failure.code == ErrorCode::InvalidArgument))
        return Remedy::TryAgain;
    const bool isOfTrace = m_trace && m_failure.context == textOfPath(m_trace->path());
    return isMissing && isOfTrace ? Remedy::OpenTrace : Remedy::NameModel;
}

void TraceSession::dropSession(qint64 session)
{
    m_engine.request(QStringLiteral("session.close"), {{"session", session}}, this,
                     [](const Result<nlohmann::json>&) {});
}

void TraceSession::close()
{
    m_isDeclined = true;
    giveWay();
}

void TraceSession::giveWay()
{
    dropLeft();
    end();
}

void TraceSession::end()
{
    if (m_state == State::Opening || m_state == State::Estimating)
        m_engine.cancel(m_request);
    for (const qint64 reading : m_readings)
        m_engine.cancel(reading);
    if (m_session > 0)
        dropSession(m_session);
    if (m_state == State::Open || m_state == State::Opening || m_state == State::Estimating)
        reset();
}

qint64 TraceSession::read(const QString& method, nlohmann::json params, QObject* context, DataReply reply)
{
    params["session"] = m_session;
    const QPointer<QObject> alive(context);
    const quint64 epoch = m_epoch;
    const auto number = std::make_shared<qint64>(0);
    *number = m_engine.requestData(
        method, std::move(params), this,
        [this, alive, number, epoch, reply = std::move(reply)](const Result<FramedMessage>& answer) {
            if (!isCurrent(epoch))
                return;
            m_readings.erase(*number);
            // The engine's death is heard here first: nothing may be asked of the session that went with it.
            if (!answer && m_engine.state() == EngineClient::State::Dead)
                takeDeath(answer.error());
            if (alive)
                reply(answer);
            emit changed();
        });
    if (isCurrent(epoch)) // else the engine could not even be started
        m_readings.insert(*number);
    emit changed();
    return *number;
}

qint64 TraceSession::readWindow(int layer, int head, TokenRange rows, TokenRange keys, QObject* context,
                                WindowReply reply)
{
    return read(QStringLiteral("session.window"),
                {{"layer", layer},
                 {"head", head},
                 {"first_row", rows.begin},
                 {"rows", rows.end - rows.begin},
                 {"first_key", keys.begin},
                 {"keys", keys.end - keys.begin}},
                context,
                [reply = std::move(reply),
                 asked = ExactWindow{layer, head, rows, keys, {}}](const Result<FramedMessage>& answer) {
                    reply(answer ? windowOf(*answer, asked)
                                 : Result<std::shared_ptr<const ExactWindow>>(answer.error()));
                });
}

qint64 TraceSession::readColumn(int layer, int head, std::uint32_t key, QObject* context, WindowReply reply)
{
    return read(QStringLiteral("session.column"), {{"layer", layer}, {"head", head}, {"key", key}}, context,
                [reply = std::move(reply),
                 asked = ExactWindow{layer, head, {key, m_trace->seqLen()}, {key, key + 1}, {}}](
                    const Result<FramedMessage>& answer) {
                    reply(answer ? columnOf(*answer, asked)
                                 : Result<std::shared_ptr<const ExactWindow>>(answer.error()));
                });
}

qint64 TraceSession::readRow(std::uint32_t row, std::optional<std::uint32_t> key, QObject* context,
                             RowReply reply)
{
    nlohmann::json params = {{"row", row}, {"top", kListedKeys}};
    if (key)
        params["key"] = *key;
    return read(QStringLiteral("session.row"), std::move(params), context,
                [this, row, key, reply = std::move(reply)](const Result<FramedMessage>& answer) {
                    reply(answer ? rowOf(*answer, *m_trace, row, kListedKeys, key)
                                 : Result<ExactRow>(answer.error()));
                });
}

qint64 TraceSession::readPredictions(std::uint32_t first, std::uint32_t count, QObject* context,
                                     PredictionsReply reply)
{
    return read(QStringLiteral("session.predictions"), {{"first_row", first}, {"rows", count}}, context,
                [first, count, reply = std::move(reply)](const Result<FramedMessage>& answer) {
                    reply(answer ? predictionsOf(*answer, first, count)
                                 : Result<PredictedRows>(answer.error()));
                });
}

void TraceSession::setState(State state)
{
    m_state = state;
    emit changed();
}

void TraceSession::fail(const Error& error)
{
    m_failure = error;
    m_request = 0;
    setState(State::Failed);
}

} // namespace headwater
