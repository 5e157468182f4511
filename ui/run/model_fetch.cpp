// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/model_fetch.h"

#include "ui/bridge/json_access.h"

#include <utility>

namespace headwater {

namespace {

constexpr int kClosingMs = 2000;

} // namespace

ModelFetch::ModelFetch(QString program, QObject* parent)
    : QObject(parent)
    , m_program(std::move(program))
{
    connect(&m_process, &QProcess::finished, this, &ModelFetch::end);
    connect(&m_process, &QProcess::readyReadStandardError, this, &ModelFetch::readProgress);
    connect(&m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart) // any other one is told by its end
            end();
    });
}

ModelFetch::~ModelFetch()
{
    m_process.disconnect(this);
    if (!isRunning())
        return;
    m_process.terminate();
    if (!m_process.waitForFinished(kClosingMs)) {
        m_process.kill();
        m_process.waitForFinished(kClosingMs);
    }
}

void ModelFetch::start(const QString& model, bool acceptsTerms)
{
    if (isRunning())
        return;
    m_model = model;
    m_isCancelled = false;
    QStringList arguments{QStringLiteral("fetch"), model, QStringLiteral("--json"),
                          QStringLiteral("--progress")};
    if (acceptsTerms)
        arguments.append(QStringLiteral("--accept-terms"));
    m_process.start(m_program, arguments);
    emit runningChanged();
}

void ModelFetch::cancel()
{
    if (!isRunning())
        return;
    m_isCancelled = true;
    m_process.terminate(); // heard within half a second
}

void ModelFetch::readProgress()
{
    m_process.setReadChannel(QProcess::StandardError);
    while (m_process.canReadLine()) {
        const nlohmann::json json = nlohmann::json::parse(m_process.readLine().toStdString(), nullptr, false);
        if (json.is_object()) // a warning of the program's is none of ours
            emit progressed(engineProgressOf(json));
    }
}

Error ModelFetch::errorOf() const
{
    if (m_isCancelled)
        return {ErrorCode::Cancelled, "the download was cancelled", m_model.toStdString()};
    if (m_process.error() == QProcess::FailedToStart)
        return {ErrorCode::Unavailable,
                "cannot be started: " + m_process.errorString().toStdString() + "; check the installation",
                m_program.toStdString()};
    return {ErrorCode::Unavailable, "the download ended without a reason", m_model.toStdString()};
}

void ModelFetch::end()
{
    // Done is done, though it was to stop a moment earlier.
    const bool isDone = m_process.exitStatus() == QProcess::NormalExit && m_process.exitCode() == 0
        && m_process.error() != QProcess::FailedToStart;
    Error error = errorOf();
    if (!isDone && !m_isCancelled) {
        // With --json an error is one object on the standard output.
        const nlohmann::json json =
            nlohmann::json::parse(m_process.readAllStandardOutput().toStdString(), nullptr, false);
        const QString message = jsonText(jsonMember(json, "error"), "message");
        if (!message.isEmpty())
            error.message = message.toStdString();
    }
    emit runningChanged();
    if (isDone)
        emit finished(m_model);
    else
        emit failed(error);
}

} // namespace headwater
