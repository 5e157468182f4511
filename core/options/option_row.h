// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/options/option_names.h"
#include "core/options/run_options.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace headwater {

/// A value of an option, whatever spells it. Nothing (monostate): the option's own rule decides.
using OptionValue =
    std::variant<std::monostate, bool, std::uint64_t, double, std::string, std::vector<std::string>>;

/// What an option takes, and what of it is allowed.
struct Flag { }; ///< a bool
struct Choice {
    std::span<const OptionChoice> all; ///< the value is the name of one
    /// The command line has a flag for each but the first ("--observed") instead of an option with a value.
    bool isFlags = false;
};
struct Count { ///< std::uint64_t
    std::uint64_t least;
    std::uint64_t most;
    std::string_view zero = {}; ///< what 0 stands for, which is allowed too: "by length"
    bool isPowerOfTwo = false;
};
struct Number { ///< a double, finite
    double least;
    double most;
    std::string_view meaning; ///< "a probability"
};
struct Text { }; ///< any bytes
struct Texts { }; ///< a list of texts that are not empty; on the command line the option as often
struct FileName { }; ///< bytes of a path; command line and JSON also take file URIs (core/base/file_name.h)
struct Turns { }; ///< a JSON list of turns as a text, or the name of the file that holds one
using OptionKind = std::variant<Flag, Choice, Count, Number, Text, Texts, FileName, Turns>;

/// Whether the text is a JSON list itself, and no name.
inline bool isList(std::string_view text)
{
    return text.starts_with('[');
}

/// The verbs that take an option; RPC methods are named like them.
enum OptionVerb : unsigned { RunVerb = 1, GenerateVerb = 2 };

/// What an option is beside its name, its kind and its field.
struct OptionTraits {
    char letter = 0; ///< 'o': -o too
    unsigned verbs = RunVerb; ///< of OptionVerb
    std::string_view parameter = {}; ///< where the protocol has another name than the option with _ for -
    std::string_view placeholder = {}; ///< of its value in --help; empty: by the kind
    std::string_view label = {}; ///< in the window's form; empty: not there
    bool isAdvanced = false; ///< in the folded part of the form
    bool isRequired = false; ///< on the command line
    bool isAlwaysSaid = false; ///< also where it has its default: a later version's may be another
    bool isOfProtocol = false; ///< the command line has no such option
};

/// One option of `run` or `generate`: the only place that spells it.
struct OptionRow {
    std::string_view name; ///< "keep-keys": --keep-keys
    std::string parameter; ///< "keep_keys": of the protocol and of the window's commands
    OptionKind kind;
    OptionValue (*get)(const RunOptions&) = nullptr;
    void (*set)(RunOptions&, const OptionValue&) = nullptr; ///< takes nothing, and what check() lets through
    std::string_view help; ///< one line without a full stop
    OptionTraits traits;

    bool isOf(OptionVerb verb) const { return (traits.verbs & verb) != 0; }
};

/// What stands for the value in --help and the documents: "N", "auto|on|off".
std::string placeholderOf(const OptionRow& row);
/// `help`, with what is allowed where a number has more than two ends.
std::string helpOf(const OptionRow& row);

/// "0 (by length) or a power of two from 4 to 256": what of a kind is allowed, for errors and documents.
std::string allowedBy(const OptionKind& kind);

/// Whether the value is one that the option takes. Errors: InvalidArgument, its context "--name".
Result<void> check(const OptionRow& row, const OptionValue& value);

/// The value that a word of a command line means; a flag's is on, off, true, false, yes, no, 1 or 0. Errors:
/// those of check(), and of what is no such value at all, in the same words.
Result<OptionValue> valueOfText(const OptionRow& row, const std::string& text);
/// What valueOfText() takes back; empty of nothing; of a list its texts, a line each.
std::string textOf(const OptionRow& row, const OptionValue& value);

/// The words of a command line that say it: one, or of a list one a text.
std::vector<std::string> wordsOf(const OptionRow& row, const OptionValue& value);

/// Whether the options say something of it that is not its default, or must be said always.
bool isSaid(const OptionRow& row, const RunOptions& options);

} // namespace headwater
