// SPDX-License-Identifier: Apache-2.0
#include "core/figure/heatmap_marks.h"

#include "core/base/percent.h"
#include "core/base/text.h"
#include "core/figure/heatmap_colours.h"
#include "core/figure/token_name.h"
#include "core/reading/cell_list.h"
#include "core/reading/profile.h"
#include "core/trace/trace_quantity.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace headwater {

namespace {

using namespace page;

constexpr double kFramePt = 0.7;
constexpr double kHaloPt = 1.9;
constexpr double kLeastFrame = 0.9; ///< mm: a smaller frame would hide what it marks
constexpr Rgb kFrameInk{0x1C, 0x21, 0x28};
constexpr Rgb kHalo{255, 255, 255};

bool isOneToken(const std::vector<TokenRange>& marks)
{
    return marks.size() == 1 && marks.front().end - marks.front().begin == 1;
}

/// The tokens that the cells of one axis cover.
TokenRange tokensOf(std::uint32_t first, std::uint32_t count, std::uint32_t level)
{
    const std::uint64_t end = (std::uint64_t{first} + count) << level;
    return {first << level, static_cast<std::uint32_t>(std::min<std::uint64_t>(end, UINT32_MAX))};
}

Result<void> checkInside(const std::vector<TokenRange>& marks, TokenRange shown, std::uint32_t seqLen,
                         const char* axis)
{
    const std::uint32_t end = std::min(shown.end, seqLen);
    for (const TokenRange& mark : marks) {
        if (mark.begin >= mark.end || mark.begin < shown.begin || mark.end > end)
            return Error{ErrorCode::InvalidArgument,
                         fmt::format("the marked {} {}:{} are not within {}:{}, which the figure shows", axis,
                                     mark.begin, mark.end, shown.begin, end),
                         {}};
    }
    return {};
}

/// "query 8 008 “2”", "queries 8 004–8 011".
std::string wordsOf(const Trace& trace, const char* one, const char* many, TokenRange mark)
{
    if (mark.end - mark.begin == 1)
        return fmt::format("{} {} “{}”", one, withThousands(mark.begin), tokenName(trace, mark.begin));
    return fmt::format("{} {}–{}", many, withThousands(mark.begin), withThousands(mark.end - 1));
}

std::string pairPhrase(const Trace& trace, const HeadInfo& head, const KnownPair& pair)
{
    if (pair.hasValue())
        return fmt::format("The pair: {} {:.3g}.",
                           pair.state == KnownPair::State::Peak ? blockQuantity(trace, head)
                                                                : tokenRowQuantity(trace),
                           pair.value);
    if (pair.state == KnownPair::State::None)
        return "The query cannot read the key.";
    return std::isnan(pair.bound)
        ? "The pair: not measured."
        : fmt::format("The pair: at most {}.", boundText(static_cast<double>(pair.bound)));
}

/// The largest bar in each cell.
std::vector<float> inCells(const Profile& profile, std::uint32_t first, std::uint32_t count,
                           std::uint32_t level)
{
    std::vector<float> values(count);
    for (const Profile::Bar& bar : profile.bars) {
        const std::uint32_t from = std::max(bar.tokens.begin >> level, first);
        const std::uint32_t end = std::min(((bar.tokens.end - 1) >> level) + 1, first + count);
        for (std::uint32_t cell = from; cell < end; ++cell)
            values[cell - first] = std::max(values[cell - first], bar.value);
    }
    return values;
}

std::string rowPhrase(const Trace& trace, const Profile& row)
{
    const std::string query = withThousands(row.token);
    if (!row.ofTokens())
        return fmt::format("above: what the {} rows around query {} read, a mean by key block", row.block,
                           query);
    return row.isWhole ? fmt::format("above: what query {} reads, {}", query, tokenRowQuantity(trace))
                       : fmt::format("above: the {} heaviest keys of query {}, {}", row.bars.size(), query,
                                     tokenRowQuantity(trace));
}

std::string keyPhrase(const Profile& key)
{
    const std::string token = withThousands(key.token);
    return key.ofTokens()
        ? fmt::format("right: who reads key {}", token)
        : fmt::format("right: who reads the {} keys around {}, by query block", key.block, token);
}

/// No bars would say that there is nothing.
Error unknownMargin(const HeadInfo& head, const char* what)
{
    return {ErrorCode::Unsupported,
            fmt::format(
                "the trace stores only overviews of this head: {} is not known; leave that margin out", what),
            fmt::format("layer {} head {}", head.layer, head.head)};
}

struct Side {
    double from = 0;
    double to = 0;
};

/// Where tokens stand along an axis of `length` mm.
Side sideOf(TokenRange tokens, std::uint32_t first, std::uint32_t count, std::uint32_t level, double length)
{
    const double perToken = length / count / std::exp2(level);
    const double origin = std::exp2(level) * first;
    Side side{(tokens.begin - origin) * perToken, (tokens.end - origin) * perToken};
    side.to = std::min(side.to, length);
    if (side.to - side.from < kLeastFrame) { // what is smaller gets a frame around it
        const double middle = (side.from + side.to) / 2;
        side = {middle - kLeastFrame / 2, middle + kLeastFrame / 2};
    }
    return side;
}

FigureRectangle frame(double x, double y, double width, double height, Rgb colour, double pt)
{
    FigureRectangle made{x, y, width, height, std::nullopt, colour, pt};
    return made;
}

} // namespace

Result<HeatmapMarks> gatherMarks(const TraceReading& reading, const HeadInfo& head, const HeatmapCells& cells,
                                 const HeatmapFigureOptions& options, const std::stop_token& stop)
{
    const Trace& trace = *reading.trace;
    HeatmapMarks marks;
    marks.queries = options.markedQueries;
    marks.keys = options.markedKeys;
    HEADWATER_TRY(checkInside(marks.queries, tokensOf(cells.firstRow, cells.rows, cells.level),
                              trace.seqLen(), "queries"));
    HEADWATER_TRY(checkInside(marks.keys, tokensOf(cells.firstColumn, cells.columns, cells.level),
                              trace.seqLen(), "keys"));
    if (options.hasRowMargin && !isOneToken(marks.queries))
        return Error{ErrorCode::InvalidArgument, "the margin of a query needs one marked query", {}};
    if (options.hasKeyMargin && !isOneToken(marks.keys))
        return Error{ErrorCode::InvalidArgument, "the margin of a key needs one marked key", {}};

    const HeadId id{head.layer, head.head};
    std::vector<std::string> framed;
    for (const TokenRange& mark : marks.queries)
        framed.push_back(wordsOf(trace, "query", "queries", mark));
    for (const TokenRange& mark : marks.keys)
        framed.push_back(wordsOf(trace, "key", "keys", mark));
    if (!framed.empty()) {
        marks.phrases.push_back(fmt::format("Framed: {}.", fmt::join(framed, ", ")));
        if (isOneToken(marks.queries) && isOneToken(marks.keys) && trace.hasEdges(head.layer, head.head)) {
            HEADWATER_TRY_ASSIGN(const std::vector<KnownPair> pairs,
                                 readPairs(reading, id, marks.queries.front(), marks.keys.front(), stop));
            marks.phrases.push_back(pairPhrase(trace, head, pairs.empty() ? KnownPair() : pairs.front()));
        }
    }
    std::vector<std::string> margins;
    if (options.hasRowMargin) {
        const Profile row = readRowProfile(reading, id, marks.queries.front().begin, stop);
        if (row.failure)
            return *row.failure;
        if (!row.ofTokens() && !trace.hasEdges(head.layer, head.head))
            return unknownMargin(head, "what this query reads");
        marks.rowReads = inCells(row, cells.firstColumn, cells.columns, cells.level);
        margins.push_back(rowPhrase(trace, row));
    }
    if (options.hasKeyMargin) {
        const Profile key = readColumnProfile(reading, id, marks.keys.front().begin, stop);
        if (key.failure)
            return *key.failure;
        if (!key.ofTokens() && !trace.hasEdges(head.layer, head.head))
            return unknownMargin(head, "who reads this key");
        marks.keyReaders = inCells(key, cells.firstRow, cells.rows, cells.level);
        margins.push_back(keyPhrase(key));
    }
    if (!margins.empty()) {
        std::string phrase =
            fmt::format("{} (bars as square roots; full length is 1).", fmt::join(margins, "; "));
        phrase[0] = static_cast<char>(phrase[0] - 'a' + 'A');
        marks.phrases.push_back(std::move(phrase));
    }
    return marks;
}

FigureGroup marginsOn(const HeatmapMarks& marks, const MapPlace& map)
{
    FigureGroup group{"margins", {}};
    // Runs of one value are one bar: a profile of blocks has few.
    const auto runs = [](const std::vector<float>& values, const auto& take) {
        for (std::size_t from = 0, to = 0; from < values.size(); from = to) {
            while (to < values.size() && values[to] == values[from])
                ++to;
            if (values[from] > 0)
                take(static_cast<double>(from) / static_cast<double>(values.size()),
                     static_cast<double>(to) / static_cast<double>(values.size()),
                     kMarginBar * std::sqrt(std::min(static_cast<double>(values[from]), 1.0)));
        }
    };
    runs(marks.rowReads, [&](double from, double to, double length) {
        group.items.emplace_back(FigureRectangle{map.x + from * map.width, map.y - kMarginGap - length,
                                                 (to - from) * map.width, length, kQueryColour, std::nullopt,
                                                 0});
    });
    runs(marks.keyReaders, [&](double from, double to, double length) {
        group.items.emplace_back(FigureRectangle{map.x + map.width + kMarginGap, map.y + from * map.height,
                                                 length, (to - from) * map.height, kKeyColour, std::nullopt,
                                                 0});
    });
    return group;
}

FigureGroup framesOn(const HeatmapMarks& marks, const HeatmapCells& cells, const MapPlace& map)
{
    FigureGroup group{"marks", {}};
    std::vector<Side> rows;
    std::vector<Side> columns;
    for (const TokenRange& mark : marks.queries)
        rows.push_back(sideOf(mark, cells.firstRow, cells.rows, cells.level, map.height));
    for (const TokenRange& mark : marks.keys)
        columns.push_back(sideOf(mark, cells.firstColumn, cells.columns, cells.level, map.width));
    for (const Side& row : rows)
        group.items.emplace_back(
            frame(map.x, map.y + row.from, map.width, row.to - row.from, kQueryColour, kFramePt));
    for (const Side& column : columns)
        group.items.emplace_back(
            frame(map.x + column.from, map.y, column.to - column.from, map.height, kKeyColour, kFramePt));
    for (const Side& row : rows) {
        for (const Side& column : columns) {
            for (const auto& [colour, pt] : {std::pair(kHalo, kHaloPt), std::pair(kFrameInk, kFramePt)})
                group.items.emplace_back(frame(map.x + column.from, map.y + row.from, column.to - column.from,
                                               row.to - row.from, colour, pt));
        }
    }
    return group;
}

} // namespace headwater
