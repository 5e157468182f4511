// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/job_estimate.h"

#include "app/headwater/verb.h"
#include "core/backend/cpu/cpu_plan.h"
#include "core/base/text.h"
#include "core/engine/analysis_run.h"
#include "core/engine/answer_estimate.h"
#include "core/engine/begun_run.h"
#include "core/engine/conversation.h"
#include "core/options/option_names.h"

#include <cstdio>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

/// What both have.
template <class Estimate>
nlohmann::json jobJson(const RunOptions& options, const EncodedPrompt& prompt, const Estimate& estimate)
{
    std::vector<std::string> notes = options.promptNotes;
    notes.insert(notes.end(), estimate.notes.begin(), estimate.notes.end());
    nlohmann::json json{{"tokens", estimate.tokens},
                        {"generate", estimate.generate},
                        {"memory_bytes", estimate.memoryBytes},
                        {"memory_available", estimate.memoryAvailable},
                        {"chat", prompt.chatFamily},
                        {"notes", std::move(notes)}};
    if (!estimate.refusal.empty() && !options.force)
        json["refused"] = estimate.refusal;
    return json;
}

/// Not of what is refused, which nobody will wait for; nor where the machine could not be measured.
void addSeconds(nlohmann::json& json, double ofPrompt, double ofGeneration)
{
    if (std::isnan(ofPrompt + ofGeneration))
        return;
    json["seconds"] = ofPrompt + ofGeneration;
    json["generate_seconds"] = ofGeneration;
}

std::string bytesText(const nlohmann::json& estimate, const char* name)
{
    return humanBytes(estimate.at(name).get<std::uint64_t>());
}

/// "prompt: 1 024 tokens", …
std::string estimateText(const nlohmann::json& estimate)
{
    const auto tokens = [&](const char* name) {
        return withThousands(estimate.at(name).get<std::uint64_t>()) + " tokens";
    };
    std::string text =
        fmt::format("prompt:      {}\nmemory:      {} of {} free\n", tokens("tokens"),
                    bytesText(estimate, "memory_bytes"), bytesText(estimate, "memory_available"));
    if (estimate.contains("seconds")) {
        const double seconds = estimate.at("seconds").get<double>();
        const double generating = estimate.at("generate_seconds").get<double>();
        text += "time:        " + (seconds < 1 ? "less than a second" : "about " + humanSeconds(seconds));
        if (seconds >= 1 && generating >= 0.5)
            text += fmt::format(", {} of it for at most {}", humanSeconds(generating), tokens("generate"));
        text += '\n';
    }
    if (estimate.contains("trace_bytes"))
        text += fmt::format("trace:       {}, {} predictions\n", bytesText(estimate, "trace_bytes"),
                            estimate.at("predictions").get<bool>() ? "with" : "without");
    if (estimate.contains("refused"))
        text += fmt::format("refused:     {}\n", estimate.at("refused").get<std::string>());
    return text;
}

} // namespace

Result<nlohmann::json> runEstimate(const RunOptions& options, const LoadedModel& loaded,
                                   const AvailableMemory& memory, std::stop_token stop)
{
    std::unique_ptr<BegunTrace> begun;
    EncodedPrompt prompt;
    if (options.resume) {
        HEADWATER_TRY_ASSIGN(begun, BegunTrace::open(options.output, std::move(stop)));
        HEADWATER_TRY(begun->checkModel(*loaded.model));
        prompt = promptOf(*begun);
    } else {
        HEADWATER_TRY_ASSIGN(prompt, encodePrompt(loaded, options));
    }
    const CpuPlanner planner(options.threads);
    HEADWATER_TRY_ASSIGN(const RunEstimate estimate,
                         estimateRun(planner, loaded, static_cast<std::uint32_t>(prompt.tokens.ids.size()),
                                     options, memory, begun.get()));
    nlohmann::json json = jobJson(options, prompt, estimate);
    json.update({{"trace_bytes", estimate.traceBytes},
                 {"select", nameOf(estimate.select.selection)},
                 {"block_q", estimate.select.blockQ},
                 {"block_k", estimate.select.blockK},
                 {"propagated", estimate.select.propagation == Propagation::Propagated},
                 {"predictions", estimate.predictions}});
    if (estimate.sessionBytes > 0)
        json["session_bytes"] = estimate.sessionBytes;
    if (json.contains("refused"))
        return json;
    DeviceWork besides = estimate.work.prompt;
    besides += estimate.work.check;
    addSeconds(json, planner.seconds(*loaded.model, besides) + estimate.work.writing,
               planner.seconds(*loaded.model, estimate.work.generation) + estimate.work.rewriting);
    return json;
}

Result<nlohmann::json> answerEstimate(const RunOptions& options, const LoadedModel& loaded,
                                      const AvailableMemory& memory)
{
    HEADWATER_TRY_ASSIGN(const EncodedPrompt prompt, encodePrompt(loaded, options));
    const CpuPlanner planner(options.threads);
    HEADWATER_TRY_ASSIGN(const AnswerEstimate estimate,
                         estimateAnswer(planner, loaded, static_cast<std::uint32_t>(prompt.tokens.ids.size()),
                                        options.generate, memory));
    nlohmann::json json = jobJson(options, prompt, estimate);
    if (!json.contains("refused"))
        addSeconds(json, planner.seconds(*loaded.model, estimate.prompt),
                   planner.seconds(*loaded.model, estimate.generation));
    return json;
}

void addEstimateFlag(CLI::App& verb, bool& into)
{
    verb.add_flag("--estimate", into,
                  "say what it would take, in memory, time and place, and do nothing else");
}

Result<int> printEstimate(const Result<nlohmann::json>& estimate, bool json)
{
    if (!estimate)
        return estimate.error();
    if (json) {
        printJson(*estimate);
        return 0;
    }
    printNotes(estimate->at("notes").get<std::vector<std::string>>());
    std::fputs(estimateText(*estimate).c_str(), stdout);
    return 0;
}

} // namespace headwater
