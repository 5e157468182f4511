// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/explore/explore_commands.h"

namespace headwater {

namespace {

constexpr auto kAsks = CommandSpec::Palette::AsksArguments;

// clang-format off
constexpr CommandRow kRows[] = {
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
    {"inspector.reads", "Fold the reads", "Fold or unfold the list of what the locked row reads", "", "View/Inspector", ""},
    {"inspector.heads", "Fold the heads", "Fold or unfold the list of the heads that read the same place", "", "View/Inspector", ""},
    {"inspector.readers", "Fold the readers", "Fold or unfold the list of who reads the locked key", "", "View/Inspector", ""},
    {"inspector.profile", "Fold the profiles", "Fold or unfold the profiles over the whole text", "", "View/Inspector", ""},
    {"heads.filter", "Filter the heads…", "Show only some heads: layers first_layer= to last_layer=, values of the order of at least least=, readers=on for those that give the locked place at least 1 % of the row (or readers= that share, as 0.05); without arguments the fields", "Ctrl+Shift+H", "View", "first_layer last_layer least readers"},
    {"heads.filter.clear", "Show all heads", "Take the filter of the heads away", "", "View", ""},
    {"heads.sort", "Order the heads", "order=layer, kept_mass, content, entropy, sink_share, mean_distance, density or selection (the mass read from it); falling=on or off", "", "", "order falling", false, kAsks},
    {"view.goto", "Go to a place", "Show a head, lock a query and a key, centre them at `zoom` tokens a pixel", "", "", "layer head query key zoom", false, kAsks},
    {"view.mode", "Map mode", "mode=max, count or missed", "", "", "mode", false, kAsks},
    {"view.range", "Colour range", "low= and high=, as probabilities from 0 to 1", "", "", "low high", false, kAsks},
    {"view.colours", "Colour map", "map=magma, viridis, cividis or greys", "", "", "map", false, kAsks},
};
// clang-format on

} // namespace

std::vector<CommandSpec> exploreCommands()
{
    return specsOf(kRows, QStringLiteral("explore"));
}

} // namespace headwater
