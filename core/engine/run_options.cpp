// SPDX-License-Identifier: Apache-2.0
#include "core/engine/run_options.h"

#include "core/base/file_name.h"
#include "core/base/shell_quote.h"
#include "core/model/limits.h"
#include "core/parallel/thread_pool.h"
#include "core/select/content_tree.h"

#include <algorithm>
#include <bit>
#include <fmt/format.h>
#include <span>
#include <string_view>

namespace headwater {
namespace {

constexpr std::uint32_t kExactUpTo = 16384; // DESIGN §3: `auto` is exact up to here, tree beyond
constexpr std::uint32_t kSmallestBlock = 4;
constexpr std::uint32_t kLargestBlock = 256;
constexpr std::uint32_t kMostLevels = 6;

Error badOption(std::string_view option, const std::string& found, std::string_view expected)
{
    return {ErrorCode::InvalidArgument, fmt::format("{}, expected {}", found, expected), std::string(option)};
}

Result<void> checkBlock(std::string_view option, std::uint32_t size)
{
    if (size < kSmallestBlock || size > kLargestBlock || !std::has_single_bit(size))
        return badOption(option, std::to_string(size), "a power of two from 4 to 256");
    return {};
}

template <class Value> struct Named {
    const char* name;
    Value value;
};

constexpr Named<Selection> kSelections[] = {{"auto", Selection::Auto},
                                            {"exact", Selection::Exact},
                                            {"tree", Selection::Tree},
                                            {"stream", Selection::Stream}};
constexpr Named<Propagation> kPropagations[] = {{"auto", Propagation::Auto},
                                                {"observed", Propagation::Observed},
                                                {"propagated", Propagation::Propagated}};
constexpr Named<Normaliser> kNormalisers[] = {{"exact", Normaliser::Exact}, {"kept", Normaliser::Kept}};
constexpr Named<TextTokens> kTextTokens[] = {
    {"auto", TextTokens::Auto}, {"plain", TextTokens::Plain}, {"control", TextTokens::Control}};
constexpr Named<PredictionChoice> kPredictions[] = {
    {"auto", PredictionChoice::Auto}, {"on", PredictionChoice::On}, {"off", PredictionChoice::Off}};
constexpr Named<StreamProbe> kProbes[] = {{"first", StreamProbe::First}, {"middle", StreamProbe::Middle}};

template <class Value, std::size_t Count>
const char* findName(const Named<Value> (&table)[Count], Value value)
{
    for (const auto& entry : table) {
        if (entry.value == value)
            return entry.name;
    }
    return "";
}

template <class Value, std::size_t Count>
Result<Value> findValue(const Named<Value> (&table)[Count], const std::string& name, std::string_view option)
{
    std::string all;
    for (const auto& entry : table) {
        if (name == entry.name)
            return entry.value;
        all += all.empty() ? entry.name : fmt::format(", {}", entry.name);
    }
    return badOption(option, "'" + name + "'", "one of " + all);
}

} // namespace

Result<SelectParams> resolveSelect(const SelectParams& params, std::uint32_t seqLen)
{
    SelectParams resolved = params;
    if (resolved.selection == Selection::Auto)
        resolved.selection = seqLen <= kExactUpTo ? Selection::Exact : Selection::Tree;
    if (resolved.propagation == Propagation::Auto)
        resolved.propagation =
            resolved.selection == Selection::Exact ? Propagation::Observed : Propagation::Propagated;
    const BlockGrid fallback = defaultGrid(seqLen);
    if (resolved.blockQ == 0)
        resolved.blockQ = fallback.blockQ;
    if (resolved.blockK == 0)
        resolved.blockK = fallback.blockK;
    if (resolved.keepPeak < 0)
        resolved.keepPeak = resolved.propagation == Propagation::Observed ? 0.1f : 0.0f;
    HEADWATER_TRY(checkBlock("--block-q", resolved.blockQ));
    HEADWATER_TRY(checkBlock("--block-k", resolved.blockK));
    if (resolved.keepKeys == 0)
        return badOption("--keep-keys", "0", "at least 1");
    if (resolved.keepKeys > limits::kPromptTokens)
        return badOption("--keep-keys", std::to_string(resolved.keepKeys),
                         fmt::format("at most {}, the longest prompt", limits::kPromptTokens));
    if (!(resolved.keepPeak <= 1))
        return badOption("--keep-peak", fmt::format("{}", params.keepPeak), "a probability from 0 to 1");
    if (resolved.keepPeak > 0 && resolved.propagation == Propagation::Propagated
        && resolved.selection != Selection::Exact)
        return badOption("--keep-peak",
                         fmt::format("{:g} with a propagated {}, which does not see whole rows",
                                     resolved.keepPeak, nameOf(resolved.selection)),
                         "0, or --observed, or --select exact");
    if (resolved.treeLevels > kMostLevels)
        return badOption("--tree-levels", std::to_string(resolved.treeLevels), "0 (automatic) to 6");
    if (resolved.treeLevels == 0)
        resolved.treeLevels = treeShape(seqLen, 0).levels;
    if (resolved.beam == 0)
        return badOption("--beam", "0", "at least 1");
    if (resolved.open == 0)
        return badOption("--open", "0", "at least 1");
    return resolved;
}

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view kSpace = " \t\n\v\f\r";
    const std::size_t begin = std::min(text.find_first_not_of(kSpace), text.size());
    text.remove_prefix(begin);
    return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

Result<void> checkRunOptions(const RunOptions& options)
{
    if (options.threads > kMostThreads)
        return badOption("--threads", std::to_string(options.threads),
                         fmt::format("0 (all available processors) to {}", kMostThreads));
    if (options.expect && !options.check)
        return badOption("--expect", "an answer to expect but no --check", "both, or neither");
    if (options.expect && trimmed(*options.expect).empty())
        return badOption("--expect", "an empty answer, which every text begins with",
                         "at least one character");
    // What is allowed does not depend on the length; what is filled in does.
    const Result<SelectParams> resolved = resolveSelect(options.select, 1);
    return resolved ? Result<void>() : Result<void>(resolved.error());
}

BlockGrid gridOf(const SelectParams& resolved, std::uint32_t seqLen)
{
    return {seqLen, resolved.blockQ, resolved.blockK};
}

const char* quantityOf(Propagation propagation, Normaliser normaliser)
{
    if (normaliser == Normaliser::Kept)
        return "p_masked";
    return propagation == Propagation::Observed ? "p_model" : "p_stream";
}

const char* nameOf(Selection selection)
{
    return findName(kSelections, selection);
}

const char* nameOf(Propagation propagation)
{
    return findName(kPropagations, propagation);
}

const char* nameOf(Normaliser normaliser)
{
    return findName(kNormalisers, normaliser);
}

const char* nameOf(StreamProbe probe)
{
    return findName(kProbes, probe);
}

const char* nameOf(TextTokens tokens)
{
    return findName(kTextTokens, tokens);
}

const char* nameOf(PredictionChoice choice)
{
    return findName(kPredictions, choice);
}

Result<Selection> selectionNamed(const std::string& name)
{
    return findValue(kSelections, name, "--select");
}

Result<Propagation> propagationNamed(const std::string& name)
{
    return findValue(kPropagations, name, "propagation");
}

Result<StreamProbe> probeNamed(const std::string& name)
{
    return findValue(kProbes, name, "--probe");
}

Result<TextTokens> textTokensNamed(const std::string& name)
{
    return findValue(kTextTokens, name, "--text-tokens");
}

Result<PredictionChoice> predictionChoiceNamed(const std::string& name)
{
    return findValue(kPredictions, name, "--predictions");
}

std::string withTextTokens(std::string command, TextTokens asked, TextTokens used)
{
    if (asked == TextTokens::Auto && !command.empty())
        command += fmt::format(" --text-tokens {}", nameOf(used));
    return command;
}

std::string commandLineOf(const RunOptions& options, const std::string& promptArgument)
{
    const SelectParams defaults;
    const SelectParams& select = options.select;
    std::string line = "headwater run --model " + shellQuoted(options.model);
    if (promptArgument.empty())
        line += " --text " + shellQuoted(options.prompt);
    else
        line += " --prompt " + shellQuoted(textOfPath(promptArgument));
    const auto add = [&](const char* option, const std::string& value) {
        line += fmt::format(" {} {}", option, value);
    };
    if (options.chat != "auto")
        add("--chat", shellQuoted(options.chat));
    if (options.encoding != "auto" && !promptArgument.empty())
        add("--encoding", shellQuoted(options.encoding));
    if (options.textTokens != TextTokens::Auto)
        add("--text-tokens", nameOf(options.textTokens));
    add("-o", shellQuoted(textOfPath(options.output)));
    add("--select", nameOf(select.selection));
    if (select.treeLevels != defaults.treeLevels)
        add("--tree-levels", std::to_string(select.treeLevels));
    if (select.beam != defaults.beam)
        add("--beam", std::to_string(select.beam));
    if (select.open != defaults.open)
        add("--open", std::to_string(select.open));
    if (select.probe != defaults.probe)
        add("--probe", nameOf(select.probe));
    add("--keep-keys", std::to_string(select.keepKeys));
    if (select.keepPeak >= 0)
        add("--keep-peak", fmt::format("{}", select.keepPeak));
    if (select.blockQ != 0)
        add("--block-q", std::to_string(select.blockQ));
    if (select.blockK != 0)
        add("--block-k", std::to_string(select.blockK));
    if (select.propagation != Propagation::Auto)
        line += select.propagation == Propagation::Observed ? " --observed" : " --propagated";
    if (select.seed != defaults.seed)
        add("--seed", std::to_string(select.seed));
    if (options.predictions != PredictionChoice::Auto)
        add("--predictions", nameOf(options.predictions));
    if (options.check)
        line += " --check";
    if (options.expect)
        add("--expect", shellQuoted(*options.expect));
    add("--generate", std::to_string(options.generate));
    if (options.threads != 0)
        add("--threads", std::to_string(options.threads));
    if (options.force)
        line += " --force";
    return line;
}

} // namespace headwater
