// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/run_estimate.h"

#include "core/base/text.h"
#include "core/options/option_json.h"
#include "ui/bridge/json_access.h"
#include "ui/run/answer_session.h"

#include <QStringList>
#include <algorithm>

namespace headwater {

namespace {

QString bytesText(const nlohmann::json& answer, const char* key)
{
    const qint64 bytes = std::max<qint64>(0, jsonInteger(answer, key, 0));
    return QString::fromStdString(humanBytes(static_cast<std::uint64_t>(bytes)));
}

QString timeText(double seconds)
{
    return seconds < 1 ? RunEstimate::tr("less than a second")
                       : RunEstimate::tr("about %1").arg(QString::fromStdString(humanSeconds(seconds)));
}

} // namespace

RunEstimate::RunEstimate(EngineClient& engine, QObject* parent)
    : QObject(parent)
    , m_engine(engine)
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(kDebounceMs);
    connect(&m_timer, &QTimer::timeout, this, &RunEstimate::send);
}

void RunEstimate::ask(const RunRequest& request)
{
    withdraw();
    m_request = request;
    m_tokens = request.hasPrompt() ? -1 : 0;
    if (request.hasPrompt() && !request.model.empty())
        m_timer.start();
    emit changed();
}

void RunEstimate::withdraw()
{
    ++m_generation;
    if (m_pendingId != 0)
        m_engine.cancel(std::exchange(m_pendingId, 0));
    m_timer.stop();
    m_tokens = -1;
    m_text.clear();
    m_answerText.clear();
    m_refusal.clear();
    m_turnsError.clear();
    m_asking = false;
}

void RunEstimate::send()
{
    m_asking = true;
    emit changed();
    const qint64 id = m_engine.request(QStringLiteral("estimate"), jsonOf(RunVerb, m_request), this,
                                       [this, generation = m_generation](Result<nlohmann::json> answer) {
                                           if (generation == m_generation)
                                               take(answer);
                                       });
    // An engine that cannot be started has answered already.
    m_pendingId = m_asking ? id : 0;
}

void RunEstimate::take(const Result<nlohmann::json>& answer)
{
    m_asking = false;
    m_pendingId = 0;
    if (!answer) {
        m_tokens = -1;
        m_text.clear();
        m_refusal = QString::fromStdString(answer.error().text());
        const std::string& where = answer.error().context;
        if (where == "turns" || where == "--turns")
            m_turnsError = QString::fromStdString(answer.error().message);
        emit changed();
        return;
    }
    m_tokens = jsonInteger(*answer, "tokens", -1);
    QStringList parts{tr("%1 tokens")
                          .arg(QString::fromStdString(
                              withThousands(static_cast<std::uint64_t>(std::max<qint64>(0, m_tokens)))))};
    parts.append(tr("%1 of %2 memory")
                     .arg(bytesText(*answer, "memory_bytes"), bytesText(*answer, "memory_available")));
    if (const double seconds = jsonNumber(*answer, "seconds", -1); seconds >= 0) {
        QString time = timeText(seconds);
        const double generating = jsonNumber(*answer, "generate_seconds", 0);
        if (seconds >= 1 && generating >= 0.5)
            time += tr(", %1 of it for at most %2 tokens")
                        .arg(QString::fromStdString(humanSeconds(generating)),
                             QString::fromStdString(withThousands(m_request.generate)));
        parts.append(time);
    }
    parts.append(tr("trace %1").arg(bytesText(*answer, "trace_bytes")));
    if (answer->contains("predictions"))
        parts.append(jsonBool(*answer, "predictions", false) ? tr("with predictions")
                                                             : tr("without predictions"));
    if (m_request.chat == "auto" && jsonText(*answer, "chat") == QLatin1String("off"))
        parts.append(tr("raw text: the model has no chat format"));
    if (answer->contains("session_bytes"))
        parts.append(tr("keeps %1 for exact rows").arg(bytesText(*answer, "session_bytes")));
    m_text = parts.join(QStringLiteral(" · "));
    m_refusal = jsonText(*answer, "refused");
    emit changed();
    askAnswer();
}

void RunEstimate::askAnswer()
{
    const RunOptions asked = answerOptionsOf(m_request);
    m_pendingId = m_engine.request(
        QStringLiteral("generate.estimate"), jsonOf(GenerateVerb, asked), this,
        [this, generation = m_generation, count = asked.generate](Result<nlohmann::json> answer) {
            if (generation != m_generation)
                return;
            m_pendingId = 0;
            if (!answer) // the run's answer has said what is wrong with the form
                return;
            m_answerText = answer->contains("refused")
                ? jsonText(*answer, "refused")
                : tr("%1 for at most %2 tokens · %3")
                      .arg(timeText(jsonNumber(*answer, "seconds", 0)),
                           QString::fromStdString(withThousands(count)), bytesText(*answer, "memory_bytes"));
            emit changed();
        });
}

} // namespace headwater
