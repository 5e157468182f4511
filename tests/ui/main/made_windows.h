// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "support/patience.h"
#include "ui/explore/explore_workspace.h"
#include "ui/main/explore_of.h"
#include "ui/main/kept_trace.h"
#include "ui/main/main_window.h"
#include "ui/main/script_runner.h"

#include <QSignalSpy>
#include <QTemporaryDir>

namespace headwater::testing {

/// What tests of the window begin with: a made trace, a window with the stand-in for the engine, scripts.
class MadeWindows : public QObject {
protected:
    QTemporaryDir m_folder;
    QString m_trace;

    static WindowOptions optionsOf(const QString& engine)
    {
        WindowOptions options;
        options.engineProgram = engine;
        options.engineArguments = {};
        options.workspaces = {exploreWorkspace()};
        options.theme = "dark";
        options.restore = false;
        return options;
    }

    std::unique_ptr<MainWindow> makeWindow(const QString& engine = FAKE_ENGINE)
    {
        auto window = std::make_unique<MainWindow>(optionsOf(engine));
        window->show();
        return window;
    }

    /// Runs a script to its end and gives its exit code.
    int runScript(MainWindow& window, const QStringList& commands, const QString& screenshot = {})
    {
        ScriptRunner runner(window, {commands, screenshot, false});
        QSignalSpy finished(&runner, &ScriptRunner::finished);
        runner.start();
        return finished.wait(headwater::test::kPatienceMs) ? finished.first().first().toInt() : -1;
    }

    /// A trace of two heads with this kept mass and these additions to its meta.
    static bool writeKeptTrace(const QString& path, double share, const nlohmann::json& meta)
    {
        const Interval kept{share, share, share};
        return writeHeads(path.toStdString(), {kept, kept}, Normaliser::Exact, {}, {}, meta).has_value();
    }

    std::unique_ptr<MainWindow> openWindow()
    {
        auto window = makeWindow();
        if (runScript(*window, {"file.open path='" + m_trace + "'"}) != 0)
            return nullptr;
        return window;
    }

    /// False where the trace cannot be written; to be called first.
    bool prepare()
    {
        qputenv("XDG_STATE_HOME", m_folder.path().toLocal8Bit());
        qputenv("XDG_CONFIG_HOME", m_folder.path().toLocal8Bit());
        qputenv("XDG_DATA_HOME", m_folder.path().toLocal8Bit());
        m_trace = m_folder.filePath("made.hwt");
        return writeMadeTrace(m_trace.toStdString(), MadeTrace{}).has_value();
    }
};

} // namespace headwater::testing
