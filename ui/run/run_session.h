// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/bridge/engine_client.h"
#include "ui/run/run_request.h"

#include <QObject>

namespace headwater {

/// One run after another through the engine: what is under way, how far it is, how it ended.
class RunSession : public QObject {
    Q_OBJECT
public:
    explicit RunSession(EngineClient& engine, QObject* parent = nullptr);

    bool isRunning() const { return m_id != 0; }
    bool isCancelling() const { return m_cancelling; }
    const RunRequest& request() const { return m_request; }
    const EngineProgress& progress() const { return m_progress; }
    const QString& generated() const { return m_generated; } ///< the generated text so far
    const QString& trace() const { return m_trace; } ///< empty until a layer is committed
    int finishedLayers() const { return m_finishedLayers; }

    /// Does nothing while a run goes on.
    void start(const RunRequest& request);
    void cancel();

signals:
    void runningChanged();
    void progressChanged();
    /// `trace` now holds one layer more.
    void layerFinished(const QString& trace, int layer);
    /// The run is over and its trace complete. `report`: the JSON of `headwater run --json`.
    void finished(const QString& trace, const nlohmann::json& report);
    /// It failed or was cancelled; `trace` holds the finished layers, or is empty.
    void failed(const headwater::Error& error, const QString& trace);

private:
    void takeProgress(const EngineProgress& progress);
    void takeAnswer(const Result<nlohmann::json>& answer);

    EngineClient& m_engine;
    RunRequest m_request;
    EngineProgress m_progress;
    QString m_generated;
    QString m_trace;
    int m_finishedLayers = 0;
    qint64 m_id = 0;
    bool m_cancelling = false;
};

/// "Layer 14 of 30 · 40 s left": one line about how far a run is.
QString progressText(const EngineProgress& progress);

} // namespace headwater
