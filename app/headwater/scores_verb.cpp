// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/verb.h"
#include "core/base/known_number.h"
#include "core/base/percent.h"
#include "core/reading/head_scores.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

struct ScoresArguments {
    std::string trace;
    std::string by;
    std::uint64_t top = 0;
    bool json = false;
};

nlohmann::json scoreJson(const RoleScore& score)
{
    const bool isScored = score.rows > 0;
    const bool isRecorded = score.recordedRows > 0;
    const auto number = [](bool isThere, double value) {
        return isThere ? knownNumber(value) : nlohmann::json();
    };
    return {{"lower", number(isScored, score.all.lower)},
            {"upper", number(isScored, score.all.upper)},
            {"whole_row", score.all.ofWholeRow},
            {"rows", score.rows},
            {"recorded_lower", number(isRecorded, score.recorded.lower)},
            {"recorded_upper", number(isRecorded, score.recorded.upper)},
            {"recorded_rows", score.recordedRows}};
}

nlohmann::json headScoresJson(const HeadScores& head)
{
    const std::optional<HeadRole> name = head.name();
    nlohmann::json scores = nlohmann::json::object();
    for (const HeadRole role : kHeadRoles)
        scores[nameOf(role)] = scoreJson(head.of(role));
    return {{"layer", head.head.layer},
            {"head", head.head.head},
            {"name", name ? nlohmann::json(nameOf(*name)) : nlohmann::json()},
            {"of_all_rows", head.isNameOfAllRows()},
            {"scores", head.failure ? nlohmann::json() : std::move(scores)}};
}

/// The highest certain score first, unknown ones last; without a role by layer and head.
std::vector<HeadScores> ordered(std::vector<HeadScores> heads, const std::string& by)
{
    if (const std::optional<HeadRole> role = headRoleNamed(by))
        std::ranges::stable_sort(heads, std::greater<>(), [&](const HeadScores& head) {
            const double certain = head.of(*role).certain();
            return std::isnan(certain) ? -1 : certain;
        });
    return heads;
}

std::string scoreText(const RoleScore& score)
{
    if (std::isnan(score.certain()))
        return "unknown";
    const std::string all = score.rows == 0 ? ""
        : score.all.isExact()               ? fmt::format("{:.3f}", score.all.lower)
                              : fmt::format("{:.3f} to {}", score.all.lower, boundText(score.all.upper));
    return score.recordedRows == 0 || score.all.isExact()
        ? all
        : fmt::format("{}, {:.3f} of {} rows", all, score.recorded.lower, score.recordedRows);
}

void printScores(const std::vector<HeadScores>& heads)
{
    for (const HeadScores& head : heads) {
        const std::optional<HeadRole> name = head.name();
        std::printf("layer %3d, head %3d: %s", head.head.layer, head.head.head,
                    name ? nameOf(*name) : "no name");
        for (const HeadRole role : kHeadRoles)
            std::printf("; %s %s", nameOf(role), scoreText(head.of(role)).c_str());
        std::printf("\n");
    }
}

Result<int> showScores(const ScoresArguments& arguments, const VerbContext& context)
{
    HEADWATER_TRY_ASSIGN(const std::shared_ptr<const Trace> trace, Trace::open(arguments.trace));
    HEADWATER_TRY_ASSIGN(std::vector<HeadScores> all, scoreHeads(readingOf(trace), context.stop));
    std::vector<HeadScores> heads = ordered(std::move(all), arguments.by);
    std::size_t damaged = 0;
    for (const HeadScores& head : heads) {
        if (head.failure && damaged++ == 0)
            std::fprintf(stderr, "note: layer %d, head %d cannot be read: %s\n", head.head.layer,
                         head.head.head, head.failure->text().c_str());
        if (head.failure && damaged == heads.size())
            return *head.failure;
    }
    if (arguments.top > 0 && arguments.top < heads.size())
        heads.resize(arguments.top);
    if (!arguments.json) {
        printScores(heads);
        return 0;
    }
    nlohmann::json thresholds = nlohmann::json::object();
    for (const HeadRole role : kHeadRoles)
        thresholds[nameOf(role)] = thresholdOf(role);
    nlohmann::json list = nlohmann::json::array();
    for (const HeadScores& head : heads)
        list.push_back(headScoresJson(head));
    const std::optional<std::uint64_t> seal = trace->sealHash();
    printJson({{"seal", seal ? nlohmann::json(fmt::format("{:016x}", *seal)) : nlohmann::json()},
               {"thresholds", std::move(thresholds)},
               {"heads", std::move(list)}});
    return 0;
}

} // namespace

void addScoresVerb(CLI::App& app, VerbAction& action)
{
    auto arguments = std::make_shared<ScoresArguments>();
    CLI::App* const verb = app.add_subcommand(
        "scores", "what each head does: previous token, induction, duplicate token, sink, retrieval");
    verb->add_option("trace", arguments->trace, "the trace (*.hwt)")->transform(fileName())->required();
    std::vector<std::string> names;
    for (const HeadRole role : kHeadRoles)
        names.emplace_back(nameOf(role));
    verb->add_option("--by", arguments->by, "the highest score of this first [by layer and head]")
        ->check(CLI::IsMember(names));
    verb->add_option("--top", arguments->top, "so many heads alone [all]")->check(CLI::PositiveNumber);
    verb->add_flag("--json", arguments->json, "print JSON");
    verb->callback([arguments, &action] {
        action = [arguments](const VerbContext& context) { return showScores(*arguments, context); };
    });
}

} // namespace headwater
