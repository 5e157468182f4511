// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/script_runner.h"

#include "core/base/whole_file.h"
#include "ui/bridge/path_text.h"
#include "ui/main/main_window.h"

#include <QBuffer>
#include <QImage>
#include <QPixmap>
#include <QTimer>
#include <cstdio>
#include <utility>

namespace headwater {

ScriptRunner::ScriptRunner(MainWindow& window, Script script, QObject* parent)
    : QObject(parent)
    , m_window(window)
    , m_script(std::move(script))
{
    const auto bindWait = [&](const char* id, bool forRun) {
        window.commands().bind(QLatin1String(id), [this, forRun](const CommandArguments&) -> Result<void> {
            m_waitForRun = forRun;
            return {};
        });
    };
    bindWait("view.wait", false);
    bindWait("run.wait", true);
    window.commands().bind(QStringLiteral("diag.watchdog"), [this](const CommandArguments&) -> Result<void> {
        m_watchdog = true;
        return {};
    });
    connect(&window, &MainWindow::activityChanged, this, &ScriptRunner::arm);
    connect(&window, &MainWindow::errorShown, this, &ScriptRunner::fail);
}

void ScriptRunner::start()
{
    m_running = true;
    arm();
}

void ScriptRunner::arm()
{
    m_quiet = 0;
    if (!m_running || std::exchange(m_armed, true))
        return;
    QTimer::singleShot(0, this, &ScriptRunner::check);
}

void ScriptRunner::check()
{
    m_armed = false;
    if (!m_running || m_save.isRunning() || !m_window.isSettled()
        || (m_waitForRun && m_window.runSession().isRunning()))
        return; // the next change of activity arms again
    if (++m_quiet < kQuietRounds) {
        m_armed = true;
        QTimer::singleShot(0, this, &ScriptRunner::check);
        return;
    }
    m_quiet = 0;
    m_waitForRun = false;
    step();
}

void ScriptRunner::step()
{
    if (m_next < m_script.commands.size())
        runCommand(m_script.commands.at(m_next++));
    else if (!m_script.screenshot.isEmpty() && !std::exchange(m_statusWritten, true)) {
        m_window.showStatus();
        arm(); // its labels find their places in the next rounds
    } else if (!m_script.screenshot.isEmpty() && !std::exchange(m_pictureTaken, true))
        takeScreenshot();
    else
        end(0);
}

void ScriptRunner::runCommand(const QString& line)
{
    const Result<CommandCall> call = parseCommandCall(line);
    if (!call)
        return fail(call.error());
    if (const Result<void> done = m_window.commands().run(call->id, call->arguments); !done)
        return fail(done.error());
    arm();
}

void ScriptRunner::takeScreenshot()
{
    m_save.start(
        [image = m_window.grab().toImage(), path = m_script.screenshot](std::stop_token) -> Result<void> {
            QByteArray png;
            QBuffer buffer(&png);
            if (!buffer.open(QIODevice::WriteOnly) || !image.save(&buffer, "PNG"))
                return Error{ErrorCode::Internal, "the screenshot could not be coded", path.toStdString()};
            return writeWholeFile(pathOf(path), {png.constData(), static_cast<std::size_t>(png.size())});
        },
        [this](const Result<void>& saved) {
            if (saved)
                arm();
            else
                fail(saved.error());
        });
}

void ScriptRunner::fail(const Error& error)
{
    if (!m_running)
        return;
    std::fprintf(stderr, "headwater-explorer: %s\n", error.text().c_str());
    // A script without --exit leaves the window open to its user.
    end(exitCodeOf(error.code));
}

void ScriptRunner::end(int exitCode)
{
    if (!std::exchange(m_running, false))
        return;
    emit finished(exitCode);
}

} // namespace headwater
