// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/options/run_options.h"
#include "core/record/kind_names.h"

#include <span>
#include <string_view>

namespace headwater {

/// One value of an option that has a few, by its name.
struct OptionChoice {
    std::string_view name; ///< "exact"
    std::string_view words = {}; ///< what it means, where the name does not say it: "by length"
};

/// The names of an enumeration in the order of its values: the value is the place in the list.
std::span<const OptionChoice> choicesOf(Selection);
std::span<const OptionChoice> choicesOf(Propagation);
std::span<const OptionChoice> choicesOf(StreamProbe);
std::span<const OptionChoice> choicesOf(TextTokens);
std::span<const OptionChoice> choicesOf(Thinking);
std::span<const OptionChoice> choicesOf(PredictionChoice);

/// "auto", "off" and every family of core/tokenizer/chat_families.h.
std::span<const OptionChoice> chatChoices();

const char* nameOf(Propagation propagation);
const char* nameOf(StreamProbe probe);
const char* nameOf(TextTokens tokens);
const char* nameOf(Thinking thinking);
const char* nameOf(PredictionChoice choice);

} // namespace headwater
