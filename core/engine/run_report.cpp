// SPDX-License-Identifier: Apache-2.0
#include "core/engine/run_report.h"

#include "core/base/bidi_text.h"
#include "core/base/file_name.h"
#include "core/base/known_number.h"
#include "core/base/percent.h"
#include "core/base/text.h"
#include "core/record/quantity.h"

#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

bool isPropagated(const RunReport& report)
{
    return report.select.propagation == Propagation::Propagated;
}

double ratio(std::uint64_t part, std::uint64_t whole)
{
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// Of the pairs that global heads could use; NaN when there are no such heads.
double keptFractionGlobal(const RunReport& report)
{
    return report.usablePairsGlobal == 0 ? std::numeric_limits<double>::quiet_NaN()
                                         : ratio(report.keptPairsGlobal, report.usablePairsGlobal);
}

std::string percent(double share, Rounding rounding, int decimals = 2)
{
    return std::isfinite(share) ? percentFigure(share, rounding, decimals) + " %" : std::string("unknown");
}

/// "0.976", or "unknown".
std::string figure(double value)
{
    return std::isfinite(value) ? fmt::format("{:.3f}", value) : std::string("unknown");
}

bool isOfProbeRows(const RunReport& report)
{
    return std::isfinite(report.keptMass.mean) && report.normaliser != Normaliser::Exact
        && report.probeRows != report.tokens && report.probeRows != report.promptTokens;
}

/// The share of attention the map holds, at the decimals of its interval where it has one.
std::string keptPercent(const RunReport& report)
{
    const Interval& kept = report.keptMass;
    return isOfProbeRows(report) ? percentInterval(kept.mean, kept.lo, kept.hi).mean + " %"
                                 : percent(kept.mean, Rounding::Down);
}

/// How sure the kept mass is: known of every row, of every row of the prompt, or of some rows of each head.
std::string certaintyOf(const RunReport& report)
{
    if (!std::isfinite(report.keptMass.mean))
        return report.usablePairsGlobal == 0 ? " (no head reads the whole past)" : " (no row was measured)";
    if (report.normaliser == Normaliser::Exact || report.probeRows == report.tokens)
        return " (exact)";
    if (report.probeRows == report.promptTokens)
        return " (exact over the prompt's rows)";
    const Interval& kept = report.keptMass;
    return fmt::format(" (± {}, {} rows a head measured)", percentInterval(kept.mean, kept.lo, kept.hi).half,
                       withThousands(report.probeRows));
}

} // namespace

void RunReport::takeGlobal(const GlobalHeads& global)
{
    keptMass = global.keptMass();
    contentMass = global.contentMass();
    probeRows = global.probeRows().value_or(0);
    usablePairsGlobal = global.usablePairs();
    keptPairsGlobal = global.keptPairs();
}

nlohmann::json toJson(const SelectParams& resolved)
{
    return {{"select", nameOf(resolved.selection)},
            {"propagated", resolved.propagation == Propagation::Propagated},
            {"block_q", resolved.blockQ},
            {"block_k", resolved.blockK},
            {"keep_keys", resolved.keepKeys},
            {"keep_peak", resolved.keepPeak},
            {"tree_levels", resolved.treeLevels},
            {"beam", resolved.beam},
            {"open", resolved.open},
            {"probe", nameOf(resolved.probe)},
            {"seed", resolved.seed}};
}

nlohmann::json toJson(const RunReport& report)
{
    nlohmann::json json = {
        {"tokens", report.tokens},
        {"prompt_tokens", report.promptTokens},
        {"layers", report.layers},
        {"heads", report.heads},
        {"select", nameOf(report.select.selection)},
        {"keep_keys", report.select.keepKeys},
        {"block_q", report.select.blockQ},
        {"block_k", report.select.blockK},
        {"propagated", isPropagated(report)},
        {"normaliser", nameOf(report.normaliser)},
        {"quantity", quantityOf(isPropagated(report), report.normaliser)},
        {"usable_pairs", report.usablePairs},
        {"kept_pairs", report.keptPairs},
        {"always_kept_pairs", report.alwaysKeptPairs},
        {"extra_pairs", report.extraPairs},
        {"kept_fraction", ratio(report.keptPairs, report.usablePairs)},
        {"kept_fraction_global", knownNumber(keptFractionGlobal(report))},
        {"kept_fraction_of_square",
         ratio(report.keptPairs, static_cast<std::uint64_t>(report.heads) * report.tokens * report.tokens)},
        {"kept_mass",
         {{"mean", knownNumber(report.keptMass.mean)},
          {"lo", knownNumber(report.keptMass.lo)},
          {"hi", knownNumber(report.keptMass.hi)},
          {"p5", knownNumber(report.keptMassP5)},
          {"min", knownNumber(report.keptMassMin)},
          {"content", knownNumber(report.contentMass)}}},
        {"sinks", report.sinks},
        {"generated",
         {{"ids", report.generatedIds},
          {"text", jsonOfBytes(report.generatedText)},
          {"end", nameOf(report.generationEnd)}}},
        {"seconds",
         {{"load", report.seconds.load},
          {"tokenize", report.seconds.tokenize},
          {"prefill", report.seconds.prefill},
          {"select", report.seconds.select},
          {"attention", report.seconds.attention},
          {"predictions", report.seconds.predictions},
          {"write", report.seconds.write},
          {"generate", report.seconds.generate},
          {"tail", report.seconds.tail},
          {"check", report.seconds.check},
          {"total", report.seconds.total}}},
        {"tokens_per_second",
         report.seconds.prefill > 0 ? report.promptTokens / (report.seconds.prefill + report.seconds.write)
                                    : 0.0},
        {"peak_rss_bytes", report.peakResidentBytes},
        {"estimated_bytes", report.estimatedBytes},
        {"device", report.device},
        {"notes", report.notes},
        {"trace", textOfPath(report.trace)},
    };
    json["next"] = nlohmann::json::array();
    for (const NextToken& token : report.next)
        json["next"].push_back(
            {{"id", token.id}, {"text", jsonOfBytes(token.text)}, {"logprob", token.logprob}});
    json["answer_reads"] = nlohmann::json::array();
    for (const AnswerRead& read : report.answerReads)
        json["answer_reads"].push_back(toJson(read));
    if (report.decodedTracedAgreement)
        json["generated"]["traced_agreement"] = *report.decodedTracedAgreement;
    if (report.promptLoss)
        json["predictions"] = toJson(*report.promptLoss);
    if (report.check)
        json["check"] = toJson(*report.check);
    return json;
}

/// Whether the masked model gives the answer that is wanted; one that the dense model lacks too is no loss of
/// the mask.
const char* verdictOf(const BehaviourCheck& check)
{
    if (check.kept)
        return "kept";
    return check.expected.empty() || check.denseGivesExpected
        ? "not kept"
        : "the dense model does not give the expected answer either";
}

std::string foundText(const RunReport& report)
{
    std::string text;
    const auto line = [&](const std::string& content) { text += content + '\n'; };
    if (!report.generatedText.empty())
        line(fmt::format("answer:      {}", isolated(printable(report.generatedText))));
    else if (!report.next.empty())
        line(fmt::format("next:        \"{}\" (p {})", isolated(printable(report.next.front().text)),
                         figure(std::exp(report.next.front().logprob))));
    for (const AnswerRead& read : report.answerReads)
        line(fmt::format("read at:     token {} \"{}\"{} from row {} by layer {} head {} ({} {})",
                         withThousands(read.key), isolated(printable(read.text)),
                         read.copies ? ", the next token itself," : "", withThousands(read.row), read.layer,
                         read.head, wholeRowQuantity(isPropagated(report)), figure(read.probability)));
    if (report.promptLoss)
        line(fmt::format("loss:        {} nat a token of the prompt, perplexity {} ({})",
                         figure(report.promptLoss->mean), figure(std::exp(report.promptLoss->mean)),
                         report.promptLoss->by == PredictedBy::Model ? "of the model"
                                                                     : "of the sparse forward"));
    const double pruned = 1 - keptFractionGlobal(report);
    line(std::isfinite(pruned)
             ? fmt::format("pruned:      {} of the usable pairs of the global heads",
                           percent(pruned, Rounding::Nearest))
             : std::string("pruned:      nothing: every head reads a window, and keeps it"));
    line(fmt::format("map holds:   {} of attention{}; content only {}{}", keptPercent(report),
                     certaintyOf(report), percent(report.contentMass, Rounding::Nearest),
                     isOfProbeRows(report) ? " (estimated from the measured rows)" : ""));
    if (report.check) {
        const BehaviourCheck& check = *report.check;
        line(fmt::format("behaviour:   dense says \"{}\", masked says \"{}\" ({}); over {} rows, "
                         "mean KL {} nat, top-1 agrees on {}",
                         isolated(printable(check.dense)), isolated(printable(check.masked)),
                         verdictOf(check), check.rows, figure(check.klMean),
                         percent(check.top1Agreement, Rounding::Nearest, 1)));
    }
    for (const std::string& note : report.notes)
        line("note:        " + leftToRight(printable(note)));
    return text;
}

std::string toText(const RunReport& report)
{
    std::string text;
    const auto line = [&](const std::string& content) { text += content + '\n'; };
    const std::string prompt = report.tokens > report.promptTokens
        ? fmt::format(" ({} of the prompt)", withThousands(report.promptTokens))
        : std::string();
    line(fmt::format("{} tokens{}, {} layers, {} heads; selection {}{}, {} keys a row, blocks {}/{}",
                     withThousands(report.tokens), prompt, report.layers, report.heads,
                     nameOf(report.select.selection), isPropagated(report) ? " propagated" : " observed",
                     report.select.keepKeys, report.select.blockQ, report.select.blockK));
    text += foundText(report);
    const double recorded = report.seconds.prefill + report.seconds.write;
    line(fmt::format(
        "time:        {} in all: prefill {:.1f} s and writing {:.1f} s ({:.0f} tokens/s){}{}{}; peak memory "
        "{}",
        humanSeconds(report.seconds.total), report.seconds.prefill, report.seconds.write,
        recorded > 0 ? report.promptTokens / recorded : 0.0,
        report.seconds.predictions > 0 ? fmt::format(", predictions {:.1f} s", report.seconds.predictions)
                                       : std::string(),
        report.seconds.generate + report.seconds.tail > 0
            ? fmt::format(", answer and its rows {:.1f} s", report.seconds.generate + report.seconds.tail)
            : std::string(),
        report.seconds.check > 0 ? fmt::format(", check {:.1f} s", report.seconds.check) : std::string(),
        humanBytes(report.peakResidentBytes)));
    if (!report.trace.empty())
        line("trace:       " + printable(report.trace));
    return text;
}

} // namespace headwater
