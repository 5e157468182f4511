// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/bridge/engine_client.h"
#include "ui/run/run_request.h"

#include <QObject>
#include <QString>

namespace headwater {

/// What generating without a trace is asked: as many tokens as the request says, 64 where it says none.
RunOptions answerOptionsOf(const RunRequest& request);

/// A prompt continued through the engine without a trace: what is said so far, how far it is, how it ended.
class AnswerSession : public QObject {
    Q_OBJECT
public:
    explicit AnswerSession(EngineClient& engine, QObject* parent = nullptr);

    bool isRunning() const { return m_id != 0; }
    const QString& text() const { return m_text; }
    /// One line: the progress, then how it ended; empty before the first answer.
    const QString& state() const { return m_state; }
    bool hasFailed() const { return m_failed; }

    /// Continues the request's prompt (answerOptionsOf). Does nothing while another answer is on its way.
    void start(const RunRequest& request);
    void cancel();

signals:
    void changed();

private:
    void takeAnswer(const Result<nlohmann::json>& answer);

    EngineClient& m_engine;
    QString m_text;
    QString m_state;
    qint64 m_id = 0;
    bool m_failed = false;
};

/// "20 tokens in 1 s, the model ended it · 512 of the prompt's 746 tokens from the last one's cache": of the
/// JSON of `headwater generate --json`.
QString answerText(const nlohmann::json& answer);

} // namespace headwater
