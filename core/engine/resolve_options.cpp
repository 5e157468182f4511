// SPDX-License-Identifier: Apache-2.0
#include "core/engine/resolve_options.h"

#include "core/base/text.h"
#include "core/engine/conversation.h"
#include "core/options/option_table.h"
#include "core/record/quantity.h"
#include "core/select/content_tree.h"
#include "core/tokenizer/chat_template.h"

#include <algorithm>
#include <fmt/format.h>
#include <string>

namespace headwater {
namespace {

constexpr std::uint32_t kExactUpTo = 16384; // DESIGN §3: `auto` is exact up to here, tree beyond

Error badOption(std::string_view option, const std::string& found, std::string_view expected)
{
    return {ErrorCode::InvalidArgument, fmt::format("{}, expected {}", found, expected), std::string(option)};
}

/// Every option within its own bounds.
Result<void> checkEach(const RunOptions& options)
{
    for (const OptionRow& row : optionRows()) {
        const OptionValue value = row.get(options);
        if (row.isOf(RunVerb) && !std::holds_alternative<std::monostate>(value))
            HEADWATER_TRY(check(row, value));
    }
    return {};
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
    RunOptions options;
    options.select = resolved;
    HEADWATER_TRY(checkEach(options));
    const bool isPropagated = resolved.propagation == Propagation::Propagated;
    if (resolved.keepPeak > 0 && normaliserOf(isPropagated, resolved.selection) == Normaliser::Kept)
        return badOption("--keep-peak",
                         fmt::format("{:g} with a propagated {}, which does not see whole rows",
                                     resolved.keepPeak, nameOf(resolved.selection)),
                         "0, or --observed, or --select exact");
    if (resolved.treeLevels == 0)
        resolved.treeLevels = treeShape(seqLen, 0).levels;
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
    HEADWATER_TRY(checkEach(options));
    if (options.expect && !options.check)
        return badOption("--expect", "an answer to expect but no --check", "both, or neither");
    if (options.expect && trimmed(*options.expect).empty())
        return badOption("--expect", "an empty answer, which every text begins with",
                         "at least one character");
    if (!options.day.empty() && !dayAs(options.day, "%d"))
        return badOption("--date", "'" + printable(options.day) + "'", "a day as 2026-11-30");
    if (!options.turns.empty()) {
        if (const Result<Conversation> said = conversationOf(options); !said)
            return said.error();
    }
    // What is allowed does not depend on the length; what is filled in does.
    const Result<SelectParams> resolved = resolveSelect(options.select, 1);
    return resolved ? Result<void>() : Result<void>(resolved.error());
}

BlockGrid gridOf(const SelectParams& resolved, std::uint32_t seqLen)
{
    return {seqLen, resolved.blockQ, resolved.blockK};
}

} // namespace headwater
