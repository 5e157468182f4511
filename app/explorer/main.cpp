// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/explore_panels.h"
#include "ui/main/explorer_arguments.h"
#include "ui/main/main_window.h"
#include "ui/main/watchdog.h"
#include "ui/theme/theme.h"

#include <QTimer>
#include <cstdio>

namespace {

using namespace headwater;

int printText(const QString& text)
{
    std::fputs(text.toUtf8().constData(), stdout);
    return 0;
}

/// The commands there are, panels' toggles included, without a window.
QString commandListing(const std::vector<PanelFactory>& panels)
{
    return CommandTable::listing(commandsWith(panels));
}

int runWindow(WatchedApplication& application, const ExplorerArguments& arguments)
{
    WindowOptions options;
    options.engineProgram = findEngineProgram();
    options.panels = explorePanels();
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

QtMessageHandler printMessage = nullptr;

/// Without a display Qt says of every window that it has no size hints, and of a bare machine that it has no
/// session: a script's user can do nothing about either.
void printWhatMatters(QtMsgType type, const QMessageLogContext& context, const QString& message)
{
    if (!message.contains(QLatin1String("propagateSizeHints"))
        && !message.contains(QLatin1String("XDG_RUNTIME_DIR not set")))
        printMessage(type, context, message);
}

/// Qt ends the program with an abort where there is no display: a script needs none, and a person is told.
bool findDisplay(const ExplorerArguments& arguments)
{
    for (const char* name : {"QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"}) {
        if (!qEnvironmentVariableIsEmpty(name))
            return true;
    }
    if (!arguments.script.exit)
        return false;
    qputenv("QT_QPA_PLATFORM", "offscreen");
    printMessage = qInstallMessageHandler(printWhatMatters);
    return true;
}

} // namespace

int main(int argc, char** argv)
{
    QStringList words;
    for (int i = 1; i < argc; ++i)
        words.append(QString::fromLocal8Bit(argv[i]));
    // Before QApplication: these need no display.
    const Result<ExplorerArguments> early = parseArguments(words);
    if (early && early->help)
        return printText(usageText());
    if (early && early->version)
        return printText(QStringLiteral("headwater-explorer " HEADWATER_VERSION "\n"));
    if (early && early->listCommands)
        return printText(commandListing(explorePanels()));
    if (!early) {
        std::fprintf(stderr, "headwater-explorer: %s\n", early.error().text().c_str());
        return exitCodeOf(early.error().code);
    }
    if (!findDisplay(*early)) {
        std::fputs("headwater-explorer: there is no display (DISPLAY and WAYLAND_DISPLAY are empty); "
                   "--screenshot OUT.png "
                   "--exit works without one\n",
                   stderr);
        return exitCodeOf(ErrorCode::Unavailable);
    }
    WatchedApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("headwater-explorer"));
    QCoreApplication::setApplicationVersion(QStringLiteral(HEADWATER_VERSION));
    QGuiApplication::setApplicationDisplayName(QString());
    QGuiApplication::setDesktopFileName(QStringLiteral("headwater-explorer"));
    return runWindow(application, *early);
}
