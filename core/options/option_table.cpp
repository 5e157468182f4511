// SPDX-License-Identifier: Apache-2.0
#include "core/options/option_table.h"

#include "core/model/limits.h"
#include "core/options/option_field.h"
#include "core/parallel/thread_pool.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace headwater {
namespace {

constexpr unsigned kBoth = RunVerb | GenerateVerb;
constexpr std::uint64_t kTokens = limits::kPromptTokens; ///< nothing of a prompt is more
constexpr std::uint64_t kMostGenerated = 65536;

template <class At>
OptionRow row(std::string_view name, OptionKind kind, At /*at*/, std::string_view help,
              const OptionTraits& traits = {})
{
    std::string parameter(traits.parameter.empty() ? name : traits.parameter);
    std::ranges::replace(parameter, '-', '_');
    return {name, std::move(parameter), kind, option_field::get<At>, option_field::set<At>, help, traits};
}

/// Where an option's value lies in the options.
#define FIELD(place)                                                                                         \
    [](auto& o) -> auto&                                                                                     \
    {                                                                                                        \
        return o.place;                                                                                      \
    }

const auto& table()
{
    static const std::array kRows = {
        row("model", FileName{}, FIELD(model),
            "a GGUF file, a model's folder, org/name in the Hub's cache, a fetched name, or builtin:needle",
            {.verbs = kBoth, .placeholder = "MODEL", .isRequired = true, .isAlwaysSaid = true}),
        row("prompt", FileName{}, FIELD(promptFile),
            "read the prompt from FILE, a pipe too, or from standard input for '-' (which the protocol has "
            "not)",
            {.verbs = kBoth, .parameter = "prompt_file", .placeholder = "FILE|-"}),
        row("text", Text{}, FIELD(prompt), "the prompt itself", {.verbs = kBoth}),
        row("encoding", Text{}, FIELD(encoding),
            "the prompt's encoding, which is converted: utf-8, utf-16le, windows-1252, …; auto takes UTF-8 "
            "and says what "
            "else it finds, bytes takes everything as it is",
            {.verbs = kBoth, .placeholder = "NAME"}),
        row("system", Text{}, FIELD(system),
            "the system's turn before the prompt: a file's name, where there is one of that name (not in the "
            "protocol), "
            "or the text itself; without it what the model's template has of its own",
            {.verbs = kBoth, .placeholder = "FILE|STR", .label = "System"}),
        row("turns", Turns{}, FIELD(turns),
            "a whole conversation in place of system and prompt: a JSON list of {\"role\": \"system\", "
            "\"user\" or "
            "\"assistant\", \"content\": a text}, the user's turn last, or the file that holds it",
            {.verbs = kBoth}),
        row("chat", Choice{chatChoices()}, FIELD(chat),
            "how the prompt is wrapped before it is tokenized: the chat format",
            {.verbs = kBoth, .label = "Chat format"}),
        row("thinking", Choice{choicesOf(Thinking{})}, FIELD(thinking),
            "whether a model that can be told so thinks before it answers (Qwen 3, SmolLM 3)",
            {.verbs = kBoth, .label = "Thinking"}),
        row("date", Text{}, FIELD(day),
            "the day that a chat template writes into its system turn (SmolLM 3, Llama 3.2, Mistral Small), "
            "as 2026-11-30 "
            "[today]",
            {.verbs = kBoth, .placeholder = "DAY"}),
        row("text-tokens", Choice{choicesOf(TextTokens{})}, FIELD(textTokens),
            "what the spelling of a control token in the prompt is: plain text, the control token, or auto: "
            "plain inside "
            "chat turns, control in raw prompts",
            {.verbs = kBoth, .label = "Control tokens"}),
        row("output", FileName{}, FIELD(output), "the trace to write [the prompt's name with .hwt]",
            {.letter = 'o', .placeholder = "OUT.hwt"}),
        row("resume", Flag{}, FIELD(resume),
            "go on with the unfinished trace that is there; prompt, model and options are as it says"),
        row("select", Choice{choicesOf(Selection{})}, FIELD(select.selection),
            "how the kept key blocks are chosen; auto is exact up to 16384 tokens, tree beyond",
            {.label = "Selection", .isAlwaysSaid = true}),
        row("tree-levels", Count{0, 6, "by length"}, FIELD(select.treeLevels),
            "tree: levels of the content tree, 1 for flat clusters",
            {.label = "Tree levels", .isAdvanced = true}),
        row("beam", Count{1, kTokens}, FIELD(select.beam), "tree: nodes a row keeps at each level",
            {.label = "Beam", .isAdvanced = true}),
        row("open", Count{1, kTokens}, FIELD(select.open), "tree: keys a row opens",
            {.label = "Opened keys", .isAdvanced = true}),
        row("probe", Choice{choicesOf(StreamProbe{})}, FIELD(select.probe),
            "stream: the key that a half interval is judged by", {.label = "Probe", .isAdvanced = true}),
        row("keep-keys", Count{1, kTokens}, FIELD(select.keepKeys),
            "budget of a row in keys, the always kept blocks included (they are the least)",
            {.label = "Keys a row", .isAlwaysSaid = true}),
        row("keep-peak", Number{0, 1, "a probability"}, FIELD(select.keepPeak),
            "also keep every block in which a row gives one key at least this probability [0.1 observed, 0 "
            "propagated]; "
            "not with a propagated tree or stream, which see no whole rows",
            {.label = "Keep peaks ≥"}),
        row("block-q", Count{4, 256, "by length", true}, FIELD(select.blockQ),
            "rows of a query block [8, 16, 64 by length]", {.label = "Query block"}),
        row("block-k", Count{4, 256, "by length", true}, FIELD(select.blockK),
            "keys of a key block [8, 16, 32 by length]", {.label = "Key block"}),
        row("propagation", Choice{choicesOf(Propagation{}), true}, FIELD(select.propagation),
            "whether every layer attends over its own mask, or densely, and masks are only recorded",
            {.label = "Forward"}),
        row("seed", Count{0, std::numeric_limits<std::uint64_t>::max()}, FIELD(select.seed),
            "of k-means, of the probe rows and of tokens that are drawn",
            {.verbs = kBoth, .label = "Seed", .isAdvanced = true}),
        row("predictions", Choice{choicesOf(PredictionChoice{})}, FIELD(predictions),
            "keep what every row gives to the next token; auto: where that costs at most a fifth of the "
            "prefill, or about "
            "a second",
            {.label = "Predictions"}),
        row("check", Flag{}, FIELD(check), "behaviour check: a dense and a masked forward, compared",
            {.label = "Behaviour check"}),
        row("expect", Text{}, FIELD(expect),
            "with --check: the answer both should begin with, white space aside"),
        row("generate", Count{0, kMostGenerated}, FIELD(generate), "tokens after the prompt, 0 for none",
            {.label = "Generate", .isAlwaysSaid = true}),
        row("generate", Count{1, kMostGenerated}, FIELD(generate), "tokens at most",
            {.letter = 'n', .verbs = GenerateVerb, .isAlwaysSaid = true}),
        row("temperature", Number{0, 100, "a number"}, FIELD(sampling.temperature),
            "how tokens are drawn: their logits are divided by it; 0 takes the likeliest",
            {.verbs = kBoth, .placeholder = "X", .label = "Temperature"}),
        row("top-k", Count{1, limits::kVocabSize, "all"}, FIELD(sampling.topK),
            "draw among the likeliest so many tokens",
            {.verbs = kBoth, .label = "Top-k", .isAdvanced = true}),
        row("top-p", Number{0, 1, "a share"}, FIELD(sampling.topP),
            "draw among the likeliest tokens that together hold this share",
            {.verbs = kBoth, .label = "Top-p", .isAdvanced = true}),
        row("min-p", Number{0, 1, "a share"}, FIELD(sampling.minP),
            "draw among tokens at least this share as likely as the likeliest",
            {.verbs = kBoth, .label = "Min-p", .isAdvanced = true}),
        row("repetition-penalty", Number{0.01, 100, "a number"}, FIELD(sampling.repetitionPenalty),
            "divides the logits of tokens seen before where they are positive, multiplies them where not",
            {.verbs = kBoth, .placeholder = "X", .label = "Repetition penalty", .isAdvanced = true}),
        row("stop", Texts{}, FIELD(stops), "ends the answer before this text; may be given several times",
            {.verbs = kBoth}),
        row("threads", Count{0, kMostThreads, "all available processors"}, FIELD(threads), "threads",
            {.verbs = kBoth, .label = "Threads", .isAdvanced = true}),
        row("keep-session", Flag{}, FIELD(keepSession),
            "what the forward leaves of every layer becomes the trace's session, so that its first exact row "
            "costs no "
            "forward; only in float32 and in memory, only where the estimate allows it: else nothing is kept "
            "and nothing "
            "said",
            {.isOfProtocol = true}),
        row("force", Flag{}, FIELD(force), "run although the estimate says that memory will not do",
            {.verbs = kBoth}),
    };
    return kRows;
}

#undef FIELD

template <class IsWanted> const OptionRow* findRow(OptionVerb verb, IsWanted isWanted)
{
    const auto found =
        std::ranges::find_if(table(), [&](const OptionRow& row) { return row.isOf(verb) && isWanted(row); });
    return found == table().end() ? nullptr : &*found;
}

} // namespace

std::span<const OptionRow> optionRows()
{
    return table();
}

const OptionRow* findOption(std::string_view name, OptionVerb verb)
{
    return findRow(verb, [name](const OptionRow& row) { return row.name == name; });
}

const OptionRow* findParameter(std::string_view parameter, OptionVerb verb)
{
    return findRow(verb, [parameter](const OptionRow& row) { return row.parameter == parameter; });
}

RunOptions defaultsOf(OptionVerb verb)
{
    RunOptions options;
    if (verb == GenerateVerb)
        options.generate = 64;
    return options;
}

} // namespace headwater
