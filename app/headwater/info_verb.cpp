// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/verb.h"
#include "core/base/bidi_text.h"
#include "core/base/file_name.h"
#include "core/base/known_number.h"
#include "core/base/percent.h"
#include "core/base/text.h"
#include "core/engine/trace_report.h"
#include "core/trace/meta_text.h"
#include "core/trace/model_title.h"
#include "core/trace/trace_command.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fmt/format.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

namespace headwater {
namespace {

nlohmann::json headJson(const HeadInfo& head)
{
    const HeadStatistics& statistics = head.statistics;
    return {{"layer", head.layer},
            {"head", head.head},
            {"kind", head.kind == HeadKind::Global ? "global" : "sliding"},
            {"window", head.window},
            {"normaliser", nameOf(head.normaliser)},
            {"select", nameOf(head.selection)},
            {"keep_keys", head.keepKeys},
            {"block_q", head.blockQ},
            {"block_k", head.blockK},
            {"rows", head.rows},
            {"edges", head.edges},
            {"extras", head.pairs.extraEdges},
            {"usable_pairs", head.pairs.usable},
            {"kept_pairs", head.pairs.kept},
            {"kept_mass",
             {{"mean", knownNumber(statistics.keptMass.mean)},
              {"lo", knownNumber(statistics.keptMass.lo)},
              {"hi", knownNumber(statistics.keptMass.hi)},
              {"p5", knownNumber(statistics.keptMassP5)},
              {"min", knownNumber(statistics.keptMassMin)},
              {"content", knownNumber(statistics.contentMass)}}},
            {"entropy", knownNumber(statistics.entropy)},
            {"sink_share", knownNumber(statistics.sinkShare)},
            {"mean_distance", knownNumber(statistics.meanDistance)},
            {"density", knownNumber(statistics.density)},
            {"probe_rows", statistics.probeRows}};
}

/// "84.36" where every row is known, "90.99 [90.96, 91.02]" of probe rows, or "unknown".
std::string keptMassOf(const HeadStatistics& statistics)
{
    const Interval& mass = statistics.keptMass;
    if (mass.lo >= mass.hi || !std::isfinite(mass.mean))
        return percentFigure(mass.mean, Rounding::Down, 2);
    const PercentInterval figures = percentInterval(mass.mean, mass.lo, mass.hi);
    return fmt::format("{} [{}, {}]", figures.mean, figures.lo, figures.hi);
}

void printHeads(const Trace& trace)
{
    std::printf("layer head  kind     edges       kept %% [95 %%]          content %%  pruned %%\n");
    for (const HeadInfo& head : trace.heads()) {
        const double pruned = head.pairs.usable == 0
            ? std::numeric_limits<double>::quiet_NaN()
            : 1 - static_cast<double>(head.pairs.kept) / static_cast<double>(head.pairs.usable);
        std::printf("%5d %4d  %-7s  %-10llu  %-22s  %-9s  %s\n", head.layer, head.head,
                    head.kind == HeadKind::Global ? "global" : "sliding",
                    static_cast<unsigned long long>(head.edges), keptMassOf(head.statistics).c_str(),
                    percentFigure(head.statistics.contentMass, Rounding::Nearest, 2).c_str(),
                    percentFigure(pruned, Rounding::Nearest, 2).c_str());
    }
}

/// A command of several lines as a shell takes it again: a quoted line feed or tab is itself.
std::string printableLines(std::string_view command)
{
    std::string text;
    while (!command.empty()) {
        const std::size_t end = std::min(command.find_first_of("\n\t"), command.size());
        text += printable(command.substr(0, end));
        if (end < command.size())
            text += command[end];
        command.remove_prefix(std::min(end + 1, command.size()));
    }
    return text;
}

/// What the trace is, what its run found, and its heads; an empty line between the three.
void printText(const std::string& file, const Trace& trace, std::size_t finishedLayers)
{
    const nlohmann::json& meta = trace.meta();
    const auto text = [&](const char* pointer) {
        const std::string found = metaText(meta, pointer);
        return found.empty() ? std::string("-") : printable(found);
    };
    std::printf("file:        %s (%s)\n", leftToRight(printable(file)).c_str(),
                trace.isSealed() ? "sealed" : "not sealed");
    const std::string title = isolated(printable(modelTitleOf(meta)));
    std::printf("model:       %s, %s\n", title.empty() ? "-" : title.c_str(),
                text("/model/architecture").c_str());
    std::printf("tokens:      %s\n", withThousands(trace.seqLen()).c_str());
    std::printf("layers:      %zu of %d finished, %zu heads\n", finishedLayers, trace.numLayers(),
                trace.heads().size());
    std::printf("selection:   %s, quantity %s\n", text("/params/select").c_str(), text("/quantity").c_str());
    const std::string textTokens = printable(textTokensOf(meta));
    std::printf("prompt:      chat %s, text tokens %s\n", text("/prompt/chat").c_str(),
                textTokens.empty() ? "-" : textTokens.c_str());
    const std::string command = commandOf(meta);
    std::printf("command:     %s\n\n", command.empty() ? "-" : printableLines(command).c_str());
    if (const std::optional<RunReport> report = reportOf(trace))
        std::printf("%s\n", foundText(*report).c_str());
    printHeads(trace);
}

Result<int> info(const std::string& file, bool json)
{
    const Result<std::shared_ptr<const Trace>> opened = Trace::open(file);
    if (!opened) {
        // A model was meant where its header says which: as far as that is known, it is what `models` says.
        const ModelLook look = lookAtModel(file);
        if (look.architecture.empty())
            return opened.error();
        return printModel(look, json);
    }
    const std::shared_ptr<const Trace>& trace = *opened;
    std::set<int> layers;
    for (const HeadInfo& head : trace->heads())
        layers.insert(head.layer);
    if (json) {
        nlohmann::json heads = nlohmann::json::array();
        for (const HeadInfo& head : trace->heads())
            heads.push_back(headJson(head));
        nlohmann::json loss;
        if (trace->hasPredictions()) {
            HEADWATER_TRY_ASSIGN(const auto predictions, trace->loadPredictions());
            if (const std::optional<PromptLoss> known = promptLossOf(*predictions))
                loss = toJson(*known);
        }
        nlohmann::json segments = nlohmann::json::array();
        for (const Segment& segment : trace->segments())
            segments.push_back({{"name", segment.name}, {"begin", segment.begin}, {"end", segment.end}});
        printJson({{"file", textOfPath(file)},
                   {"sealed", trace->isSealed()},
                   {"tokens", trace->seqLen()},
                   {"layers", trace->numLayers()},
                   {"finished_layers", layers.size()},
                   {"segments", std::move(segments)},
                   {"predictions", std::move(loss)},
                   {"meta", trace->meta()},
                   {"heads", std::move(heads)}});
        return 0;
    }
    printText(file, *trace, layers.size());
    return 0;
}

} // namespace

void addInfoVerb(CLI::App& app, VerbAction& action)
{
    auto file = std::make_shared<std::string>();
    auto json = std::make_shared<bool>(false);
    CLI::App* const verb = app.add_subcommand(
        "info", "what a trace holds and what its run found, head by head; what a model is");
    verb->add_option("trace", *file, "the trace (*.hwt), or what --model takes")
        ->transform(fileName())
        ->required();
    verb->add_flag("--json", *json, "print JSON");
    verb->callback(
        [file, json, &action] { action = [file, json](const VerbContext&) { return info(*file, *json); }; });
}

} // namespace headwater
