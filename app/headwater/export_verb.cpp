// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/verb.h"
#include "core/base/text.h"
#include "core/trace/export_head.h"
#include "core/trace/trace_place.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

struct ExportArguments {
    std::string trace;
    int layer = 0;
    int head = 0;
    std::string format; ///< empty: by the output's ending
    std::string output;
    bool json = false;
};

/// "npz" or "csv": what was asked for, which the output's ending must not contradict, else what the ending
/// says.
Result<std::string> formatOf(const ExportArguments& arguments)
{
    const std::string ending = std::filesystem::path(arguments.output).extension().string();
    const std::string named = ending == ".npz" || ending == ".csv" ? ending.substr(1) : std::string();
    if (arguments.format.empty() && named.empty())
        return Error{ErrorCode::InvalidArgument, "expected a name that ends with .npz or .csv, or --format",
                     arguments.output};
    if (!arguments.format.empty() && !named.empty() && arguments.format != named)
        return Error{ErrorCode::InvalidArgument,
                     "--format " + arguments.format + " contradicts the name's ending", arguments.output};
    return arguments.format.empty() ? named : arguments.format;
}

Result<int> exportHead(const ExportArguments& arguments)
{
    // An export over its own input is told as that, whatever its ending.
    HEADWATER_TRY(refuseTracePlace(arguments.output));
    HEADWATER_TRY_ASSIGN(const std::string format, formatOf(arguments));
    HEADWATER_TRY_ASSIGN(const std::shared_ptr<const Trace> trace, Trace::open(arguments.trace));
    if (format == "npz")
        HEADWATER_TRY(exportHeadNpz(*trace, arguments.layer, arguments.head, arguments.output));
    else
        HEADWATER_TRY(exportHeadCsv(*trace, arguments.layer, arguments.head, arguments.output));
    if (arguments.json)
        printJson({{"file", arguments.output},
                   {"format", format},
                   {"layer", arguments.layer},
                   {"head", arguments.head}});
    else
        std::printf("%s\n", printable(arguments.output).c_str());
    return 0;
}

} // namespace

void addExportVerb(CLI::App& app, VerbAction& action)
{
    auto arguments = std::make_shared<ExportArguments>();
    CLI::App* const verb =
        app.add_subcommand("export", "one head's edges for other programs: npz (scipy.sparse) or csv");
    verb->add_option("trace", arguments->trace, "the trace (*.hwt)")->required();
    verb->add_option("--layer", arguments->layer, "the layer")->required();
    verb->add_option("--head", arguments->head, "the head")->required();
    verb->add_option("--format", arguments->format, "npz or csv [by the ending of the file to write]")
        ->check(CLI::IsMember({"npz", "csv"}));
    verb->add_option("-o,--output", arguments->output, "the file to write, *.npz or *.csv")->required();
    verb->add_flag("--json", arguments->json, "print JSON");
    verb->callback([arguments, &action] {
        action = [arguments](const VerbContext&) { return exportHead(*arguments); };
    });
}

} // namespace headwater
