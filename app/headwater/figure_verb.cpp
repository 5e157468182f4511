// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/verb.h"
#include "core/base/file_name.h"
#include "core/base/text.h"
#include "core/figure/heatmap_figure.h"

#include <charconv>
#include <cstdio>
#include <fmt/ranges.h>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <vector>

namespace headwater {
namespace {

/// What was given; everything else comes from the description of an older figure, or is the default.
struct FigureArguments {
    std::string trace;
    std::string from;
    std::optional<int> layer;
    std::optional<int> head;
    std::vector<std::string> heads;
    std::optional<std::uint32_t> columns;
    std::optional<std::string> queries;
    std::optional<std::string> keys;
    std::optional<std::string> width;
    std::optional<std::string> quantity;
    std::optional<std::string> colormap;
    std::optional<bool> isReversed;
    std::optional<double> low;
    std::optional<double> high;
    std::optional<bool> isLogarithmic;
    std::optional<bool> masksSinks;
    std::optional<bool> masksDiagonal;
    std::optional<std::uint32_t> level;
    std::vector<std::string> markedQueries;
    std::vector<std::string> markedKeys;
    std::optional<bool> hasRowMargin;
    std::optional<bool> hasKeyMargin;
    std::optional<std::string> title;
    std::optional<bool> hasTitle;
    std::optional<bool> hasCaption;
    std::optional<bool> hasBar;
    std::optional<double> dpi;
    std::optional<bool> hasLiveText;
    std::string output;
    bool json = false;
};

template <class Value, class Target> void takeGiven(const std::optional<Value>& given, Target& target)
{
    if (given)
        target = *given;
}

Result<void> takeRange(const std::optional<std::string>& given, const Trace& trace,
                       std::optional<TokenRange>& target)
{
    if (given) {
        HEADWATER_TRY_ASSIGN(target, parseTokenRange(*given, trace.seqLen()));
    }
    return {};
}

/// "L23H2". Errors: InvalidArgument.
Result<HeadId> parseHead(std::string_view name)
{
    HeadId head;
    const char* const end = name.data() + name.size();
    if (name.starts_with('L')) {
        const auto [after, error] = std::from_chars(name.data() + 1, end, head.layer);
        if (error == std::errc() && after != end && *after == 'H') {
            const auto [rest, wrong] = std::from_chars(after + 1, end, head.head);
            if (wrong == std::errc() && rest == end && head.layer >= 0 && head.head >= 0)
                return head;
        }
    }
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("'{}' names no head: expected a layer and a head, as in L23H2", printable(name)),
                 {}};
}

/// "L23H2", "L18H7".
Result<void> takeHeads(const std::vector<std::string>& given, std::vector<HeadId>& target)
{
    if (given.empty())
        return {};
    target.clear();
    for (const std::string& name : given) {
        HEADWATER_TRY_ASSIGN(const HeadId head, parseHead(name));
        target.push_back(head);
    }
    return {};
}

/// Tokens and ranges: "8008", "8004:8012"; "none" takes those of a description away.
Result<void> takeMarks(const std::vector<std::string>& given, const Trace& trace,
                       std::vector<TokenRange>& target)
{
    if (given.empty())
        return {};
    target.clear();
    for (const std::string& mark :
         given == std::vector<std::string>{"none"} ? std::vector<std::string>() : given) {
        HEADWATER_TRY_ASSIGN(const TokenRange tokens, parseTokens(mark, trace.seqLen()));
        target.push_back(tokens);
    }
    return {};
}

/// Lays the arguments over `options`.
Result<void> takeArguments(const FigureArguments& arguments, const Trace& trace,
                           HeatmapFigureOptions& options)
{
    takeGiven(arguments.layer, options.layer);
    takeGiven(arguments.head, options.head);
    if (arguments.layer || arguments.head)
        options.heads.clear();
    HEADWATER_TRY(takeHeads(arguments.heads, options.heads));
    takeGiven(arguments.columns, options.columns);
    HEADWATER_TRY(takeRange(arguments.queries, trace, options.queries));
    HEADWATER_TRY(takeRange(arguments.keys, trace, options.keys));
    if (arguments.width) {
        HEADWATER_TRY_ASSIGN(options.widthMm, parseLengthMm(*arguments.width));
    }
    if (arguments.quantity)
        options.quantity = cellQuantityNamed(*arguments.quantity).value_or(options.quantity);
    if (arguments.colormap)
        options.colormap = colormapNamed(*arguments.colormap).value_or(options.colormap);
    takeGiven(arguments.isReversed, options.isReversed);
    takeGiven(arguments.low, options.limits.low);
    takeGiven(arguments.high, options.limits.high);
    takeGiven(arguments.isLogarithmic, options.limits.isLogarithmic);
    takeGiven(arguments.masksSinks, options.maskSinks);
    takeGiven(arguments.masksDiagonal, options.maskDiagonal);
    takeGiven(arguments.level, options.level);
    HEADWATER_TRY(takeMarks(arguments.markedQueries, trace, options.markedQueries));
    HEADWATER_TRY(takeMarks(arguments.markedKeys, trace, options.markedKeys));
    takeGiven(arguments.hasRowMargin, options.hasRowMargin);
    takeGiven(arguments.hasKeyMargin, options.hasKeyMargin);
    if (arguments.title) // a description holds UTF-8 alone: bytes that are none stand in it as they are drawn
        options.title = isUtf8(*arguments.title) ? *arguments.title : printable(*arguments.title);
    options.hasTitle = arguments.hasTitle.value_or(options.hasTitle || arguments.title);
    takeGiven(arguments.hasCaption, options.hasCaption);
    takeGiven(arguments.hasBar, options.hasBar);
    takeGiven(arguments.dpi, options.pngDpi);
    takeGiven(arguments.hasLiveText, options.hasLiveText);
    return {};
}

Result<int> figure(const FigureArguments& arguments, const VerbContext& context)
{
    FigureSidecar figure;
    figure.trace = arguments.trace;
    if (!arguments.from.empty()) {
        HEADWATER_TRY_ASSIGN(figure, readFigureSidecar(arguments.from));
        if (!arguments.trace.empty())
            figure.trace = arguments.trace; // it has moved, or another one is to be drawn the same way
    } else if (arguments.trace.empty()
               || (arguments.heads.empty() && (!arguments.layer || !arguments.head))) {
        return Error{ErrorCode::InvalidArgument,
                     "expected a trace with --layer and --head, or with --heads, or --from F.json", "figure"};
    }
    const auto opened = Trace::open(figure.trace);
    if (!opened) {
        Error error = opened.error();
        if (arguments.trace.empty())
            error.message += "; it is the trace that " + printable(arguments.from)
                + " names: where it has moved, give its name too";
        return error;
    }
    const std::shared_ptr<const Trace>& trace = *opened;
    if (!arguments.from.empty() && arguments.trace.empty() && trace->seqLen() != figure.seqLen)
        return Error{
            ErrorCode::InvalidArgument,
            fmt::format("the trace has {} tokens and the figure was made from {}: it is another run's; "
                        "to draw it the same way all the same, give its name too",
                        trace->seqLen(), figure.seqLen),
            figure.trace.string()};
    HEADWATER_TRY(takeArguments(arguments, *trace, figure.options));
    const DirectOutput direct(arguments.output, context);
    HEADWATER_TRY_ASSIGN(const FigureWritten written,
                         exportHeatmap(trace, figure.options, arguments.output, context.stop));
    if (!written.dropped.empty())
        std::fprintf(stderr, "note: no room in the figure for: %s\n",
                     fmt::format("{}", fmt::join(written.dropped, ", ")).c_str());
    if (arguments.json)
        printJson({{"figure", textOfPath(arguments.output)},
                   {"description", textOfPath(sidecarPathOf(arguments.output))},
                   {"options", toJson(figure.options)},
                   {"dropped", written.dropped},
                   {"caption", written.caption}});
    else
        printName(arguments.output);
    return 0;
}

/// Sets the flag when it or its negation is given, and only then: CLI11 sets a bound optional to false in any
/// case.
std::function<void(std::int64_t)> takeFlag(std::optional<bool>& flag)
{
    return [&flag](std::int64_t count) { flag = count > 0; };
}

} // namespace

void addFigureVerb(CLI::App& app, VerbAction& action)
{
    auto arguments = std::make_shared<FigureArguments>();
    std::vector<std::string_view> widths;
    for (const PageWidth& width : pageWidths())
        widths.push_back(width.name);
    CLI::App* const verb =
        app.add_subcommand("figure", "maps of heads as a figure for a paper (PDF, SVG or PNG)");
    verb->add_option("trace", arguments->trace, "the trace (*.hwt) [with --from: the one it names]")
        ->transform(fileName());
    verb->add_option("--from", arguments->from,
                     "make a figure again from its description; other options change it")
        ->type_name("F.json")
        ->transform(fileName());
    verb->add_option("--layer", arguments->layer, "the layer");
    verb->add_option("--head", arguments->head, "the head");
    verb->add_option("--heads", arguments->heads, "a panel for each of these heads, (a), (b), (c) and so on")
        ->type_name("L1H2,…")
        ->delimiter(',')
        ->excludes("--layer")
        ->excludes("--head");
    verb->add_option("--columns", arguments->columns, "panels in a row [as many as have room]")
        ->check(CLI::Range(1, 26));
    verb->add_option("--query", arguments->queries, "tokens of the query axis [all]")->type_name("A:B");
    verb->add_option("--key", arguments->keys, "tokens of the key axis [all]")->type_name("A:B");
    verb->add_option("--level", arguments->level, "cells of 2^LEVEL tokens [as fine as the figure resolves]");
    verb->add_option("--width", arguments->width,
                     fmt::format("width with its unit (cm, mm, in, pt, px) or a page's: {} [acl]",
                                 fmt::join(widths, ", ")));
    verb->add_option("--mode", arguments->quantity, "what a cell shows [max]")
        ->check(CLI::IsMember({"max", "count", "missed"}));
    verb->add_option("--colours", arguments->colormap, "colour map [magma]")
        ->check(CLI::IsMember({"magma", "viridis", "cividis", "greys"}));
    verb->add_flag_function("--reversed,!--not-reversed", takeFlag(arguments->isReversed),
                            "whether nothing is light, as a page is [--reversed]");
    verb->add_flag_function("--logarithmic,!--linear", takeFlag(arguments->isLogarithmic),
                            "the scale of the colours [--logarithmic]");
    verb->add_flag_function("--mask-sinks,!--show-sinks", takeFlag(arguments->masksSinks),
                            "whether the key blocks of sinks are grey [--show-sinks]");
    verb->add_flag_function("--mask-diagonal,!--show-diagonal", takeFlag(arguments->masksDiagonal),
                            "whether the diagonal's blocks and the recent ones are grey [--show-diagonal]");
    verb->add_option("--low", arguments->low, "value at the low end of the colours [0.0001]");
    verb->add_option("--high", arguments->high, "value at the high end [1]");
    verb->add_option("--mark-query", arguments->markedQueries,
                     "queries to frame, a token or a range each, or none")
        ->type_name("A[:B]")
        ->delimiter(',');
    verb->add_option("--mark-key", arguments->markedKeys, "keys to frame, a token or a range each, or none")
        ->type_name("A[:B]")
        ->delimiter(',');
    verb->add_flag_function(
        "--margin-query,!--no-margin-query", takeFlag(arguments->hasRowMargin),
        "whether bars above the map show what the one marked query reads [--no-margin-query]");
    verb->add_flag_function("--margin-key,!--no-margin-key", takeFlag(arguments->hasKeyMargin),
                            "whether bars right of it show who reads the one marked key [--no-margin-key]");
    verb->add_option("--title", arguments->title, "title [the head's name]");
    verb->add_flag_function("--with-title,!--no-title", takeFlag(arguments->hasTitle),
                            "whether the title is drawn [--with-title]");
    verb->add_flag_function("--with-caption,!--no-caption", takeFlag(arguments->hasCaption),
                            "whether the caption is drawn [--with-caption]");
    verb->add_flag_function(
        "--live-text,!--outlines", takeFlag(arguments->hasLiveText),
        "whether an SVG's words are text for an editor, in the viewer's fonts [--outlines]");
    verb->add_flag_function("--with-bar,!--no-bar", takeFlag(arguments->hasBar),
                            "whether the colour bar is drawn [--with-bar]");
    verb->add_option("--dpi", arguments->dpi, "resolution of a PNG [600]");
    verb->add_option("-o,--output", arguments->output, "F.pdf, F.svg or F.png")
        ->transform(fileName())
        ->required();
    verb->add_flag("--json", arguments->json, "print JSON");
    verb->callback([arguments, &action] {
        action = [arguments](const VerbContext& context) { return figure(*arguments, context); };
    });
}

} // namespace headwater
