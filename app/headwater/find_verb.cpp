// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/verb.h"
#include "core/base/text.h"
#include "core/reading/text_search.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

struct FindArguments {
    std::string trace;
    std::string text;
    std::string letterCase = "ignored";
    std::uint64_t most = 100000;
    bool json = false;
};

LetterCase letterCaseOf(const std::string& name)
{
    if (name == "matched")
        return LetterCase::Matched;
    return name == "smart" ? LetterCase::Smart : LetterCase::Ignored;
}

/// The text of tokens around a hit, on one line.
std::string hitText(const Trace& trace, const TokenRange& hit)
{
    constexpr std::uint32_t kAround = 8;
    const std::uint32_t begin = hit.begin - std::min(hit.begin, kAround);
    const std::uint32_t end = std::min(trace.seqLen(), hit.end + kAround);
    const auto offsets = trace.tokenOffsets();
    return printable(trace.text().substr(offsets[begin], offsets[end] - offsets[begin]));
}

Result<int> findText(const FindArguments& arguments, const VerbContext& context)
{
    if (arguments.text.empty())
        return Error{ErrorCode::InvalidArgument, "expected a text to look for, found an empty one", "text"};
    HEADWATER_TRY_ASSIGN(const std::shared_ptr<const Trace> trace, Trace::open(arguments.trace));
    const TextHits hits = searchText(*trace, arguments.text, letterCaseOf(arguments.letterCase),
                                     static_cast<std::size_t>(arguments.most), context.stop);
    if (context.stop.stop_requested())
        return Error{ErrorCode::Cancelled, "stopped while searching", arguments.trace};
    if (!arguments.json) {
        for (const TokenRange& hit : hits.spans)
            std::printf("%u:%u  %s\n", hit.begin, hit.end, hitText(*trace, hit).c_str());
        if (hits.isCut)
            std::fprintf(stderr, "note: there may be more; --most takes more\n");
        return 0;
    }
    nlohmann::json spans = nlohmann::json::array();
    for (const TokenRange& hit : hits.spans)
        spans.push_back({hit.begin, hit.end});
    printJson({{"text", arguments.text},
               {"case_ignored", hits.isCaseIgnored},
               {"occurrences", hits.occurrences},
               {"cut", hits.isCut},
               {"spans", std::move(spans)}});
    return 0;
}

} // namespace

void addFindVerb(CLI::App& app, VerbAction& action)
{
    auto arguments = std::make_shared<FindArguments>();
    CLI::App* const verb = app.add_subcommand("find", "where a text occurs in a trace, by its tokens");
    verb->add_option("trace", arguments->trace, "the trace (*.hwt)")->transform(fileName())->required();
    verb->add_option("text", arguments->text, "what is looked for")->required();
    verb->add_option("--case", arguments->letterCase,
                     "ignored, matched, or smart: matched where the text holds a capital")
        ->capture_default_str()
        ->check(CLI::IsMember({"ignored", "matched", "smart"}));
    verb->add_option("--most", arguments->most, "so many places at most")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    verb->add_flag("--json", arguments->json, "print JSON");
    verb->callback([arguments, &action] {
        action = [arguments](const VerbContext& context) { return findText(*arguments, context); };
    });
}

} // namespace headwater
