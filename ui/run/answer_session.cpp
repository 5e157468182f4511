// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/answer_session.h"

#include "core/base/text.h"
#include "core/options/option_json.h"
#include "core/options/option_table.h"
#include "ui/bridge/json_access.h"
#include "ui/run/run_session.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace headwater {

namespace {

QString counted(const nlohmann::json& answer, const char* name)
{
    const qint64 count = std::max<qint64>(0, jsonInteger(answer, name, 0));
    return QString::fromStdString(withThousands(static_cast<std::uint64_t>(count)));
}

QString endText(const QString& end)
{
    if (end == QLatin1String("end_token"))
        return AnswerSession::tr("the model ended it");
    if (end == QLatin1String("stop_string"))
        return AnswerSession::tr("ended before a stop text");
    return AnswerSession::tr("as many as were asked for");
}

} // namespace

QString answerText(const nlohmann::json& answer)
{
    const nlohmann::json& ids = jsonMember(answer, "ids");
    const double seconds = jsonNumber(jsonMember(answer, "seconds"), "generate", 0);
    QString text = AnswerSession::tr("%1 tokens in %2, %3")
                       .arg(QString::fromStdString(withThousands(ids.is_array() ? ids.size() : 0)),
                            QString::fromStdString(humanSeconds(seconds)), endText(jsonText(answer, "end")));
    if (jsonInteger(answer, "reused_tokens", 0) > 0)
        text += AnswerSession::tr(" · %1 of the prompt's %2 tokens from the last one's cache")
                    .arg(counted(answer, "reused_tokens"), counted(answer, "prompt_tokens"));
    return text;
}

RunOptions answerOptionsOf(const RunRequest& request)
{
    RunOptions asked = request;
    if (asked.generate == 0)
        asked.generate = defaultsOf(GenerateVerb).generate;
    return asked;
}

AnswerSession::AnswerSession(EngineClient& engine, QObject* parent)
    : QObject(parent)
    , m_engine(engine)
{
    connect(&engine, &EngineClient::progress, this, [this](const EngineProgress& progress) {
        if (!isRunning() || progress.id != m_id)
            return;
        m_state = progressText(progress);
        emit changed();
    });
    connect(&engine, &EngineClient::token, this, [this](qint64 id, const QString& text) {
        if (!isRunning() || id != m_id)
            return;
        m_text += text;
        emit changed();
    });
}

void AnswerSession::start(const RunRequest& request)
{
    if (isRunning())
        return;
    m_text.clear();
    m_state = progressText({});
    m_failed = false;
    // An engine that cannot be started answers before request() returns.
    const auto isBegun = std::make_shared<bool>(false);
    const auto take = [this, isBegun](Result<nlohmann::json> answer) {
        if (*isBegun)
            takeAnswer(answer);
        else
            QMetaObject::invokeMethod(
                this, [this, answer = std::move(answer)] { takeAnswer(answer); }, Qt::QueuedConnection);
    };
    m_id = m_engine.request(QStringLiteral("generate"), jsonOf(GenerateVerb, answerOptionsOf(request)), this,
                            take);
    *isBegun = true;
    emit changed();
}

void AnswerSession::cancel()
{
    if (isRunning())
        m_engine.cancel(m_id);
}

void AnswerSession::takeAnswer(const Result<nlohmann::json>& answer)
{
    m_id = 0;
    m_failed = !answer && answer.error().code != ErrorCode::Cancelled;
    if (answer)
        m_state = answerText(*answer);
    else
        m_state = m_failed ? QString::fromStdString(answer.error().text()) : tr("Cancelled");
    emit changed();
}

} // namespace headwater
