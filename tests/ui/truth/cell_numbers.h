// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "given_windows.h"
#include "support/dense_trace.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace headwater::test {

/// The log code (docs/tiles.md) of a probability: 1 to 255 cover 2^-24 to 1; 0 of none.
inline int codeOf(double probability)
{
    if (!(probability > 0))
        return 0;
    return std::clamp(1 + static_cast<int>(std::lround((std::log2(probability) + 24) * 254 / 24)), 1, 255);
}

/// What a stored number can be drawn with: it is rounded to binary16, whose smallest steps are 2^-24.
struct Codes {
    int least = 0;
    int most = 0;

    explicit Codes(double number)
        : Codes(codeOf(std::max(number - 0x1p-25, 0x1p-25)) - 1, codeOf(number + 0x1p-25) + 1)
    {
    }
    Codes(int leastCode, int mostCode)
        : least(leastCode)
        , most(mostCode)
    {
    }
    bool allow(int code) const { return code >= least && code <= most; }

    /// What the largest of some numbers is drawn with, at least.
    struct Largest {
        int code = 0;
        void add(const std::vector<Codes>& numbers)
        {
            for (const Codes& number : numbers)
                code = std::max(code, number.least);
        }
    };
};

/// Whether one of the codes can be one of the numbers that are not less than the largest.
inline bool allowAny(const std::vector<Codes>& numbers, std::span<const int> codes, Codes::Largest largest)
{
    return std::ranges::any_of(numbers, [&](const Codes& number) {
        return number.most >= largest.code
            && std::ranges::any_of(codes, [&](int code) { return number.allow(code); });
    });
}

/// What is known of the cells of a level, as codes that they may be drawn with.
class CellNumbers {
public:
    CellNumbers(std::uint32_t seqLen, std::uint32_t level)
        : m_side(static_cast<double>(std::uint64_t{1} << level))
        , m_cells(static_cast<std::int64_t>(std::ceil(seqLen / m_side)))
        , m_numbers(static_cast<std::size_t>(m_cells * m_cells))
        , m_isSomewhere(m_numbers.size())
    {
    }

    double side() const { return m_side; } ///< tokens
    std::int64_t cells() const { return m_cells; } ///< of an axis
    std::int64_t cellOf(std::uint32_t token) const { return static_cast<std::int64_t>(token / m_side); }

    const std::vector<Codes>& at(std::int64_t row, std::int64_t col) const
    {
        return m_numbers[placeOf(row, col)];
    }
    /// Whether a pair of the cell has no number but that of a kept block as its bound.
    bool isSomewhere(std::int64_t row, std::int64_t col) const
    {
        return at(row, col).empty() && m_isSomewhere[placeOf(row, col)];
    }

    std::vector<Codes>& at(std::int64_t row, std::int64_t col) { return m_numbers[placeOf(row, col)]; }
    void setSomewhere(std::int64_t row, std::int64_t col, bool is) { m_isSomewhere[placeOf(row, col)] = is; }

private:
    std::size_t placeOf(std::int64_t row, std::int64_t col) const
    {
        return static_cast<std::size_t>(row * m_cells + col);
    }

    double m_side;
    std::int64_t m_cells;
    std::vector<std::vector<Codes>> m_numbers;
    std::vector<bool> m_isSomewhere;
};

/// Cells smaller than a block show single pairs.
inline bool isBelowBlocks(const DenseTrace& dense, std::uint32_t level)
{
    return (std::uint64_t{1} << level) < std::max(dense.grid().blockQ, dense.grid().blockK);
}

/// Each number that a trace holds of a head, in the cell of a level that has its own pair. From the block
/// level on the map is of kept blocks alone; what recorded rows add is shown below it.
inline CellNumbers heldNumbers(const DenseTrace& dense, std::uint32_t level)
{
    CellNumbers cells(dense.seqLen(), level);
    const bool isInside = isBelowBlocks(dense, level);
    for (std::uint32_t row = 0; row < dense.seqLen(); ++row) {
        for (std::uint32_t key = 0; key <= row; ++key) {
            std::optional<double> number;
            if (isInside)
                number = dense.numberOf(row, key);
            else if (dense.isPeak(row, key))
                number = dense.normalised(row, key);
            if (isInside && !dense.isRecorded(row) && dense.isUsable(row, key) && dense.isKept(row, key))
                cells.setSomewhere(cells.cellOf(row), cells.cellOf(key), true);
            if (number && *number > 0)
                cells.at(cells.cellOf(row), cells.cellOf(key)).push_back(Codes(*number));
        }
    }
    return cells;
}

/// The same, and in cells below the block level that a session has given whole its largest number instead.
inline CellNumbers heldOrGivenNumbers(const DenseTrace& dense, std::uint32_t level, const GivenWindows& given)
{
    CellNumbers cells = heldNumbers(dense, level);
    if (!isBelowBlocks(dense, level) || given.isEmpty())
        return cells;
    const auto tokensOf = [&](std::int64_t cell) {
        return TokenRange{static_cast<std::uint32_t>(cell) << level,
                          std::min(dense.seqLen(), static_cast<std::uint32_t>(cell + 1) << level)};
    };
    for (std::int64_t row = 0; row < cells.cells(); ++row) {
        for (std::int64_t col = 0; col <= row; ++col) {
            const TokenRange rows = tokensOf(row);
            const TokenRange keys = tokensOf(col);
            const auto holders = given.holding(rows, keys);
            if (holders.empty())
                continue;
            cells.at(row, col).clear();
            cells.setSomewhere(row, col, false);
            for (const ExactWindow* window : holders) {
                std::optional<double> largest;
                for (std::uint32_t query = rows.begin; query < rows.end; ++query)
                    for (std::uint32_t key = keys.begin; key < keys.end; ++key)
                        if (dense.isUsable(query, key))
                            largest = std::max(largest.value_or(0), double{window->at(query, key)});
                // What is read has a number, however small.
                if (largest)
                    cells.at(row, col).push_back(Codes(std::max(*largest, 0x1p-24)));
            }
        }
    }
    return cells;
}

} // namespace headwater::test
