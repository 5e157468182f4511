// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "ui/bridge/engine_progress.h"

#include <QObject>
#include <QProcess>
#include <QString>

namespace headwater {

/// Gets a known model with `headwater fetch`, in a process of its own: the engine stays free, and a download
/// ends with the window. Threads: the UI thread; nothing waits, except the destructor (at most 2 s).
class ModelFetch : public QObject {
    Q_OBJECT
public:
    /// `program`: the command line's, which is the engine's too.
    explicit ModelFetch(QString program, QObject* parent = nullptr);
    ~ModelFetch() override;

    /// Nothing while another one runs. `acceptsTerms`: the user has just accepted those of the model.
    void start(const QString& model, bool acceptsTerms);
    void cancel();
    bool isRunning() const { return m_process.state() != QProcess::NotRunning; }
    const QString& model() const { return m_model; } ///< under way, or the last one

signals:
    void runningChanged();
    void progressed(const headwater::EngineProgress& progress); ///< in bytes, a few times a second
    void finished(const QString& model);
    /// Cancelled too; Unavailable when the program cannot be started or dies.
    void failed(const headwater::Error& error);

private:
    void readProgress();
    void end();
    Error errorOf() const;

    QString m_program;
    QString m_model;
    QProcess m_process;
    bool m_isCancelled = false;
};

} // namespace headwater
