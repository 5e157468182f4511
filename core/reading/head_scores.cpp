// SPDX-License-Identifier: Apache-2.0
#include "core/reading/head_scores.h"

#include "core/base/half.h"
#include "core/base/half_bound.h"
#include "core/reading/each_head.h"
#include "core/reading/listed_rows.h"
#include "core/reading/role_keys.h"
#include "core/reading/row_band.h"
#include "core/reading/span_sum.h"
#include "core/trace/head_row.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace headwater {
namespace {

using State = KnownMass::State;

/// What sums of a row's floats may be off by.
constexpr double kFloatSums = 1e-6;

struct RoleRule {
    HeadRole role;
    const char* name;
    double threshold;
};
constexpr std::array<RoleRule, kHeadRoles.size()> kRules{{{HeadRole::PreviousToken, "previous_token", 0.4},
                                                          {HeadRole::Induction, "induction", 0.4},
                                                          {HeadRole::DuplicateToken, "duplicate_token", 0.4},
                                                          {HeadRole::Sink, "sink", 0.4},
                                                          {HeadRole::Retrieval, "retrieval", 0.1}}};

const RoleRule& ruleOf(HeadRole role)
{
    return kRules[static_cast<std::size_t>(role)];
}

/// The rows whose likeliest copy can be told: those that are followed by a generated token.
TokenRange answeringRows(const Trace& trace)
{
    for (const Segment& segment : trace.segments())
        if (segment.name == "generated" && segment.begin > 0 && segment.end > segment.begin)
            return {segment.begin - 1, segment.end - 1};
    return {};
}

RoleScore scoreOf(const SpanKnowledge& known, const KeysOfRows& keys, std::uint32_t tokens)
{
    RoleScore score;
    // A head that is normalised over its kept keys has rows of another quantity: they are told apart.
    SpanKnowledge all = known;
    if (known.normaliser == Normaliser::Kept) {
        all.tokens = {};
        all.windows = {};
    }
    if (known.edges) {
        SpanSum sum(all, keys);
        sum.add({0, tokens});
        score.all = sum.mean();
        score.rows = sum.rows();
    }
    SpanSum recorded(known, keys);
    for (const TokenRow& row : known.tokens)
        recorded.add({row.row, row.row + 1});
    score.recorded = recorded.mean();
    score.recordedRows = recorded.rows();
    return score;
}

/// What rows give to the first token is told by what is on file of the head's content, which leaves it out:
/// that of a query block beyond the first ones is the mass of the blocks that are not always kept, and of
/// block 0 without the first token (docs/trace_format.md, section 4).
void knowFirstToken(const SpanKnowledge& known, const HeadInfo& info, RoleScore& score)
{
    if (!known.edges || info.kind != HeadKind::Global || info.normaliser != Normaliser::Exact
        || std::isnan(info.statistics.contentMass) || score.rows == 0)
        return;
    const EdgeSlice& edges = *known.edges;
    const double content = info.statistics.contentMass * info.rows;
    double lower = -content;
    double upper = -content;
    std::uint32_t firstRows = 0; // whose block 0 is always kept for another reason
    for (std::uint32_t block = 0; block < edges.grid.numQueryBlocks(); ++block) {
        const AlwaysKept always = alwaysKept(edges.grid, block);
        if (always.recent == 0) {
            firstRows = edges.grid.endRow(block);
            continue;
        }
        const double rows = edges.grid.endRow(block) - edges.grid.firstRow(block);
        for (std::uint32_t edge = edges.beginOf(block); edge < edges.endOf(block); ++edge) {
            if (edges.keyBlock[edge] != 0 && always.contains(edges.keyBlock[edge]))
                continue;
            const float mass = floatFromHalf(edges.mass[edge]);
            lower += rows * static_cast<double>(floorOfNearestHalf(mass));
            upper += rows * static_cast<double>(boundOfNearestHalf(mass));
        }
    }
    const FirstToken first;
    SpanSum others(known, first);
    others.add({0, firstRows});
    const auto rows = static_cast<double>(score.rows);
    const KnownMass mean = others.mean();
    const auto otherRows = static_cast<double>(others.rows());
    lower = std::max(score.all.lower, (std::max(0.0, lower) + mean.lower * otherRows) / rows);
    upper = std::min(score.all.upper, (upper + mean.upper * otherRows) / rows + kFloatSums);
    if (upper >= score.all.upper && lower <= score.all.lower)
        return;
    score.all.lower = lower;
    score.all.upper = std::max(lower, upper);
    if (mean.state == State::None || mean.isExact())
        score.all.state = State::Exact;
}

/// A row's heaviest key, which its list begins with, decides.
RoleScore retrievalOf(const SpanKnowledge& known, TokenRange rows, const Trace& trace)
{
    RoleScore score;
    score.rows = rows.end - rows.begin;
    double copies = 0;
    for (std::uint32_t row = rows.begin; row < rows.end; ++row) {
        const TokenRow* const tokens = known.tokensOf(row);
        if (!tokens)
            continue;
        ++score.recordedRows;
        const std::uint32_t key = tokens->keys.front();
        copies += key <= rows.begin && trace.tokenIds()[key] == trace.tokenIds()[row + 1] ? 1 : 0;
    }
    if (score.rows == 0)
        return score;
    const auto count = static_cast<double>(score.rows);
    const auto recorded = static_cast<double>(score.recordedRows);
    const bool isAll = score.recordedRows == score.rows;
    score.all = {isAll ? State::Exact : State::NotKept, copies / count, (copies + count - recorded) / count,
                 true};
    if (score.recordedRows > 0)
        score.recorded = {State::Exact, copies / recorded, copies / recorded, true};
    return score;
}

HeadScores scoresOf(const TraceReading& reading, const ListedRows& listed, std::size_t place,
                    const TokenPlaces& places, const std::stop_token& stop)
{
    const Trace& trace = *reading.trace;
    const HeadInfo& info = trace.heads()[place];
    HeadScores head;
    head.head = {info.layer, info.head};
    const HeadShape shape = shapeOf(info);
    SpanKnowledge known = listed.of(info, shape, place);
    const HeadBand blocks = loadHeadBand(reading, info, {0, trace.seqLen()}, stop);
    head.isStored = blocks.isStored;
    head.failure = blocks.failure ? blocks.failure : listed.failureOf(place);
    if (head.failure)
        return head;
    if (blocks.isStored) {
        known.edges = &blocks.edges;
        known.values = &blocks.values;
    }
    const auto take = [&](HeadRole role, const KeysOfRows& keys) {
        head.scores[static_cast<std::size_t>(role)] = scoreOf(known, keys, trace.seqLen());
    };
    take(HeadRole::PreviousToken, PreviousToken());
    take(HeadRole::Induction, InductionTokens(places));
    take(HeadRole::DuplicateToken, DuplicateTokens(places));
    take(HeadRole::Sink, FirstToken());
    knowFirstToken(known, info, head.scores[static_cast<std::size_t>(HeadRole::Sink)]);
    head.scores[static_cast<std::size_t>(HeadRole::Retrieval)] =
        retrievalOf(known, answeringRows(trace), trace);
    return head;
}

} // namespace

const char* nameOf(HeadRole role)
{
    return ruleOf(role).name;
}

std::optional<HeadRole> headRoleNamed(std::string_view name)
{
    const auto rule = std::ranges::find(kRules, name, &RoleRule::name);
    return rule == kRules.end() ? std::nullopt : std::optional(rule->role);
}

double thresholdOf(HeadRole role)
{
    return ruleOf(role).threshold;
}

double RoleScore::certain() const
{
    if (rows == 0 && recordedRows == 0)
        return std::numeric_limits<double>::quiet_NaN();
    const bool isEnough = recordedRows >= kFewestRecordedRows || (rows > 0 && recordedRows == rows);
    if (rows == 0 || (isEnough && !all.ofWholeRow))
        return isEnough ? recorded.lower : std::numeric_limits<double>::quiet_NaN();
    return isEnough ? std::max(all.lower, recorded.lower) : all.lower;
}

std::optional<HeadRole> HeadScores::name() const
{
    std::optional<HeadRole> best;
    for (const HeadRole role : kHeadRoles) {
        const RoleScore& score = of(role);
        const bool isRuledOut = score.rows > 0 && score.all.upper < thresholdOf(role);
        if (isRuledOut || !(score.certain() >= thresholdOf(role)))
            continue;
        const bool isBetter = !best || *best == HeadRole::Sink || score.certain() > of(*best).certain();
        if (isBetter && !(best && role == HeadRole::Sink))
            best = role;
    }
    return best;
}

bool HeadScores::isNameOfAllRows() const
{
    const std::optional<HeadRole> role = name();
    return role && of(*role).rows > 0 && of(*role).all.lower >= thresholdOf(*role);
}

Result<std::vector<HeadScores>> scoreHeads(const TraceReading& reading, const std::stop_token& stop)
{
    const Trace& trace = *reading.trace;
    const TokenPlaces places(trace.tokenIds());
    const ListedRows listed = ListedRows::load(reading, {0, trace.seqLen()}, std::nullopt);
    std::vector<HeadScores> scores(trace.heads().size());
    HEADWATER_TRY(eachHead(
        scores.size(), [&](std::size_t i) { scores[i] = scoresOf(reading, listed, i, places, stop); }, stop));
    return scores;
}

} // namespace headwater
