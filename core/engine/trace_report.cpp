// SPDX-License-Identifier: Apache-2.0
#include "core/engine/trace_report.h"

#include "core/trace/prediction_store.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

using nlohmann::json;

/// A member of an object; null when there is none, or no object.
const json& member(const json& object, const char* name)
{
    static const json kNull;
    if (!object.is_object())
        return kNull;
    const auto found = object.find(name);
    return found == object.end() ? kNull : *found;
}

double numberOf(const json& value)
{
    return value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

/// 0 for what is no whole number of 32 bits.
std::uint32_t countOf(const json& value)
{
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
    return value.is_number_unsigned() && value.get<std::uint64_t>() <= kMost
        ? static_cast<std::uint32_t>(value.get<std::uint64_t>())
        : 0;
}

/// 0 for what is no whole number from 0 to INT_MAX: layers and heads.
int indexOf(const json& value)
{
    const std::uint32_t count = countOf(value);
    return count <= std::uint32_t{std::numeric_limits<int>::max()} ? static_cast<int>(count) : 0;
}

std::string textOf(const json& value)
{
    return value.is_string() ? value.get<std::string>() : std::string();
}

bool flagOf(const json& value)
{
    return value.is_boolean() && value.get<bool>();
}

/// What is no list holds nothing.
const json& listOf(const json& value)
{
    static const json kNone = json::array();
    return value.is_array() ? value : kNone;
}

AnswerRead readOf(const json& value)
{
    AnswerRead read;
    read.row = countOf(member(value, "row"));
    read.copies = flagOf(member(value, "copies"));
    read.layer = indexOf(member(value, "layer"));
    read.head = indexOf(member(value, "head"));
    read.key = countOf(member(value, "key"));
    read.probability = numberOf(member(value, "probability"));
    read.text = textOf(member(value, "text"));
    return read;
}

/// None where `of` is nothing that a loss can be of.
std::optional<PromptLoss> lossOf(const json& value)
{
    PromptLoss loss;
    loss.tokens = countOf(member(value, "tokens"));
    loss.mean = numberOf(member(value, "mean_loss"));
    for (const PredictedBy by : {PredictedBy::Model, PredictedBy::SparseForward}) {
        if (textOf(member(value, "of")) == storedNameOf(by)) {
            loss.by = by;
            return loss;
        }
    }
    return std::nullopt;
}

BehaviourCheck checkOf(const json& value)
{
    BehaviourCheck check;
    check.expected = textOf(member(value, "expected"));
    check.dense = textOf(member(value, "dense"));
    check.masked = textOf(member(value, "masked"));
    check.denseGivesExpected = flagOf(member(value, "dense_gives_expected"));
    check.kept = flagOf(member(value, "kept"));
    check.klMean = numberOf(member(value, "kl_mean"));
    check.klMax = numberOf(member(value, "kl_max"));
    check.top1Agreement = numberOf(member(value, "top1_agreement"));
    check.rows = countOf(member(value, "rows"));
    return check;
}

/// What the report says of all global heads together without saying from what.
void addHeads(const Trace& trace, RunReport& report)
{
    report.probeRows = std::numeric_limits<std::uint32_t>::max();
    for (const HeadInfo& head : trace.heads()) {
        if (head.kind == HeadKind::Sliding)
            continue;
        report.usablePairsGlobal += head.pairs.usable;
        report.keptPairsGlobal += head.pairs.kept;
        report.normaliser = head.normaliser;
        report.probeRows = std::min(report.probeRows, head.statistics.probeRows);
    }
    if (report.usablePairsGlobal == 0)
        report.probeRows = 0;
}

} // namespace

std::optional<RunReport> reportOf(const Trace& trace)
{
    const json& from = member(trace.meta(), "report");
    if (!from.is_object())
        return std::nullopt;
    RunReport report;
    report.tokens = countOf(member(from, "tokens"));
    report.promptTokens = countOf(member(from, "prompt_tokens"));
    report.select.propagation =
        flagOf(member(from, "propagated")) ? Propagation::Propagated : Propagation::Observed;
    report.generatedText = textOf(member(member(from, "generated"), "text"));
    for (const json& token : listOf(member(from, "next")))
        report.next.push_back({indexOf(member(token, "id")), textOf(member(token, "text")),
                               numberOf(member(token, "logprob"))});
    for (const json& read : listOf(member(from, "answer_reads")))
        report.answerReads.push_back(readOf(read));
    const json& mass = member(from, "kept_mass");
    report.keptMass = {numberOf(member(mass, "mean")), numberOf(member(mass, "lo")),
                       numberOf(member(mass, "hi"))};
    report.contentMass = numberOf(member(mass, "content"));
    report.promptLoss = lossOf(member(from, "predictions"));
    if (member(from, "check").is_object())
        report.check = checkOf(member(from, "check"));
    for (const json& note : listOf(member(from, "notes")))
        report.notes.push_back(textOf(note));
    addHeads(trace, report);
    return report;
}

} // namespace headwater
