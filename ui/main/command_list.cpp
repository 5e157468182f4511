// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/command_list.h"

#include "core/options/option_table.h"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace headwater {

namespace {

struct Row {
    const char* id;
    const char* text;
    const char* help;
    const char* shortcut;
    const char* menu;
    const char* parameters; ///< separated by spaces
    bool checkable = false;
    CommandSpec::Palette palette = CommandSpec::Palette::Offered;
};

constexpr auto kAsks = CommandSpec::Palette::AsksArguments;
constexpr auto kScripts = CommandSpec::Palette::ScriptsOnly;

// clang-format off
constexpr Row kRows[] = {
    {"file.open", "Open…", "Open a trace, a model (to run it) or a text (to run a model on it)", "Ctrl+O", "File", "path encoding"},
    {"file.sample", "Open the sample", "Open the trace that comes with Headwater: SmolLM2 on a short story", "", "File", ""},
    {"file.recent", "Open the last one again", "Open the trace that was open before this one, or the one of a number", "Ctrl+Shift+O", "File/Recent", "number"},
    {"file.close", "Close trace", "Close the trace and go back to the welcome page", "Ctrl+W", "File", ""},
    {"-", "", "", "", "File", ""},
    {"file.export", "Export figure…", "Write the map of the view for a paper: PDF, SVG or PNG by the path's extension", "Ctrl+E", "File", "path width dpi title with_title with_caption"},
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
    {"view.mode.max", "Largest probability", "Colour each cell by its largest probability", "Alt+1", "View", "", true},
    {"view.mode.count", "Count of edges", "Colour each cell by the number of kept edges in it", "Alt+2", "View", "", true},
    {"view.mode.missed", "Missed mass", "Colour each row by the probability that its kept blocks do not hold", "Alt+3", "View", "", true},
    {"-", "", "", "", "View", ""},
    {"view.mask.sinks", "Mask sinks", "Hide the columns of sink tokens (the data stay as they are)", "S", "View", "on", true},
    {"view.mask.diagonal", "Mask diagonal", "Hide the diagonal and the recent blocks (the data stay as they are)", "D", "View", "on", true},
    {"-", "", "", "", "View", ""},
    {"view.text.loss", "Shade the text by loss", "Shade each word by its loss, −ln of the probability that the row before gave to it, instead of by what the locked row reads", "", "View", "on", true},
    {"-", "", "", "", "View", ""},
    {"view.zoom.in", "Zoom in", "Half as many tokens a pixel", "+; =", "View/Zoom", ""},
    {"view.zoom.out", "Zoom out", "Twice as many tokens a pixel", "-", "View/Zoom", ""},
    {"view.zoom.all", "Whole map", "Show the whole square", "0", "View/Zoom", ""},
    {"view.zoom.lock", "To the locked block", "The block of the locked pair over two thirds of the map, in its middle", "Z", "View/Zoom", ""},
    {"view.exact", "Compute the pairs on screen exactly", "Below the block size: have the engine compute the pairs on screen, in a session of the trace's model", "E", "View", ""},
    {"view.exact.head", "Compute the whole pattern exactly", "Every pair of the shown head, of at most 4 096 tokens", "", "View", ""},
    {"view.exact.model", "Choose the model of the trace…", "The file that made the trace, for exact pairs, where it is not found", "", "View", "path"},
    {"view.exact.close", "Close the session", "Give back the memory that exact pairs took in the engine; what was computed stays", "", "View", ""},
    {"-", "", "", "", "View", ""},
    {"view.range.fit", "Fit the colour range", "Set the colour range to what the shown head holds", "F", "View/Colours", ""},
    {"view.range.reset", "Reset the colour range", "Colour from 1e-4 to 1, logarithmic", "", "View/Colours", ""},
    {"view.colours.magma", "Magma", "Colour map magma, from white to dark in the light theme", "", "View/Colours", "", true},
    {"view.colours.viridis", "Viridis", "Colour map viridis", "", "View/Colours", "", true},
    {"view.colours.cividis", "Cividis", "Colour map cividis, made for colour-blind readers", "", "View/Colours", "", true},
    {"view.colours.greys", "Greys", "Colour map greys", "", "View/Colours", "", true},
    {"view.colours.log", "Logarithmic", "Logarithmic or linear colour scale", "L", "View/Colours", "on", true},
    {"view.theme.dark", "Dark", "Dark window", "", "View/Theme", "", true},
    {"view.theme.light", "Light", "Light window", "", "View/Theme", "", true},
    {"view.theme.system", "As the desktop", "Dark or light as the desktop is", "", "View/Theme", "", true},
    {"view.theme.toggle", "Switch dark and light", "From dark to light or back", "Ctrl+T", "View/Theme", ""},
    {"view.layout.reset", "Reset the panels", "Put all panels back where they were at first", "", "View/Panels", ""},
    {"inspector.reads", "Fold the reads", "Fold or unfold the list of what the locked row reads", "", "View/Inspector", ""},
    {"inspector.heads", "Fold the heads", "Fold or unfold the list of the heads that read the same place", "", "View/Inspector", ""},
    {"inspector.readers", "Fold the readers", "Fold or unfold the list of who reads the locked key", "", "View/Inspector", ""},
    {"inspector.profile", "Fold the profiles", "Fold or unfold the profiles over the whole text", "", "View/Inspector", ""},
    {"heads.filter", "Filter the heads…", "Show only some heads: layers first_layer= to last_layer=, values of the order of at least least=, readers=on for those that give the locked place at least 1 % of the row (or readers= that share, as 0.05); without arguments the fields", "Ctrl+Shift+H", "View", "first_layer last_layer least readers"},
    {"heads.filter.clear", "Show all heads", "Take the filter of the heads away", "", "View", ""},
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

    {"help.verdict", "How far to trust this map", "What the map holds, and what behaviour survived", "F4", "Help", ""},
    {"help.commands", "All commands", "The list of commands with their shortcuts", "F1", "Help", ""},
    {"help.about", "About Headwater", "Version, licence and engine", "", "Help", ""},

    {"select.head", "Select a head", "Show one head", "", "", "layer head", false, kAsks},
    {"heads.sort", "Order the heads", "order=layer, kept_mass, content, entropy, sink_share, mean_distance, density or selection (the mass read from it); falling=on or off", "", "", "order falling", false, kAsks},
    {"select.lock", "Lock a pair", "Lock a query row, a key column, or both", "", "", "query key", false, kAsks},
    {"view.goto", "Go to a place", "Show a head, lock a query and a key, centre them at `zoom` tokens a pixel", "", "", "layer head query key zoom", false, kAsks},
    {"view.mode", "Map mode", "mode=max, count or missed", "", "", "mode", false, kAsks},
    {"view.range", "Colour range", "low= and high=, as probabilities from 0 to 1", "", "", "low high", false, kAsks},
    {"view.colours", "Colour map", "map=magma, viridis, cividis or greys", "", "", "map", false, kAsks},
    {"view.theme", "Theme", "theme=dark, light or system", "", "", "theme", false, kAsks},
    {"view.wait", "Wait for the picture", "Scripts: go on when every tile on screen is there", "", "", "", false, kScripts},
    {"run.wait", "Wait for the run", "Scripts: go on when the run has ended", "", "", "", false, kScripts},
    {"diag.watchdog", "Watchdog report", "Scripts: print at exit how often the window's thread was busy for more than 50 ms", "", "", "", false, kScripts},
};
// clang-format on

/// What these say is done to the map on screen.
constexpr std::string_view kOfMap[] = {"edit.undo",  "edit.redo",    "go.back",   "go.forward", "heads.",
                                       "inspector.", "select.",      "view.mode", "view.mask.", "view.zoom.",
                                       "view.range", "view.colours", "view.goto", "view.exact", "view.text."};

bool isOfMap(std::string_view id)
{
    return std::any_of(std::begin(kOfMap), std::end(kOfMap),
                       [id](std::string_view group) { return id.starts_with(group); });
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

const std::vector<CommandSpec>& explorerCommands()
{
    static const std::vector<CommandSpec> commands = [] {
        std::vector<CommandSpec> specs;
        for (const Row& row : kRows) {
            specs.push_back({QString::fromUtf8(row.id), QString::fromUtf8(row.text),
                             QString::fromUtf8(row.help), QString::fromUtf8(row.shortcut),
                             QString::fromUtf8(row.menu),
                             QString::fromUtf8(row.parameters).split(QLatin1Char(' '), Qt::SkipEmptyParts),
                             row.checkable, row.palette, isOfMap(row.id)});
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
                                 {}});
        }
        return specs;
    }();
    return commands;
}

} // namespace headwater
