// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/bridge/engine_client.h"
#include "ui/run/run_request.h"

#include <QObject>
#include <QTimer>

namespace headwater {

/// What a run will need, asked from the engine a moment after the last keystroke; answers to older questions
/// are dropped.
class RunEstimate : public QObject {
    Q_OBJECT
public:
    static constexpr int kDebounceMs = 300;

    explicit RunEstimate(EngineClient& engine, QObject* parent = nullptr);

    void ask(const RunRequest& request);

    /// Nothing is asked, and nothing is known, until ask().
    void withdraw();

    bool isAsking() const { return m_timer.isActive() || m_asking; }
    qint64 tokens() const { return m_tokens; } ///< negative while unknown, also while asking
    /// "1 024 tokens · 310 MiB of 6 GiB · about 20 s · trace 3 MiB"; empty while asking: what was true of the
    /// form before its last change is not shown as its cost.
    const QString& text() const { return m_text; }
    /// What generating alone would take, "about 3 s for at most 64 tokens · 250 MiB", or why it would be
    /// refused; empty until it is known, which is after text().
    const QString& answerText() const { return m_answerText; }
    /// Of refusal(), what is wrong with the conversation before the prompt; empty: nothing.
    const QString& turnsError() const { return m_turnsError; }
    /// Why it would be refused, with a suggestion; empty: it may run.
    const QString& refusal() const { return m_refusal; }

signals:
    void changed();

private:
    void send();
    void take(const Result<nlohmann::json>& answer);
    void askAnswer();

    EngineClient& m_engine;
    QTimer m_timer;
    RunRequest m_request;
    quint64 m_generation = 0;
    bool m_asking = false;
    qint64 m_pendingId = 0;
    qint64 m_tokens = -1;
    QString m_text;
    QString m_answerText;
    QString m_refusal;
    QString m_turnsError;
};

} // namespace headwater
