// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/verb.h"
#include "core/base/text.h"
#include "core/figure/heatmap_figure.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

struct FigureArguments {
    std::string trace;
    HeatmapFigureOptions options;
    std::string queries;
    std::string keys;
    std::string width = "7.7cm";
    std::string quantity = "max";
    std::string colormap = "magma";
    std::string output;
    bool json = false;
};

Result<int> figure(FigureArguments& arguments, const VerbContext& context)
{
    HEADWATER_TRY_ASSIGN(const std::shared_ptr<const Trace> trace, Trace::open(arguments.trace));
    HeatmapFigureOptions& options = arguments.options;
    HEADWATER_TRY_ASSIGN(options.widthMm, parseLengthMm(arguments.width));
    if (!arguments.queries.empty()) {
        HEADWATER_TRY_ASSIGN(options.queries, parseTokenRange(arguments.queries, trace->seqLen()));
    }
    if (!arguments.keys.empty()) {
        HEADWATER_TRY_ASSIGN(options.keys, parseTokenRange(arguments.keys, trace->seqLen()));
    }
    options.quantity = cellQuantityNamed(arguments.quantity).value_or(CellQuantity::Max);
    options.colormap = colormapNamed(arguments.colormap).value_or(Colormap::Magma);
    HEADWATER_TRY(exportHeatmap(trace, options, arguments.output, context.stop));
    if (arguments.json)
        printJson({{"figure", arguments.output}, {"options", toJson(options)}});
    else
        std::printf("%s\n", printable(arguments.output).c_str());
    return 0;
}

} // namespace

void addFigureVerb(CLI::App& app, VerbAction& action)
{
    auto arguments = std::make_shared<FigureArguments>();
    CLI::App* const verb = app.add_subcommand("figure", "one head's map as a figure for a paper (PDF, SVG or PNG)");
    verb->add_option("trace", arguments->trace, "the trace (*.hwt)")->required();
    verb->add_option("--layer", arguments->options.layer, "the layer")->required();
    verb->add_option("--head", arguments->options.head, "the head")->required();
    verb->add_option("--query", arguments->queries, "tokens of the query axis [all]")->type_name("A:B");
    verb->add_option("--key", arguments->keys, "tokens of the key axis [all]")->type_name("A:B");
    verb->add_option("--width", arguments->width, "width with its unit: cm, mm, in, pt or px")->capture_default_str();
    verb->add_option("--mode", arguments->quantity, "what a cell shows")
        ->check(CLI::IsMember({"max", "count", "missed"}))
        ->capture_default_str();
    verb->add_option("--colours", arguments->colormap, "colour map")
        ->check(CLI::IsMember({"magma", "viridis", "cividis", "greys"}))
        ->capture_default_str();
    verb->add_option("--low", arguments->options.limits.low, "value at the low end of the colours")->capture_default_str();
    verb->add_option("--high", arguments->options.limits.high, "value at the high end")->capture_default_str();
    verb->add_option("--title", arguments->options.title, "title [the head's name]");
    verb->add_option("--dpi", arguments->options.pngDpi, "resolution of a PNG")->capture_default_str();
    verb->add_option("-o,--output", arguments->output, "F.pdf, F.svg or F.png")->required();
    verb->add_flag("--json", arguments->json, "print JSON");
    verb->callback([arguments, &action] {
        action = [arguments](const VerbContext& context) { return figure(*arguments, context); };
    });
}

} // namespace headwater
