// SPDX-License-Identifier: Apache-2.0
#include "core/options/option_names.h"

namespace headwater {
namespace {

constexpr OptionChoice kSelections[] = {{nameOf(Selection::Auto), "by length"},
                                        {nameOf(Selection::Exact)},
                                        {nameOf(Selection::Tree)},
                                        {nameOf(Selection::Stream)}};
constexpr OptionChoice kPropagations[] = {
    {"auto", "as the selection"},
    {"observed", "dense forward, masks only recorded [with exact]"},
    {"propagated", "every layer attends over its own mask [with tree and stream]"}};
constexpr OptionChoice kProbes[] = {{"first"}, {"middle"}};
constexpr OptionChoice kTextTokens[] = {
    {"auto", "by the format"}, {"plain", "text like any other"}, {"control", "they take effect"}};
constexpr OptionChoice kThinking[] = {{"auto", "as the model"}, {"on"}, {"off"}};
constexpr OptionChoice kPredictions[] = {{"auto", "by cost"}, {"on"}, {"off"}};
constexpr OptionChoice kChats[] = {
    {"auto", "as the model"}, {"off", "raw text"}, {"chatml"}, {"gemma"}, {"llama3"},
    {"deepseek-r1"},          {"mistral"}};

} // namespace

std::span<const OptionChoice> choicesOf(Selection)
{
    return kSelections;
}

std::span<const OptionChoice> choicesOf(Propagation)
{
    return kPropagations;
}

std::span<const OptionChoice> choicesOf(StreamProbe)
{
    return kProbes;
}

std::span<const OptionChoice> choicesOf(TextTokens)
{
    return kTextTokens;
}

std::span<const OptionChoice> choicesOf(Thinking)
{
    return kThinking;
}

std::span<const OptionChoice> choicesOf(PredictionChoice)
{
    return kPredictions;
}

std::span<const OptionChoice> chatChoices()
{
    return kChats;
}

// The names are literals, so that their data ends with a NUL.
const char* nameOf(Propagation propagation)
{
    return kPropagations[static_cast<int>(propagation)].name.data();
}

const char* nameOf(StreamProbe probe)
{
    return kProbes[static_cast<int>(probe)].name.data();
}

const char* nameOf(TextTokens tokens)
{
    return kTextTokens[static_cast<int>(tokens)].name.data();
}

const char* nameOf(Thinking thinking)
{
    return kThinking[static_cast<int>(thinking)].name.data();
}

const char* nameOf(PredictionChoice choice)
{
    return kPredictions[static_cast<int>(choice)].name.data();
}

} // namespace headwater
