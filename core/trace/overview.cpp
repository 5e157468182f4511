// SPDX-License-Identifier: Apache-2.0
#include "core/trace/overview.h"

#include "core/base/half.h"
#include "core/base/log_code.h"
#include "core/trace/trace_format.h"

#include <algorithm>
#include <bit>
#include <fmt/format.h>

namespace headwater {

bool isOverviewShape(const OverviewShape& shape, std::uint32_t seqLen)
{
    return std::has_single_bit(shape.side) && shape.side <= kMaxOverviewSide && shape.level <= 22
        && (std::uint64_t{shape.side} << shape.level) >= seqLen;
}

OverviewBuilder::OverviewBuilder(std::span<const OverviewShape> shapes)
{
    for (const OverviewShape& shape : shapes) {
        const std::size_t cells = std::size_t{shape.side} * shape.side;
        m_pictures.push_back({shape, std::vector<std::uint16_t>(cells), std::vector<std::uint32_t>(cells),
                              std::vector<std::uint16_t>(shape.side)});
    }
}

void OverviewBuilder::add(const Chunk& chunk)
{
    const BlockGrid& grid = chunk.grid;
    const std::uint32_t firstBlock = chunk.range.firstRow / grid.blockQ;
    for (Picture& picture : m_pictures) {
        const std::uint32_t level = picture.shape.level;
        for (std::uint32_t block = 0; block + 1 < chunk.rowPtr.size(); ++block) {
            const std::uint32_t firstRow = grid.firstRow(firstBlock + block);
            for (std::uint32_t edge = chunk.rowPtr[block]; edge < chunk.rowPtr[block + 1]; ++edge) {
                const std::uint32_t query = firstRow + (chunk.peakAt[edge] >> 8);
                const std::uint32_t key = chunk.keyBlock[edge] * grid.blockK + (chunk.peakAt[edge] & 0xFF);
                const std::size_t cell = std::size_t{query >> level} * picture.shape.side + (key >> level);
                picture.max[cell] = std::max(picture.max[cell], chunk.peak[edge]);
                ++picture.count[cell];
            }
        }
        // NaN has larger bits than any probability, so the plain maximum lets "unknown" win.
        for (std::uint32_t row = 0; row < chunk.range.rows; ++row) {
            std::uint16_t& missed = picture.missed[(chunk.range.firstRow + row) >> level];
            missed = std::max(missed, chunk.missed[row]);
        }
    }
}

std::vector<Overview> OverviewBuilder::finish() const
{
    const std::span<const std::uint8_t, 65536> codes = probabilityCodesOfHalves();
    std::vector<Overview> overviews;
    for (const Picture& picture : m_pictures) {
        Overview overview;
        overview.side = picture.shape.side;
        overview.level = picture.shape.level;
        overview.max.resize(picture.max.size());
        overview.count.resize(picture.count.size());
        for (std::size_t cell = 0; cell < picture.max.size(); ++cell) {
            if (picture.count[cell] == 0)
                continue; // most cells: the future, and what was not kept
            overview.max[cell] = codes[picture.max[cell]];
            overview.count[cell] = countCode(picture.count[cell]);
        }
        for (const std::uint16_t missed : picture.missed)
            overview.missed.push_back(missedMassCode(floatFromHalf(missed)));
        overviews.push_back(std::move(overview));
    }
    return overviews;
}

Result<std::vector<std::byte>> encodeOverview(FieldCoder& coder, const Overview& overview)
{
    std::vector<std::uint8_t> planes;
    planes.reserve(overview.max.size() + overview.count.size() + overview.missed.size());
    planes.insert(planes.end(), overview.max.begin(), overview.max.end());
    planes.insert(planes.end(), overview.count.begin(), overview.count.end());
    planes.insert(planes.end(), overview.missed.begin(), overview.missed.end());
    return coder.encode(FieldCodec::Zstd, planes);
}

Result<Overview> readOverviewRow(FieldCoder& coder, const SqliteStatement& row, std::uint32_t seqLen)
{
    HEADWATER_TRY(checkRowHash(tableOf(TraceTableId::Overview), row));
    const std::int64_t side = row.integer(2);
    const std::int64_t level = row.integer(3);
    const bool isSmall = side > 0 && side <= std::int64_t{kMaxOverviewSide} && level >= 0 && level < 32;
    const OverviewShape shape = isSmall
        ? OverviewShape{static_cast<std::uint32_t>(side), static_cast<std::uint32_t>(level)}
        : OverviewShape();
    if (!isOverviewShape(shape, seqLen)) {
        return Error{ErrorCode::BadFormat,
                     fmt::format("{} cells of 2^{} tokens a side do not make an overview of {} tokens", side,
                                 level, seqLen),
                     {}};
    }
    if (row.text(4) != nameOf(FieldCodec::Zstd))
        return Error{
            ErrorCode::BadFormat, fmt::format("codec '{}' is not known for an overview", row.text(4)), {}};
    const std::size_t cells = std::size_t{shape.side} * shape.side;
    std::vector<std::uint8_t> planes;
    HEADWATER_TRY(coder.decodeAppend(FieldCodec::Zstd, row.blob(6), 2 * cells + shape.side, planes));
    const auto at = [&](std::size_t offset) { return planes.begin() + static_cast<std::ptrdiff_t>(offset); };
    Overview overview;
    overview.side = shape.side;
    overview.level = shape.level;
    overview.max.assign(at(0), at(cells));
    overview.count.assign(at(cells), at(2 * cells));
    overview.missed.assign(at(2 * cells), planes.end());
    return overview;
}

} // namespace headwater
