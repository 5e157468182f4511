// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/display.h"
#include "core/base/text.h"
#include "ui/bridge/path_text.h"
#include "ui/explore/explore_workspace.h"
#include "ui/main/explorer_arguments.h"
#include "ui/main/main_window.h"
#include "ui/main/watchdog.h"
#include "ui/theme/theme.h"

#include <QTimer>
#include <cstdio>
#include <optional>
#include <utility>

namespace {

using namespace headwater;

int printText(const QString& text)
{
    std::fputs(text.toUtf8().constData(), stdout);
    return 0;
}

std::vector<WorkspaceType> workspaces()
{
    return {exploreWorkspace()};
}

int runWindow(WatchedApplication& application, const ExplorerArguments& arguments)
{
    WindowOptions options;
    options.engineProgram = findEngineProgram();
    options.workspaces = workspaces();
    options.theme = arguments.theme;
    options.desktopIsDark = [] {
        // Without a palette of the program's own there is the desktop's; the window sets its own again at
        // once.
        QApplication::setPalette(QPalette());
        return desktopIsDark(QApplication::palette());
    };
    options.restore = !arguments.isScripted();
    MainWindow window(options);
    if (arguments.size.isValid())
        window.resize(arguments.size);
    ScriptRunner script(window, arguments.script);
    int exitCode = 0;
    QObject::connect(&script, &ScriptRunner::finished, &application, [&](int code) {
        exitCode = code;
        // By now everything that needs room has been shown.
        if (const QString notice = sizeNotice(arguments.size, window.size(),
                                              window.minimumSizeHint().expandedTo(window.minimumSize()));
            !notice.isEmpty())
            std::fprintf(stderr, "headwater-explorer: %s\n", notice.toUtf8().constData());
        if (arguments.script.exit)
            window.close();
    });
    window.show();
    QTimer::singleShot(0, &application, [&] { application.startWatching(); });
    if (!arguments.file.isEmpty())
        window.files().open(arguments.file);
    script.start();
    const int ended = application.exec();
    if (script.wantsWatchdogReport())
        std::printf("%s\n", application.report().dump().c_str());
    return exitCode != 0 ? exitCode : ended;
}

/// An argument as the parser takes it. One that is no UTF-8 can only be a name, alone or behind an option's
/// "=".
QString wordOf(const char* argument)
{
    const std::string bytes(argument);
    if (isUtf8(bytes))
        return QString::fromStdString(bytes);
    const std::size_t name = bytes.starts_with("--") ? bytes.find('=') + 1 : 0; // 0 without one
    return QString::fromLatin1(bytes.data(), static_cast<qsizetype>(name)) + pathText(bytes.substr(name));
}

} // namespace

int main(int argc, char** argv)
{
    QStringList words;
    for (int i = 1; i < argc; ++i)
        words.append(wordOf(argv[i]));
    // Before QApplication: these need no display.
    const Result<ExplorerArguments> early = parseArguments(words);
    if (early && early->help)
        return printText(usageText());
    if (early && early->version)
        return printText(QStringLiteral("headwater-explorer " HEADWATER_VERSION "\n"));
    if (early && early->listCommands)
        return printText(CommandTable::listing(commandsWith(workspaces())));
    if (!early) {
        std::fprintf(stderr, "headwater-explorer: %s\n", early.error().text().c_str());
        return exitCodeOf(early.error().code);
    }
    std::optional<DisplayGuard> display(std::in_place, argv, !early->script.exit);
    if (!display->hasPlatform())
        return exitCodeOf(ErrorCode::Unavailable);
    int count = 1; // the rest is ours: Qt would take a file that is named "-platform" for an option
    WatchedApplication application(count, argv);
    display.reset();
    QCoreApplication::setApplicationName(QStringLiteral("headwater-explorer"));
    QCoreApplication::setApplicationVersion(QStringLiteral(HEADWATER_VERSION));
    QGuiApplication::setApplicationDisplayName(QString());
    QGuiApplication::setDesktopFileName(QStringLiteral("headwater-explorer"));
    return runWindow(application, *early);
}
