// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/command_list.h"

#include "core/options/option_table.h"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace headwater {

namespace {

constexpr auto kAsks = CommandSpec::Palette::AsksArguments;
constexpr auto kScripts = CommandSpec::Palette::ScriptsOnly;

// clang-format off
constexpr CommandRow kRows[] = {
    {"file.open", "Open…", "Open a trace, a model (to run it) or a text (to run a model on it)", "Ctrl+O", "File", "path encoding"},
    {"file.sample", "Open the sample", "Open the trace that comes with Headwater: SmolLM2 on a short story", "", "File", ""},
    {"file.recent", "Open the last one again", "Open the trace that was open before this one, or the one of a number", "Ctrl+Shift+O", "File/Recent", "number"},
    {"file.close", "Close trace", "Close the trace and go back to the welcome page", "Ctrl+W", "File", ""},
    {"-", "", "", "", "File", ""},
    {"file.export", "Export figure…", "Write what is shown for a paper: PDF, SVG or PNG by the path's extension", "Ctrl+E", "File", "path width dpi title with_title with_caption"},
    {"file.export.cancel", "Cancel the export", "Stop writing the figure; what stood at its path stays", "", "File", ""},
    {"-", "", "", "", "File", ""},
    {"file.quit", "Quit", "Close the window", "Ctrl+Q", "File", ""},

    {"edit.undo", "Undo", "Take back the last change of view, colours, mask or selection", "Ctrl+Z", "Edit", ""},
    {"edit.redo", "Redo", "Do again what was taken back", "Ctrl+Shift+Z; Ctrl+Y", "Edit", ""},
    {"-", "", "", "", "Edit", ""},
    {"edit.copy_command", "Copy as command line", "Copy the full command that made this trace", "Ctrl+Shift+C", "Edit", ""},
    {"-", "", "", "", "Edit", ""},
    {"find.text", "Find in the text…", "Find a text in the prompt and mark it on both axes; case=ignore, match, or smart (matched where the text holds a capital), else as the switch Match case says", "Ctrl+F", "Edit", "text case"},
    {"find.next", "Find next", "Show the next hit; what is locked stays locked", "F3", "Edit", ""},
    {"find.previous", "Find previous", "Show the hit before", "Shift+F3", "Edit", ""},
    {"find.lock", "Lock the hit", "Lock the first token of the hit as the key; a locked row that cannot read it is unlocked", "Ctrl+F3", "Edit", ""},
    {"find.case", "Match case", "Find capitals and small letters only as they are typed; off, case is ignored", "", "Edit", "on", true},
    {"find.clear", "Clear the hits", "Take the marks of the last search away", "", "Edit", ""},

    {"run.new", "Run a prompt…", "Choose a model and a prompt and record its attention", "Ctrl+R", "Run", ""},
    {"run.model", "Choose a model…", "From those that are here, the Hub's cache, a file or a folder", "", "Run", ""},
    {"run.needle", "Run the built-in needle", "Run builtin:needle on a prompt with a needle in it; needs no download", "", "Run", ""},
    {"run.start", "Start", "Run what the form says", "Ctrl+Return", "Run", ""},
    {"run.generate", "Generate only", "Continue the form's prompt and show the answer there; nothing is recorded. Once more: cancel", "", "Run", ""},
    {"run.cancel", "Cancel", "Stop the run; its finished layers stay", "Ctrl+.", "Run", ""},
    {"run.resume", "Go on", "Go on with the run that did not finish the open trace", "", "Run", ""},
    {"-", "", "", "", "Run", ""},
    {"engine.restart", "Restart the engine", "Start the engine process again", "", "Run", ""},

    {"view.palette", "Command palette…", "Find a command by its name", "Ctrl+Shift+P", "View", ""},
    {"-", "", "", "", "View", ""},
    {"*", "", "", "", "View", ""},
    {"-", "", "", "", "View", ""},
    {"view.theme.dark", "Dark", "Dark window", "", "View/Theme", "", true},
    {"view.theme.light", "Light", "Light window", "", "View/Theme", "", true},
    {"view.theme.system", "As the desktop", "Dark or light as the desktop is", "", "View/Theme", "", true},
    {"view.theme.toggle", "Switch dark and light", "From dark to light or back", "Ctrl+T", "View/Theme", ""},
    {"view.layout.reset", "Reset the panels", "Put all panels back where they were at first", "", "View/Panels", ""},
    {"-", "", "", "", "View", ""},
    {"view.fullscreen", "Full screen", "The whole screen for the window", "F11", "View", "", true},

    {"go.back", "Back", "To the place before", "Alt+Left", "Go", ""},
    {"go.forward", "Forward", "To the place after", "Alt+Right", "Go", ""},
    {"go.answer", "Where the answer was read", "Show the head that read the generated answer, and the token it read", "Ctrl+G", "Go", ""},
    {"-", "", "", "", "Go", ""},
    {"select.head.next", "Next head", "The next head of the layer", "}", "Go", ""},
    {"select.head.previous", "Previous head", "The head before in the layer", "{", "Go", ""},
    {"select.layer.next", "Next layer", "The same head one layer up", "]", "Go", ""},
    {"select.layer.previous", "Previous layer", "The same head one layer down", "[", "Go", ""},
    {"-", "", "", "", "Go", ""},
    {"select.clear", "Clear the selection", "Unlock row and key", "Esc", "Go", ""},

    {"help.verdict", "How far to trust what is shown", "What share of the attention it holds, and what behaviour survived", "F4", "Help", ""},
    {"help.commands", "All commands", "The list of commands with their shortcuts", "F1", "Help", ""},
    {"help.about", "About Headwater", "Version, licence and engine", "", "Help", ""},

    {"select.head", "Select a head", "Show one head", "", "", "layer head", false, kAsks},
    {"select.lock", "Lock a pair", "Lock a query row, a key column, or both", "", "", "query key", false, kAsks},
    {"*", "", "", "", "", ""},
    {"view.theme", "Theme", "theme=dark, light or system", "", "", "theme", false, kAsks},
    {"view.wait", "Wait for the picture", "Scripts: go on when every tile on screen is there", "", "", "", false, kScripts},
    {"run.wait", "Wait for the run", "Scripts: go on when the run has ended", "", "", "", false, kScripts},
    {"diag.watchdog", "Watchdog report", "Scripts: print at exit how often the window's thread was busy for more than 50 ms", "", "", "", false, kScripts},
};
// clang-format on

/// What is done to whatever a workspace shows.
constexpr std::string_view kOfAny[] = {"edit.undo", "edit.redo", "go.back", "go.forward", "select."};

QString workspaceOf(std::string_view id)
{
    const bool isOfAny = std::any_of(std::begin(kOfAny), std::end(kOfAny),
                                     [id](std::string_view group) { return id.starts_with(group); });
    return isOfAny ? QString::fromLatin1(kAnyWorkspace) : QString();
}

/// Every option of a run, by the protocol's names.
QStringList runParameters()
{
    QStringList names;
    for (const OptionRow& row : optionRows()) {
        if (row.isOf(RunVerb))
            names.append(QString::fromStdString(row.parameter));
    }
    return names;
}

} // namespace

QString recentCommand(int number)
{
    return QStringLiteral("file.recent.%1").arg(number);
}

std::vector<CommandSpec> specsOf(std::span<const CommandRow> rows, const QString& workspace)
{
    std::vector<CommandSpec> specs;
    for (const CommandRow& row : rows)
        specs.push_back({QString::fromUtf8(row.id), QString::fromUtf8(row.text), QString::fromUtf8(row.help),
                         QString::fromUtf8(row.shortcut), QString::fromUtf8(row.menu),
                         QString::fromUtf8(row.parameters).split(QLatin1Char(' '), Qt::SkipEmptyParts),
                         row.checkable, row.palette, workspace});
    return specs;
}

const std::vector<CommandSpec>& windowCommands()
{
    static const std::vector<CommandSpec> commands = [] {
        std::vector<CommandSpec> specs;
        for (const CommandRow& row : kRows) {
            specs.push_back(specsOf({&row, 1}, workspaceOf(row.id)).front());
            if (row.id == std::string_view("run.new"))
                specs.back().parameters = runParameters();
            if (row.id != std::string_view("file.recent"))
                continue;
            for (int number = 1; number <= kRecentCommands; ++number)
                specs.push_back({recentCommand(number),
                                 QStringLiteral("Recent trace %1").arg(number),
                                 QStringLiteral("Open the trace of this place in the list of recent ones"),
                                 {},
                                 QStringLiteral("File/Recent"),
                                 {},
                                 false,
                                 CommandSpec::Palette::Offered,
                                 {}});
        }
        return specs;
    }();
    return commands;
}

} // namespace headwater
