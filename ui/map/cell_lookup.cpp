// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/cell_lookup.h"

#include "core/base/log_code.h"
#include "core/reading/known_cell.h"
#include "core/reading/recorded_rows.h"
#include "core/tiles/tile_geometry.h"
#include "core/trace/head_row.h"
#include "ui/map/pixel_axis.h"
#include "ui/map/view_mask.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace headwater {

namespace {

/// What a pixel prefers to show of the cells it touches: the largest code, before a block that is somewhere
/// there, before ground.
int rankOf(const MapFrame& frame, std::uint32_t row, std::uint32_t col)
{
    const std::uint32_t tileRow = row / kTileSide;
    const std::uint32_t tileCol = col / kTileSide;
    for (const TilePlacement& placement : frame.tiles) {
        if (placement.key.row != tileRow || placement.key.col != tileCol || !placement.tile)
            continue;
        const Tile& tile = *placement.tile;
        const std::uint32_t shift = tile.key.level - frame.level;
        const std::size_t r = (row >> shift) - tile.key.row * kTileSide;
        const std::size_t c = (col >> shift) - tile.key.col * kTileSide;
        if (frame.mode == MapMode::Missed)
            return 1 + tile.missed[r];
        if (frame.mode == MapMode::Count)
            return 1 + tile.count[r * kTileSide + c];
        const int code = tile.max[r * kTileSide + c];
        if (shift > 0 && frame.level < blockLevel(frame.grid))
            return tile.count[r * kTileSide + c] > 0 ? 1 : 0;
        return code > 0 ? 1 + code : tile.isSomewhere(r, c) ? 1 : 0;
    }
    return 0;
}

/// The row of [begin, end) that misses most: the first unknown one when there is one.
std::uint32_t rowMissingMost(const std::vector<float>& missed, TokenRange rows)
{
    std::uint32_t most = rows.begin;
    for (std::uint32_t row = rows.begin; row < rows.end && row < missed.size(); ++row) {
        if (std::isnan(missed[row]))
            return row;
        if (missed[row] > missed[most])
            most = row;
    }
    return most;
}

/// Of a cell below the block level: its most known pair, and the kept block that holds it. What was found of
/// the cell's edges stays as their number.
Result<void> lookUpPair(const TileSource& source, const Trace& trace, const HeadInfo& info,
                        const HeadEdges& edges, CellAnswer& answer, const std::stop_token& stop)
{
    const TokenRange queries = answer.cell.queries;
    HEADWATER_TRY_ASSIGN(const std::vector<TokenRow> recorded,
                         recordedRows(source.heads(), info.layer, info.head, queries, stop));
    const HeadShape shape = shapeOf(info);
    HEADWATER_TRY_ASSIGN(const auto rows, trace.loadRows(info.layer, info.head, queries));
    const TokenRange keys = answer.cell.keys;
    const std::shared_ptr<const ExactWindows> windows = source.exact();
    const auto exact = windows ? windows->holding(info.layer, info.head, queries, keys) : nullptr;
    answer.pair = mostKnownPair({shape, edges, rows.get(), recorded, exact.get()}, queries, keys);
    const std::uint64_t edgesInCell = answer.edge ? answer.edge->edgesInCell : 0;
    answer.edge.reset();
    if (answer.pair->block)
        answer.edge = findCellEdge(edges, 0, answer.pair->row, answer.pair->key);
    if (answer.edge)
        answer.edge->edgesInCell = edgesInCell;
    return {};
}

} // namespace

bool holds(const MapCell& cell, const TokenPair& pair)
{
    return pair.query && pair.key && *pair.query >= cell.queries.begin && *pair.query < cell.queries.end
        && *pair.key >= cell.keys.begin && *pair.key < cell.keys.end;
}

std::optional<MapCell> cellAt(const MapFrame& frame, const QPointF& point)
{
    const double ratio = frame.devicePixelRatio;
    const std::uint32_t seqLen = frame.grid.seqLen;
    const MapViewport& view = frame.viewport;
    const auto pixelOf = [&](double origin, double tokensPerPixel, double place) {
        return pixelAt(origin, tokensPerPixel / ratio, std::floor(place * ratio), seqLen, frame.level);
    };
    const PixelAxis::Pixel cols = pixelOf(view.key, view.tokensPerPixel, point.x());
    const PixelAxis::Pixel rows = pixelOf(view.query, view.queryTokensPerPixel(), point.y());
    if (!cols.inside || !rows.inside || cols.firstToken > rows.lastToken)
        return std::nullopt;
    std::uint32_t bestRow = rows.first;
    std::uint32_t bestCol = cols.first;
    const CellMask mask = viewMask(frame.grid, frame.level, frame.mode, frame.mask, frame.sinks);
    int best = -2;
    for (std::uint32_t row = rows.first; row <= rows.last; ++row) {
        for (std::uint32_t col = cols.first; col <= std::min(cols.last, row); ++col) {
            const int rank = mask.hides(row, col) ? -1 : rankOf(frame, row, col);
            if (rank > best) {
                best = rank;
                bestRow = row;
                bestCol = col;
            }
        }
    }
    MapCell cell;
    cell.level = frame.level;
    cell.queries = cellTokens(bestRow << frame.level, frame.level, seqLen);
    cell.keys = cellTokens(bestCol << frame.level, frame.level, seqLen);
    return cell;
}

CellAnswer lookUpCell(const TileSource& source, const Trace& trace, HeadId head, const MapCell& cell,
                      const std::stop_token& stop)
{
    CellAnswer answer;
    answer.head = head;
    answer.cell = cell;
    answer.notKept = std::numeric_limits<float>::quiet_NaN();
    answer.missed = answer.missedMost = answer.notKept;
    answer.missedRow = cell.queries.begin;
    const HeadInfo* info = trace.findHead(head.layer, head.head);
    if (!info || !trace.hasEdges(head.layer, head.head))
        return answer;
    const auto read = [&]() -> Result<void> {
        HEADWATER_TRY_ASSIGN(const auto edges, source.heads().loadEdges(head.layer, head.head, stop));
        HEADWATER_TRY_ASSIGN(const auto missed, source.heads().loadMissed(head.layer, head.head, stop));
        answer.edge = findCellEdge(*edges, cell.level, cell.queries.begin, cell.keys.begin);
        if (cell.level < blockLevel(edges->grid)) {
            HEADWATER_TRY(lookUpPair(source, trace, *info, *edges, answer, stop));
        } else if (!answer.edge && info->normaliser == Normaliser::Exact) {
            HEADWATER_TRY_ASSIGN(const auto rows, trace.loadRows(head.layer, head.head, cell.queries));
            answer.notKept = largestMissedPeak(*rows, cell.queries.begin, cell.queries.end);
        }
        answer.known = true;
        answer.missedRow = rowMissingMost(*missed, cell.queries);
        answer.missedMost = (*missed)[answer.missedRow];
        const std::uint32_t row = answer.pair ? answer.pair->row
            : answer.edge                     ? answer.edge->query
                                              : cell.queries.begin;
        answer.missed = (*missed)[row];
        return {};
    };
    if (const Result<void> done = read(); !done)
        answer.failure = done.error();
    return answer;
}

} // namespace headwater
