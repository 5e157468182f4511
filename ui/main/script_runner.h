// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "ui/bridge/background_job.h"

#include <QObject>
#include <QStringList>

namespace headwater {

class MainWindow;

/// What the command line asks of a window: commands one after another, a picture, the end. After each command
/// it waits, by signals, until everything on screen is complete.
struct Script {
    QStringList commands; ///< "view.goto layer=14 query=7941"
    QString screenshot; ///< path of a PNG; empty: none
    bool exit = false;
};

class ScriptRunner : public QObject {
    Q_OBJECT
public:
    ScriptRunner(MainWindow& window, Script script, QObject* parent = nullptr);

    /// Begins once the window is shown and has settled.
    void start();
    bool wantsWatchdogReport() const { return m_watchdog; }

signals:
    /// All is done. `exitCode`: 0, or that of the first command that failed (the rest is not run).
    void finished(int exitCode);

private:
    /// Rounds of the event loop in which nothing may stir before the picture counts as complete.
    static constexpr int kQuietRounds = 3;

    void arm();
    void check();
    void step();
    void runCommand(const QString& line);
    void takeScreenshot();
    void end(int exitCode);
    void fail(const Error& error);

    MainWindow& m_window;
    Script m_script;
    BackgroundJob m_save;
    qsizetype m_next = 0;
    int m_quiet = 0;
    bool m_armed = false;
    bool m_waitForRun = false;
    bool m_running = false;
    bool m_watchdog = false;
    bool m_statusWritten = false;
    bool m_pictureTaken = false;
};

} // namespace headwater
