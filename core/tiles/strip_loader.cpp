// SPDX-License-Identifier: Apache-2.0
#include "core/tiles/strip_loader.h"

#include "core/reading/recorded_rows.h"
#include "core/tiles/tile_geometry.h"
#include "core/trace/head_row.h"

#include <algorithm>
#include <vector>

namespace headwater {

namespace {

/// The coarsest overview whose level is at most `level`; null when all are coarser.
Result<std::shared_ptr<const Overview>> overviewFor(const HeadSource& source, HeadCache& heads,
                                                    const TileStrip& strip, const std::stop_token& stop)
{
    for (const std::uint32_t side : source.overviewSides()) {
        // A side that must be coarser than the strip is not worth decoding.
        if (cellsOfAxis(source.seqLen(), strip.level) > side)
            continue;
        HEADWATER_TRY_ASSIGN(auto overview, heads.loadOverview(strip.layer, strip.head, side, stop));
        if (overview->level <= strip.level)
            return overview;
    }
    return std::shared_ptr<const Overview>();
}

TokenRange rowsOf(const TileStrip& strip, std::uint32_t seqLen)
{
    const auto tokenOf = [&](std::uint64_t tileRow) {
        return static_cast<std::uint32_t>(
            std::min<std::uint64_t>(seqLen, tileRow * kTileSide << strip.level));
    };
    return {tokenOf(strip.row), tokenOf(std::uint64_t{strip.row} + 1)};
}

TokenRange keysOf(const TileStrip& strip, std::uint32_t seqLen)
{
    const auto tokenOf = [&](std::uint64_t tileColumn) {
        return static_cast<std::uint32_t>(
            std::min<std::uint64_t>(seqLen, tileColumn * kTileSide << strip.level));
    };
    return {tokenOf(strip.colBegin), tokenOf(strip.colEnd)};
}

} // namespace

Result<TileRun> loadStrip(const HeadSource& source, HeadCache& heads, const TileStrip& strip,
                          const std::stop_token& loadStop, const std::stop_token& buildStop,
                          const ExactWindows* exact)
{
    const HeadInfo* info = source.findHead(strip.layer, strip.head);
    if (!info)
        return TileRun();
    if (strip.level >= blockLevel({source.seqLen(), info->blockQ, info->blockK})) {
        HEADWATER_TRY_ASSIGN(const auto overview, overviewFor(source, heads, strip, loadStop));
        if (overview)
            return buildStrip(*overview, strip, buildStop);
    }
    if (!source.hasEdges(strip.layer, strip.head))
        return TileRun();
    HEADWATER_TRY_ASSIGN(const auto edges, heads.loadEdges(strip.layer, strip.head, loadStop));
    HEADWATER_TRY_ASSIGN(const auto missed, heads.loadMissed(strip.layer, strip.head, loadStop));
    StripParts parts{*edges, *missed, shapeOf(*info).window, {}};
    std::vector<TokenRow> recorded;
    ExactWindows::Windows given;
    if (strip.level < blockLevel(edges->grid)) {
        HEADWATER_TRY_ASSIGN(
            recorded, recordedRows(heads, strip.layer, strip.head, rowsOf(strip, source.seqLen()), loadStop));
        parts.recorded = recorded;
        if (exact)
            given = exact->touching(strip.layer, strip.head, rowsOf(strip, source.seqLen()),
                                    keysOf(strip, source.seqLen()));
        parts.exact = given;
    }
    return buildStrip(parts, strip, buildStop);
}

} // namespace headwater
