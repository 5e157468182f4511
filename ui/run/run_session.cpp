// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/run_session.h"

#include "core/base/text.h"
#include "core/options/option_json.h"
#include "ui/bridge/json_access.h"
#include "ui/bridge/path_text.h"

#include <QStringList>
#include <algorithm>
#include <memory>
#include <utility>

namespace headwater {

namespace {

QString phaseText(const QString& phase)
{
    if (phase == QLatin1String("load"))
        return RunSession::tr("Loading the model");
    if (phase == QLatin1String("prefill"))
        return RunSession::tr("Forward");
    if (phase == QLatin1String("predictions"))
        return RunSession::tr("Predictions");
    if (phase == QLatin1String("generate"))
        return RunSession::tr("Generating");
    if (phase == QLatin1String("check dense"))
        return RunSession::tr("Checking behaviour: dense");
    if (phase == QLatin1String("check masked"))
        return RunSession::tr("Checking behaviour: masked");
    return phase.isEmpty() ? RunSession::tr("Starting") : phase;
}

} // namespace

QString progressText(const EngineProgress& progress)
{
    QStringList parts{phaseText(progress.phase)};
    if (progress.total > 0 && progress.layers > 0) {
        // Rows of all layers together mean nothing to a reader; the layer under way does.
        const quint64 perLayer = std::max<quint64>(1, progress.total / static_cast<quint64>(progress.layers));
        const quint64 layer = std::min(progress.done / perLayer + 1, static_cast<quint64>(progress.layers));
        parts.append(RunSession::tr("layer %1 of %2").arg(layer).arg(progress.layers));
    } else if (progress.unit == QLatin1String("bytes") && progress.total > 0) {
        parts.append(RunSession::tr("%1 of %2")
                         .arg(QString::fromStdString(humanBytes(progress.done)),
                              QString::fromStdString(humanBytes(progress.total))));
    } else if (progress.total > 0) {
        const QString unit = progress.unit.isEmpty() ? QString() : progress.unit + QLatin1Char(' ');
        parts.append(RunSession::tr("%1%2 of %3")
                         .arg(unit, QString::fromStdString(withThousands(progress.done)),
                              QString::fromStdString(withThousands(progress.total))));
    }
    if (progress.secondsLeft >= 0)
        parts.append(
            RunSession::tr("%1 left").arg(QString::fromStdString(humanSeconds(progress.secondsLeft))));
    return parts.join(QStringLiteral(" · "));
}

RunSession::RunSession(EngineClient& engine, QObject* parent)
    : QObject(parent)
    , m_engine(engine)
{
    connect(&engine, &EngineClient::progress, this, &RunSession::takeProgress);
    connect(&engine, &EngineClient::token, this, [this](qint64 id, const QString& text) {
        if (id != m_id)
            return;
        m_generated += text;
        emit progressChanged();
    });
}

void RunSession::start(const RunRequest& request)
{
    if (isRunning())
        return;
    m_request = request;
    m_progress = {};
    m_generated.clear();
    m_trace = request.resume ? pathText(request.output) : QString();
    m_finishedLayers = request.begunLayers;
    m_cancelling = false;
    // An engine that cannot be started answers before request() returns; the run has begun by then for
    // nobody. Its answer waits until those who watch know of the run.
    const auto isBegun = std::make_shared<bool>(false);
    m_id = m_engine.request(QStringLiteral("run"), jsonOf(RunVerb, request), this,
                            [this, isBegun](Result<nlohmann::json> answer) {
                                if (*isBegun)
                                    takeAnswer(answer);
                                else
                                    QMetaObject::invokeMethod(
                                        this, [this, answer = std::move(answer)] { takeAnswer(answer); },
                                        Qt::QueuedConnection);
                            });
    *isBegun = true;
    emit runningChanged();
    emit progressChanged();
}

void RunSession::cancel()
{
    if (!isRunning() || m_cancelling)
        return;
    m_cancelling = true;
    m_engine.cancel(m_id);
    emit progressChanged();
}

void RunSession::takeProgress(const EngineProgress& progress)
{
    if (!isRunning() || progress.id != m_id)
        return;
    m_progress = progress;
    if (!progress.trace.isEmpty())
        m_trace = progress.trace;
    if (progress.finishedLayer >= 0) {
        m_finishedLayers = std::max(m_finishedLayers, progress.finishedLayer + 1);
        if (m_trace.isEmpty())
            m_trace = pathText(m_request.output);
        emit layerFinished(m_trace, progress.finishedLayer);
    }
    emit progressChanged();
}

void RunSession::takeAnswer(const Result<nlohmann::json>& answer)
{
    m_id = 0;
    m_cancelling = false;
    emit runningChanged();
    if (!answer) {
        emit failed(answer.error(), m_trace);
        return;
    }
    const QString trace = jsonText(*answer, "trace", pathText(m_request.output));
    emit finished(trace, *answer);
}

} // namespace headwater
