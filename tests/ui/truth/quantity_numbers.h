// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "cell_numbers.h"

#include <limits>

namespace headwater::test {

/// Missed mass of a row, in float64; NaN where the trace does not know it.
inline double missedOf(const DenseTrace& dense, std::uint32_t row)
{
    if (dense.normaliser() == Normaliser::Kept)
        return std::numeric_limits<double>::quiet_NaN();
    double missed = 0;
    for (std::uint32_t key = 0; key <= row; ++key)
        missed += dense.isKept(row, key) ? 0 : dense.p(row, key);
    return missed;
}

/// The largest missed mass of a cell row's rows, in each of its cells that a row reads. Empty where unknown.
inline CellNumbers missedNumbers(const DenseTrace& dense, std::uint32_t level)
{
    CellNumbers cells(dense.seqLen(), level);
    std::vector<double> largest(static_cast<std::size_t>(cells.cells()), 0.0);
    for (std::uint32_t row = 0; row < dense.seqLen(); ++row) {
        double& most = largest[static_cast<std::size_t>(cells.cellOf(row))];
        most = std::max(most, missedOf(dense, row));
    }
    if (dense.normaliser() == Normaliser::Kept)
        return cells;
    constexpr double kSums = 3e-6; // of float32 sums of a row
    for (std::int64_t row = 0; row < cells.cells(); ++row) {
        const double most = largest[static_cast<std::size_t>(row)];
        const Codes codes(most <= kSums ? 0 : codeOf(most - kSums) - 1,
                          std::min(codeOf(most + kSums) + 1, 254));
        for (std::int64_t col = 0; col <= row; ++col)
            cells.at(row, col).push_back(codes);
    }
    return cells;
}

/// Kept blocks with a pair in a cell. Shape: cells of an axis, squared.
inline std::vector<std::uint64_t> countsOf(const DenseTrace& dense, const CellNumbers& cells)
{
    const auto side = static_cast<std::size_t>(cells.cells());
    std::vector<std::uint64_t> counts(side * side);
    std::vector<std::uint64_t> last(side * side); // the block that was counted last, by number
    const BlockGrid& grid = dense.grid();
    std::uint64_t number = 0;
    for (std::uint32_t firstRow = 0; firstRow < grid.seqLen; firstRow += grid.blockQ) {
        for (std::uint32_t firstKey = 0; firstKey < grid.seqLen; firstKey += grid.blockK) {
            const std::uint32_t endRow = std::min(firstRow + grid.blockQ, grid.seqLen);
            if (firstKey >= endRow || !dense.isKept(firstRow, firstKey))
                continue;
            ++number;
            for (std::uint32_t row = firstRow; row < endRow; ++row) {
                for (std::uint32_t key = firstKey; key < std::min(firstKey + grid.blockK, row + 1); ++key) {
                    const auto cell = static_cast<std::size_t>(cells.cellOf(row)) * side
                        + static_cast<std::size_t>(cells.cellOf(key));
                    if (dense.isUsable(row, key) && last[cell] != number) {
                        last[cell] = number;
                        ++counts[cell];
                    }
                }
            }
        }
    }
    return counts;
}

/// The log code (docs/tiles.md) of a count: 1 to 255 cover 1 to 2^32; 0 of none.
inline int codeOfCount(std::uint64_t count)
{
    return count == 0 ? 0
                      : 1 + static_cast<int>(std::lround(std::log2(static_cast<double>(count)) * 254 / 32));
}

/// The kept blocks of a cell; of coarser cells than the overview's the sum of rounded counts.
inline CellNumbers countNumbers(const DenseTrace& dense, std::uint32_t level)
{
    CellNumbers cells(dense.seqLen(), level);
    const std::vector<std::uint64_t> counts = countsOf(dense, cells);
    for (std::size_t i = 0; i < counts.size(); ++i) {
        const auto side = static_cast<std::size_t>(cells.cells());
        const int code = codeOfCount(counts[i]);
        if (code > 0)
            cells.at(static_cast<std::int64_t>(i / side), static_cast<std::int64_t>(i % side))
                .push_back(Codes(std::max(1, code - 1), code + 1));
    }
    return cells;
}

/// What the rows of a cell give on average to its content: keys of kept blocks but token 0, the diagonal and
/// the block before it.
inline CellNumbers contentNumbers(const DenseTrace& dense, std::uint32_t level)
{
    CellNumbers cells(dense.seqLen(), level);
    const auto side = static_cast<std::size_t>(cells.cells());
    std::vector<double> sums(side * side);
    const BlockGrid& grid = dense.grid();
    for (std::uint32_t row = 0; row < grid.seqLen; ++row) {
        const std::uint32_t diagonal = row / grid.blockQ * grid.blockQ / grid.blockK;
        const std::uint32_t recent = diagonal > 0 ? diagonal - 1 : 0;
        for (std::uint32_t key = 1; key < std::min(recent * grid.blockK, row + 1); ++key)
            if (dense.isKept(row, key))
                sums[static_cast<std::size_t>(cells.cellOf(row)) * side
                     + static_cast<std::size_t>(cells.cellOf(key))] += dense.normalised(row, key);
    }
    for (std::size_t i = 0; i < sums.size(); ++i) {
        const double first = static_cast<double>(i / side) * cells.side();
        const double rows = std::min(cells.side(), grid.seqLen - first);
        constexpr double kFloats = 1e-6; // of masses and of token 0's share
        if (const double mean = sums[i] / rows; mean > 0)
            cells.at(static_cast<std::int64_t>(i / side), static_cast<std::int64_t>(i % side))
                .push_back(
                    Codes(mean <= kFloats ? 0 : codeOf(mean - kFloats) - 1, codeOf(mean + kFloats) + 1));
    }
    return cells;
}

} // namespace headwater::test
