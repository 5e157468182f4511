// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "dense_trace.h"

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
        : least(codeOf(std::max(number - 0x1p-25, 0x1p-25)) - 1)
        , most(codeOf(number + 0x1p-25) + 1)
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

/// Each number that a trace holds of a head, in the cell of a level that has its own pair. From the block
/// level on the map is of kept blocks alone; what recorded rows add is shown below it.
class CellNumbers {
public:
    CellNumbers(const DenseTrace& dense, std::uint32_t level)
        : m_side(static_cast<double>(std::uint64_t{1} << level))
        , m_cells(static_cast<std::int64_t>(std::ceil(dense.seqLen() / m_side)))
        , m_numbers(static_cast<std::size_t>(m_cells * m_cells))
        , m_isSomewhere(m_numbers.size())
    {
        const bool isBelowBlocks = m_side < std::max(dense.grid().blockQ, dense.grid().blockK);
        for (std::uint32_t row = 0; row < dense.seqLen(); ++row) {
            for (std::uint32_t key = 0; key <= row; ++key) {
                std::optional<double> number;
                if (isBelowBlocks)
                    number = dense.numberOf(row, key);
                else if (dense.isPeak(row, key))
                    number = dense.normalised(row, key);
                if (isBelowBlocks && !dense.isRecorded(row) && dense.isUsable(row, key)
                    && dense.isKept(row, key))
                    m_isSomewhere[placeOf(static_cast<std::int64_t>(row / m_side),
                                          static_cast<std::int64_t>(key / m_side))] = true;
                if (number && *number > 0)
                    m_numbers[placeOf(static_cast<std::int64_t>(row / m_side),
                                      static_cast<std::int64_t>(key / m_side))]
                        .push_back(Codes(*number));
            }
        }
    }

    /// Whether a pair of the cell has no number but that of a kept block as its bound.
    bool isSomewhere(std::int64_t row, std::int64_t col) const
    {
        return at(row, col).empty() && m_isSomewhere[placeOf(row, col)];
    }

    double side() const { return m_side; } ///< tokens
    const std::vector<Codes>& at(std::int64_t row, std::int64_t col) const
    {
        return m_numbers[placeOf(row, col)];
    }

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

} // namespace headwater::test
