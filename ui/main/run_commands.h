// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "ui/main/message_bar.h"
#include "ui/main/shell.h"
#include "ui/run/run_request.h"

#include <QObject>
#include <QString>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace headwater {

class CommandArguments;
class Pages;

/// What a window does around a run: the commands `run.…` and `engine.…` begin it, its layers are shown as
/// they come, and messages say how it ended.
class RunCommands : public QObject {
    Q_OBJECT
public:
    RunCommands(const Shell& shell, Pages& pages, QObject* parent);

private:
    void bind();
    void wire();
    Result<void> newRun(const CommandArguments& arguments);
    Result<void> resume();
    void startRun(const RunRequest& request);
    void showEngineDeath(const QString& why);
    void runEnded(const QString& trace, const nlohmann::json& report);
    void runFailed(const Error& error, const QString& trace);
    /// The button of a message that triggers a command once `trace` is the open one.
    MessageAction traceAction(const QString& id, const QString& text, const QString& trace,
                              const QString& command);

    Shell m_shell;
    Pages& m_pages;
    QString m_lostRun; ///< what became of the run that the engine took with it
    std::optional<std::pair<QString, std::function<void()>>>
        m_afterOpening; ///< to do once that trace is open
};

} // namespace headwater
