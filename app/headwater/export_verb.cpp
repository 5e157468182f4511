// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/head_list.h"
#include "app/headwater/verb.h"
#include "core/base/file_name.h"
#include "core/trace/export_head.h"
#include "core/trace/trace_place.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

namespace headwater {
namespace {

struct ExportArguments {
    std::string trace;
    std::string layers;
    std::string heads;
    std::optional<std::string> queries;
    std::optional<std::string> keys;
    std::string format; ///< empty: by the output's ending
    std::string output;
    bool json = false;
};

/// A folder that is there, or a name that ends as one.
bool isFolder(const std::string& output)
{
    std::error_code failed;
    return output.ends_with('/') || std::filesystem::is_directory(output, failed);
}

/// What was asked for, which the output's ending must not contradict, else what the ending says.
Result<ExportFormat> formatOf(const ExportArguments& arguments)
{
    const std::string ending = std::filesystem::path(arguments.output).extension().string();
    const bool hasEnding = (ending == ".npz" || ending == ".csv") && !isFolder(arguments.output);
    const std::string named = hasEnding ? ending.substr(1) : std::string();
    if (arguments.format.empty() && isFolder(arguments.output))
        return Error{ErrorCode::InvalidArgument,
                     "is a folder, which has no ending that says npz or csv: give --format",
                     arguments.output};
    if (arguments.format.empty() && named.empty())
        return Error{ErrorCode::InvalidArgument, "expected a name that ends with .npz or .csv, or --format",
                     arguments.output};
    if (!arguments.format.empty() && !named.empty() && arguments.format != named)
        return Error{ErrorCode::InvalidArgument,
                     "--format " + arguments.format + " contradicts the name's ending", arguments.output};
    return (named.empty() ? arguments.format : named) == "npz" ? ExportFormat::Npz : ExportFormat::Csv;
}

Result<void> makeFolder(const std::string& folder)
{
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed)
        return Error{ErrorCode::CannotCreate, "cannot be created: " + failed.message(), folder};
    return {};
}

/// Leaves out the heads of which only overviews are stored, unless they are all that was asked for.
std::size_t leaveOutBare(const Trace& trace, std::vector<HeadId>& heads)
{
    const auto hasEdges = [&trace](HeadId head) { return trace.hasEdges(head.layer, head.head); };
    const auto bare = std::stable_partition(heads.begin(), heads.end(), hasEdges);
    if (bare == heads.begin())
        return 0; // reading the first says what is missing
    const auto count = static_cast<std::size_t>(heads.end() - bare);
    heads.erase(bare, heads.end());
    return count;
}

Result<std::optional<TokenRange>> rangeOf(const std::optional<std::string>& given, const Trace& trace)
{
    if (!given)
        return std::optional<TokenRange>();
    HEADWATER_TRY_ASSIGN(const TokenRange range, parseTokenRange(*given, trace.seqLen()));
    return std::optional(range);
}

nlohmann::json jsonOf(const std::optional<TokenRange>& range, const Trace& trace)
{
    return {range ? range->begin : 0, range ? range->end : trace.seqLen()};
}

void print(const ExportArguments& arguments, const ExportRequest& request, const Trace& trace,
           const std::vector<ExportedHead>& written, std::size_t leftOut)
{
    if (arguments.json) {
        nlohmann::json heads = nlohmann::json::array();
        for (const ExportedHead& head : written) {
            heads.push_back({{"layer", head.layer},
                             {"head", head.head},
                             {"edges", head.edges},
                             {"file", textOfPath(head.file)}});
        }
        printJson({{"file", textOfPath(arguments.output)},
                   {"format", request.format == ExportFormat::Npz ? "npz" : "csv"},
                   {"query", jsonOf(request.queries, trace)},
                   {"key", jsonOf(request.keys, trace)},
                   {"heads", std::move(heads)},
                   {"left_out", leftOut}});
        return;
    }
    if (leftOut > 0)
        std::fprintf(stderr, "%zu heads are left out: only their overviews are stored\n", leftOut);
    std::error_code failed;
    if (!request.isFolder && !std::filesystem::is_regular_file(request.path, failed))
        return; // a pipe, perhaps our own standard output, holds the table and nothing else
    for (const ExportedHead& head : written) {
        if (request.isFolder || &head == &written.front())
            printName(head.file);
    }
}

Result<int> exportTrace(const ExportArguments& arguments, const VerbContext& context)
{
    // An export over its own input is told as that, whatever its ending.
    HEADWATER_TRY(refuseTracePlace(arguments.output));
    ExportRequest request;
    HEADWATER_TRY_ASSIGN(request.format, formatOf(arguments));
    HEADWATER_TRY_ASSIGN(const std::shared_ptr<const Trace> trace, Trace::open(arguments.trace));
    HEADWATER_TRY_ASSIGN(request.heads, headsNamed(*trace, arguments.layers, arguments.heads));
    HEADWATER_TRY_ASSIGN(request.queries, rangeOf(arguments.queries, *trace));
    HEADWATER_TRY_ASSIGN(request.keys, rangeOf(arguments.keys, *trace));
    const std::size_t leftOut = leaveOutBare(*trace, request.heads);
    request.path = arguments.output;
    request.isFolder = isFolder(arguments.output);
    if (request.isFolder)
        HEADWATER_TRY(makeFolder(arguments.output));
    const DirectOutput direct(arguments.output, context);
    const Result<std::vector<ExportedHead>> written =
        exportHeads(*trace, request, terminalProgress(), context.stop);
    endTerminalProgress();
    if (!written)
        return written.error();
    print(arguments, request, *trace, *written, leftOut);
    return 0;
}

} // namespace

void addExportVerb(CLI::App& app, VerbAction& action)
{
    auto arguments = std::make_shared<ExportArguments>();
    CLI::App* const verb =
        app.add_subcommand("export", "edges of heads for other programs: npz (scipy.sparse) or csv");
    verb->add_option("trace", arguments->trace, "the trace (*.hwt)")->transform(fileName())->required();
    verb->add_option("--layer", arguments->layers, "the layer, a list as 0,3,7-9, or all")->required();
    verb->add_option("--head", arguments->heads, "the head, a list as 0,3,7-9, or all")->required();
    verb->add_option("--query", arguments->queries,
                     "only the blocks that hold one of the query tokens A:B [all]");
    verb->add_option("--key", arguments->keys, "only the blocks that hold one of the key tokens A:B [all]");
    verb->add_option("--format", arguments->format, "npz or csv [by the ending of the file to write]")
        ->check(CLI::IsMember({"npz", "csv"}));
    verb->add_option("-o,--output", arguments->output,
                     "the file to write, *.npz or *.csv; or a folder (NAME/): a file a head, L3-H2.npz")
        ->transform(fileName())
        ->required();
    verb->add_flag("--json", arguments->json, "print JSON");
    verb->callback([arguments, &action] {
        action = [arguments](const VerbContext& context) { return exportTrace(*arguments, context); };
    });
}

} // namespace headwater
