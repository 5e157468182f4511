// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/verb.h"
#include "core/base/text.h"
#include "core/trace/export_head.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

struct ExportArguments {
    std::string trace;
    int layer = 0;
    int head = 0;
    std::string format = "npz";
    std::string output;
    bool json = false;
};

Result<int> exportHead(const ExportArguments& arguments)
{
    HEADWATER_TRY_ASSIGN(const std::shared_ptr<const Trace> trace, Trace::open(arguments.trace));
    if (arguments.format == "npz")
        HEADWATER_TRY(exportHeadNpz(*trace, arguments.layer, arguments.head, arguments.output));
    else
        HEADWATER_TRY(exportHeadCsv(*trace, arguments.layer, arguments.head, arguments.output));
    if (arguments.json)
        printJson({{"file", arguments.output}, {"format", arguments.format}, {"layer", arguments.layer}, {"head", arguments.head}});
    else
        std::printf("%s\n", printable(arguments.output).c_str());
    return 0;
}

} // namespace

void addExportVerb(CLI::App& app, VerbAction& action)
{
    auto arguments = std::make_shared<ExportArguments>();
    CLI::App* const verb = app.add_subcommand("export", "one head's edges for other programs: npz (scipy.sparse) or csv");
    verb->add_option("trace", arguments->trace, "the trace (*.hwt)")->required();
    verb->add_option("--layer", arguments->layer, "the layer")->required();
    verb->add_option("--head", arguments->head, "the head")->required();
    verb->add_option("--format", arguments->format, "npz or csv")->check(CLI::IsMember({"npz", "csv"}))->capture_default_str();
    verb->add_option("-o,--output", arguments->output, "the file to write")->required();
    verb->add_flag("--json", arguments->json, "print JSON");
    verb->callback([arguments, &action] {
        action = [arguments](const VerbContext&) { return exportHead(*arguments); };
    });
}

} // namespace headwater
