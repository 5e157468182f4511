// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/display.h"

#include "core/base/result.h"
#include "core/base/text.h"

#include <QString>
#include <QStringList>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

extern char** environ;

namespace headwater {
namespace {

constexpr unsigned kPatienceSeconds = 5;
constexpr const char* kPlatform = "QT_QPA_PLATFORM";

// What the handlers of Qt's messages and of the alarm need: neither can be given anything.
struct Restart {
    char** arguments = nullptr;
    bool needsWindow = true;
    std::vector<std::string> entries; ///< the environment of a second start, off screen
    std::vector<char*> environment;
    QtMessageHandler print = nullptr;
    QStringList held; ///< what Qt said
};
Restart* restart = nullptr;
QtMessageHandler printAll = nullptr;

bool isOffscreen()
{
    const char* const platform = std::getenv(kPlatform);
    return platform && std::string_view(platform).starts_with("offscreen");
}

/// Without what would look for a display all the same (GTK's theme ends the program where it finds none).
void makeEnvironment(Restart& to)
{
    for (char** entry = environ; *entry; ++entry) {
        const std::string_view text(*entry);
        bool dropped = false;
        for (const char* name : {kPlatform, "QT_QPA_PLATFORMTHEME", "DISPLAY", "WAYLAND_DISPLAY"})
            dropped = dropped || text.starts_with(std::string(name) + '=');
        if (!dropped)
            to.entries.emplace_back(text);
    }
    to.entries.push_back(std::string(kPlatform) + "=offscreen");
    for (std::string& entry : to.entries)
        to.environment.push_back(entry.data());
    to.environment.push_back(nullptr);
}

/// DISPLAY=:7, or whatever says where a display is.
std::string namedDisplay()
{
    std::string named;
    for (const char* name : {kPlatform, "WAYLAND_DISPLAY", "DISPLAY"}) {
        const char* const value = std::getenv(name);
        if (value && *value)
            named += (named.empty() ? "" : ", ") + std::string(name) + '=' + printable(value);
    }
    return named;
}

/// Async-signal-safe.
[[noreturn]] void beginOffscreen()
{
    ::execve("/proc/self/exe", restart->arguments, restart->environment.data());
    ::_exit(exitCodeOf(ErrorCode::Unavailable));
}

/// Qt names each platform that it tried and why it failed; the first line is what went wrong.
QString reasonOf(const QStringList& said)
{
    return said.isEmpty() ? QStringLiteral("no platform plugin could be started")
                          : said.first().section(QLatin1Char('\n'), 0, 0);
}

void holdMessages(QtMsgType type, const QMessageLogContext& context, const QString& message)
{
    if (type != QtFatalMsg) {
        restart->held.append(message);
        return;
    }
    (void)context;
    const std::string reason = printable(
        (restart->held.isEmpty() ? message.section(QLatin1Char('\n'), 0, 0) : reasonOf(restart->held))
            .toStdString());
    ::alarm(0);
    if (!restart->needsWindow && !isOffscreen()) {
        std::fprintf(stderr, "headwater-explorer: no display (%s): %s; drawing off screen\n",
                     namedDisplay().c_str(), reason.c_str());
        beginOffscreen();
    }
    std::fprintf(
        stderr,
        "headwater-explorer: no display (%s): %s; check these variables, or let --screenshot OUT.png --exit "
        "draw without one\n",
        namedDisplay().c_str(), reason.c_str());
    ::_exit(exitCodeOf(ErrorCode::Unavailable));
}

void whenItDoesNotAnswer(int)
{
    constexpr std::string_view kScript =
        "headwater-explorer: the display does not answer; drawing off screen\n";
    constexpr std::string_view kWindow = "headwater-explorer: waiting for the display; check DISPLAY and "
                                         "WAYLAND_DISPLAY if this does not end\n";
    const std::string_view text = restart->needsWindow ? kWindow : kScript;
    [[maybe_unused]] const ssize_t wrote = ::write(STDERR_FILENO, text.data(), text.size());
    if (!restart->needsWindow)
        beginOffscreen();
}

/// Off screen Qt says of every window that it has no size hints, and of a bare machine that it has no
/// session: a script's user can do nothing about either.
void printWhatMatters(QtMsgType type, const QMessageLogContext& context, const QString& message)
{
    if (!message.contains(QLatin1String("propagateSizeHints"))
        && !message.contains(QLatin1String("XDG_RUNTIME_DIR not set")))
        printAll(type, context, message);
}

} // namespace

DisplayGuard::DisplayGuard(char** arguments, bool needsWindow)
{
    if (namedDisplay().empty()) {
        m_hasPlatform = !needsWindow;
        if (needsWindow) {
            std::fputs("headwater-explorer: there is no display (DISPLAY and WAYLAND_DISPLAY are empty); "
                       "--screenshot OUT.png --exit works without one\n",
                       stderr);
            return;
        }
        ::setenv(kPlatform, "offscreen", 1);
    }
    if (isOffscreen())
        ::unsetenv("QT_QPA_PLATFORMTHEME");
    static Restart kept; // for the handlers, which may come until the process ends
    restart = &kept;
    kept.arguments = arguments;
    kept.needsWindow = needsWindow;
    makeEnvironment(kept);
    printAll = qInstallMessageHandler(holdMessages);
    kept.print = isOffscreen() ? printWhatMatters : printAll;
    struct sigaction action { };
    action.sa_handler = whenItDoesNotAnswer;
    action.sa_flags = SA_NODEFER | SA_RESTART; // a mask outlives execve
    ::sigaction(SIGALRM, &action, nullptr);
    ::alarm(kPatienceSeconds);
}

DisplayGuard::~DisplayGuard()
{
    if (!restart)
        return;
    ::alarm(0);
    ::signal(SIGALRM, SIG_DFL);
    qInstallMessageHandler(restart->print);
    for (const QString& message : restart->held)
        restart->print(QtWarningMsg, {}, message);
    restart->held.clear();
}

} // namespace headwater
