// SPDX-License-Identifier: Apache-2.0
#include "core/reading/row_band.h"

#include "core/reading/each_head.h"
#include "core/record/head_shape.h"

#include <algorithm>

namespace headwater {
namespace {

EdgeSlice cutEdges(const EdgeSlice& edges, TokenRange rows)
{
    EdgeSlice cut;
    cut.grid = edges.grid;
    cut.firstBlock = rows.begin / edges.grid.blockQ;
    const std::uint32_t end = (rows.end - 1) / edges.grid.blockQ + 1;
    static_cast<BlockEdges<std::uint16_t>&>(cut) =
        edges.slice(cut.firstBlock - edges.firstBlock, end - edges.firstBlock);
    return cut;
}

RowSlice cutRows(const RowSlice& values, TokenRange rows)
{
    const auto part = [&](const std::vector<float>& of) {
        const auto begin = of.begin() + static_cast<std::ptrdiff_t>(rows.begin - values.firstRow);
        return std::vector<float>(begin, begin + static_cast<std::ptrdiff_t>(rows.end - rows.begin));
    };
    return {rows.begin, part(values.lse), part(values.missed), part(values.missedPeak)};
}

} // namespace

std::size_t RowBand::bytes() const
{
    std::size_t bytes = sizeof(RowBand);
    for (const HeadBand& head : heads)
        bytes += sizeof(HeadBand) + head.edges.bytes() + head.values.missed.size() * 3 * sizeof(float);
    return bytes;
}

HeadBand loadHeadBand(const TraceReading& reading, const HeadInfo& info, TokenRange rows,
                      const std::stop_token& stop)
{
    HeadBand band;
    if (!reading.trace->hasEdges(info.layer, info.head))
        return band;
    const auto edges = reading.heads->loadEdges(info.layer, info.head, rows, stop);
    if (!edges) {
        band.failure = edges.error();
        return band;
    }
    const auto values = reading.trace->loadRows(info.layer, info.head, rows);
    if (!values) {
        band.failure = values.error();
        return band;
    }
    band.edges = cutEdges(**edges, rows);
    band.values = cutRows(**values, rows);
    band.isStored = true;
    return band;
}

Result<std::shared_ptr<const RowBand>> loadRowBand(const TraceReading& reading, TokenRange rows,
                                                   const std::stop_token& stop)
{
    auto band = std::make_shared<RowBand>();
    band->trace = reading.trace;
    band->rows = {rows.begin / kTileRows * kTileRows,
                  std::min(reading.trace->seqLen(), (rows.end + kTileRows - 1) / kTileRows * kTileRows)};
    const std::span<const HeadInfo> heads = reading.trace->heads();
    band->heads.resize(heads.size());
    HEADWATER_TRY(eachHead(
        heads.size(),
        [&](std::size_t i) { band->heads[i] = loadHeadBand(reading, heads[i], band->rows, stop); }, stop));
    return std::shared_ptr<const RowBand>(std::move(band));
}

} // namespace headwater
