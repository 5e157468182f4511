// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/engine_client.h"

#include "core/base/bidi_text.h"
#include "ui/bridge/json_access.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <algorithm>
#include <unistd.h>
#include <utility>

namespace headwater {

namespace {

constexpr int kEngineNice = 10;
constexpr int kClosingMs = 2000;
constexpr qsizetype kMaxDiagnostics = 4096;

ErrorCode codeOfName(const QString& name)
{
    for (const ErrorCode code :
         {ErrorCode::InvalidArgument, ErrorCode::BadFormat, ErrorCode::Unsupported, ErrorCode::NotFound,
          ErrorCode::Unavailable, ErrorCode::Internal, ErrorCode::OutOfMemory, ErrorCode::CannotCreate,
          ErrorCode::Io, ErrorCode::Cancelled}) {
        if (name == QLatin1String(nameOf(code)))
            return code;
    }
    return ErrorCode::Internal;
}

Error errorOf(const nlohmann::json& error)
{
    const nlohmann::json& data = jsonMember(error, "data");
    return Error{codeOfName(jsonText(data, "code")),
                 jsonText(error, "message", QStringLiteral("the engine gave no reason")).toStdString(),
                 jsonText(data, "context").toStdString()};
}

Result<nlohmann::json> bodyOf(const Result<FramedMessage>& answer)
{
    return answer ? Result<nlohmann::json>(answer->body) : Result<nlohmann::json>(answer.error());
}

std::optional<EngineTerms> termsOf(const nlohmann::json& terms)
{
    if (!terms.is_object())
        return std::nullopt;
    return EngineTerms{jsonText(terms, "name"), jsonText(terms, "url"), jsonBool(terms, "accepted", false)};
}

EngineHello helloOf(const nlohmann::json& answer)
{
    EngineHello hello;
    hello.version = jsonText(answer, "version");
    hello.gemm = jsonText(answer, "gemm");
    hello.threads = static_cast<int>(jsonInteger(answer, "threads", 0));
    hello.memoryAvailable =
        static_cast<quint64>(std::max<qint64>(0, jsonInteger(answer, "memory_available", 0)));
    const nlohmann::json& models = jsonMember(answer, "models");
    if (models.is_array()) {
        for (const nlohmann::json& model : models)
            hello.models.push_back({jsonText(model, "name"), jsonText(model, "description"),
                                    jsonText(model, "license"), jsonBool(model, "present", false),
                                    termsOf(jsonMember(model, "terms"))});
    }
    return hello;
}

} // namespace

QString findEngineProgram()
{
    const QDir folder(QCoreApplication::applicationDirPath());
    for (const char* candidate : {"headwater", "../headwater/headwater", "../../app/headwater/headwater"}) {
        const QFileInfo file(folder.filePath(QLatin1String(candidate)));
        if (file.isFile() && file.isExecutable())
            return file.canonicalFilePath();
    }
    return folder.filePath(QStringLiteral("headwater"));
}

EngineClient::EngineClient(QString program, QStringList arguments, QObject* parent)
    : QObject(parent)
    , m_program(std::move(program))
    , m_arguments(std::move(arguments))
{
}

EngineClient::~EngineClient()
{
    if (!m_process)
        return;
    m_process->disconnect(this);
    m_process->closeWriteChannel();
    if (m_process->state() != QProcess::NotRunning && !m_process->waitForFinished(kClosingMs)) {
        m_process->kill();
        m_process->waitForFinished(kClosingMs);
    }
}

qint64 EngineClient::processId() const
{
    return m_process ? m_process->processId() : 0;
}

bool EngineClient::hasRun() const
{
    return std::ranges::any_of(m_pending, [](const auto& pending) { return pending.second.isRun; });
}

void EngineClient::start()
{
    if (!m_process)
        launch();
}

void EngineClient::launch()
{
    m_frames = FrameReader("engine", FrameReader::kLargestAttachment);
    m_diagnostics.clear();
    m_process = std::make_unique<QProcess>();
    m_process->setChildProcessModifier([] {
        // The window must stay smooth beside a run that takes every core. Failure is harmless.
        [[maybe_unused]] const int priority = ::nice(kEngineNice);
    });
    connect(m_process.get(), &QProcess::readyReadStandardOutput, this, &EngineClient::readMessages);
    connect(m_process.get(), &QProcess::readyReadStandardError, this, [this] {
        m_diagnostics.append(m_process->readAllStandardError());
        m_diagnostics = m_diagnostics.right(kMaxDiagnostics);
    });
    connect(m_process.get(), &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            end(tr("The engine could not be started: %1 (%2).").arg(m_program, m_process->errorString()));
    });
    connect(m_process.get(), &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) {
        readMessages();
        if (!m_process)
            return;
        m_diagnostics.append(m_process->readAllStandardError());
        const QString how = status == QProcess::CrashExit ? tr("was killed by signal %1").arg(code)
                                                          : tr("ended with exit code %1").arg(code);
        const QString last = QString::fromUtf8(m_diagnostics.trimmed().split('\n').constLast()).trimmed();
        end(last.isEmpty() ? tr("The engine process %1.").arg(how)
                           : tr("The engine process %1: %2").arg(how, last));
    });
    setState(State::Starting);
    m_process->start(m_program, m_arguments);
    if (!m_process)
        return;
    const qint64 id = ++m_lastId;
    m_pending[id] = {this, [this](const Result<FramedMessage>& answer) { takeHello(bodyOf(answer)); }, false};
    send({{"jsonrpc", "2.0"},
          {"id", id},
          {"method", "initialize"},
          {"params", {{"protocol", 1}, {"client", "headwater-explorer " HEADWATER_VERSION}}}});
}

void EngineClient::takeHello(const Result<nlohmann::json>& answer)
{
    if (!answer) {
        if (m_process)
            end(tr("The engine refused to begin: %1")
                    .arg(QString::fromStdString(withoutIsolates(answer.error().text()))));
        return;
    }
    m_hello = helloOf(*answer);
    settleState();
    emit helloChanged();
}

qint64 EngineClient::request(const QString& method, nlohmann::json params, QObject* context, Reply reply)
{
    return requestData(
        method, std::move(params), context,
        [reply = std::move(reply)](const Result<FramedMessage>& answer) { reply(bodyOf(answer)); });
}

qint64 EngineClient::requestData(const QString& method, nlohmann::json params, QObject* context,
                                 DataReply reply)
{
    const qint64 id = ++m_lastId;
    m_pending[id] = {context, std::move(reply),
                     method == QLatin1String("run") || method == QLatin1String("generate")};
    start();
    if (!m_pending.contains(id)) // the start failed at once, and the request with it
        return id;
    send({{"jsonrpc", "2.0"}, {"id", id}, {"method", method.toStdString()}, {"params", std::move(params)}});
    settleState();
    return id;
}

void EngineClient::cancel(qint64 id)
{
    if (m_process && m_pending.contains(id))
        send({{"jsonrpc", "2.0"}, {"method", "$/cancelRequest"}, {"params", {{"id", id}}}});
}

void EngineClient::send(const nlohmann::json& message)
{
    m_process->write(QByteArray::fromStdString(framed(message)));
}

void EngineClient::readMessages()
{
    const QByteArray bytes = m_process->readAllStandardOutput();
    m_frames.append({bytes.constData(), static_cast<std::size_t>(bytes.size())});
    while (m_process) {
        Result<std::optional<FramedMessage>> message = m_frames.next();
        if (message && *message && !(*message)->body.is_object())
            message = Error{ErrorCode::BadFormat, "a message that is no JSON object", "engine"};
        if (!message) {
            end(QString::fromStdString(withoutIsolates(message.error().text())));
            return;
        }
        if (!*message)
            return;
        take(std::move(**message));
    }
}

void EngineClient::take(FramedMessage received)
{
    const nlohmann::json& message = received.body;
    const nlohmann::json& method = jsonMember(message, "method");
    if (method.is_string()) {
        takeNotification(method.get<std::string>(), jsonMember(message, "params"));
        return;
    }
    const auto found = m_pending.find(jsonInteger(message, "id", -1));
    if (found == m_pending.end())
        return;
    const Pending pending = std::move(found->second);
    m_pending.erase(found);
    settleState();
    if (!pending.context)
        return;
    const nlohmann::json& error = jsonMember(message, "error");
    if (error.is_null())
        pending.reply(Result<FramedMessage>(
            FramedMessage{nlohmann::json(jsonMember(message, "result")), std::move(received.attachment)}));
    else
        pending.reply(errorOf(error));
}

void EngineClient::takeNotification(const std::string& method, const nlohmann::json& params)
{
    if (method == "progress")
        emit progress(engineProgressOf(params));
    else if (method == "token")
        emit token(jsonInteger(params, "id", 0), jsonText(params, "text"));
}

void EngineClient::settleState()
{
    if (!m_process)
        return;
    if (m_state == State::Starting && m_hello.version.isEmpty() && !m_pending.empty())
        return;
    setState(hasRun() ? State::Running : State::Idle);
}

void EngineClient::setState(State state)
{
    if (state == m_state)
        return;
    m_state = state;
    emit stateChanged();
}

void EngineClient::end(const QString& why)
{
    if (!m_process)
        return;
    // Deleting a QProcess inside its own signal is not allowed, and killing one must not wait here.
    QProcess* const process = m_process.release();
    process->disconnect(this);
    connect(process, &QProcess::finished, process, &QObject::deleteLater);
    if (process->state() == QProcess::NotRunning)
        process->deleteLater();
    else
        process->kill();
    m_hello = {};
    setState(State::Dead);
    const std::map<qint64, Pending> pending = std::exchange(m_pending, {});
    for (const auto& [id, one] : pending) {
        if (one.context && one.context != this)
            one.reply(Result<FramedMessage>(Error{ErrorCode::Unavailable, why.toStdString(), {}}));
    }
    emit died(why);
}

} // namespace headwater
