// SPDX-License-Identifier: Apache-2.0
#include "core/engine/trace_report.h"

#include "core/base/json_member.h"
#include "core/trace/prediction_store.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

using nlohmann::json;

double numberOf(const json& object, const char* key)
{
    return jsonNumber(object, key, std::numeric_limits<double>::quiet_NaN());
}

/// What is no list holds nothing.
const json& listOf(const json& object, const char* key)
{
    static const json kNone = json::array();
    const json& value = jsonMember(object, key);
    return value.is_array() ? value : kNone;
}

/// None where `of` is nothing that a loss can be of.
std::optional<PromptLoss> lossOf(const json& value)
{
    PromptLoss loss;
    loss.tokens = jsonCount(value, "tokens");
    loss.mean = numberOf(value, "mean_loss");
    for (const PredictedBy by : {PredictedBy::Model, PredictedBy::SparseForward}) {
        if (jsonString(value, "of") == storedNameOf(by)) {
            loss.by = by;
            return loss;
        }
    }
    return std::nullopt;
}

/// What the heads that are there say together; a report could say anything of them.
void addHeads(const Trace& trace, RunReport& report)
{
    GlobalHeads global;
    for (const HeadInfo& head : trace.heads()) {
        if (head.kind == HeadKind::Sliding)
            continue;
        report.normaliser = head.normaliser;
        global.add(head.rows, head.normaliser, head.statistics, head.pairs);
    }
    report.takeGlobal(global);
}

} // namespace

std::optional<RunReport> reportOf(const Trace& trace)
{
    const json& from = jsonMember(trace.meta(), "report");
    if (!from.is_object())
        return std::nullopt;
    RunReport report;
    report.tokens = jsonCount(from, "tokens");
    report.promptTokens = jsonCount(from, "prompt_tokens");
    report.select.propagation =
        jsonBool(from, "propagated", false) ? Propagation::Propagated : Propagation::Observed;
    report.generatedText = jsonString(jsonMember(from, "generated"), "text");
    for (const json& token : listOf(from, "next"))
        report.next.push_back(
            {jsonIndex(token, "id"), jsonString(token, "text"), numberOf(token, "logprob")});
    report.answerReads = answerReadsOf(trace.meta());
    report.promptLoss = lossOf(jsonMember(from, "predictions"));
    report.check = behaviourCheckOf(trace.meta());
    for (const json& note : listOf(from, "notes"))
        report.notes.push_back(note.is_string() ? note.get<std::string>() : std::string());
    addHeads(trace, report);
    return report;
}

} // namespace headwater
