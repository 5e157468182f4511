// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "quantity_numbers.h"
#include "words_oracle.h"

#include <set>

namespace headwater::test {

/// Reads what a tooltip says of a cell in the modes of kept blocks and of missed mass.
class QuantityWordsOracle {
public:
    explicit QuantityWordsOracle(const DenseTrace& dense)
        : m_dense(dense)
    {
    }

    /// The first lie; empty where there is none.
    std::string findLie(const TooltipContent& said, const MapCell& cell, MapMode mode) const
    {
        const std::string lie = mode == MapMode::Count ? lieOfCount(said, cell) : lieOfMissed(said, cell);
        return lie.empty()
            ? lie
            : fmt::format("“{}”, “{}” of level {} rows {}:{} keys {}:{}: {}", said.value.toStdString(),
                          said.aggregate.toStdString(), cell.level, cell.queries.begin, cell.queries.end,
                          cell.keys.begin, cell.keys.end, lie);
    }

private:
    std::string lieOfCount(const TooltipContent& said, const MapCell& cell) const
    {
        std::set<std::pair<std::uint32_t, std::uint32_t>> blocks;
        for (std::uint32_t row = cell.queries.begin; row < cell.queries.end; ++row)
            for (std::uint32_t key = cell.keys.begin; key < std::min(cell.keys.end, row + 1); ++key)
                if (m_dense.isUsable(row, key) && m_dense.isKept(row, key))
                    blocks.insert({row / m_dense.grid().blockQ, key / m_dense.grid().blockK});
        const std::uint32_t counted = WordsOracle::numberOf(said.value);
        return counted == blocks.size() ? "" : fmt::format("{} kept blocks are there", blocks.size());
    }

    /// Rounded up, of the row that misses most, which is named.
    std::string lieOfMissed(const TooltipContent& said, const MapCell& cell) const
    {
        if (m_dense.normaliser() == Normaliser::Kept)
            return said.value == QLatin1String("not measured") ? "" : "nobody measured it";
        double most = 0;
        for (std::uint32_t row = cell.queries.begin; row < cell.queries.end; ++row)
            most = std::max(most, missedOf(m_dense, row));
        bool isNumber = false;
        const double printed = said.value.section(QLatin1Char(' '), 0, 0).toDouble(&isNumber) / 100;
        if (!isNumber || !said.value.endsWith(QLatin1String(" %")))
            return "no share is told";
        const double within = 0x1p-11 * most + 4e-6; // binary16, float32 sums
        if (!(printed >= most - within && printed <= most + 0.001 + within))
            return fmt::format("its rows miss {} at most", most);
        if (!said.query)
            return "no row is named";
        const double named = missedOf(m_dense, WordsOracle::numberOf(said.query->label));
        return named >= most - 2 * within ? "" : fmt::format("the row that is named misses {}", named);
    }

    const DenseTrace& m_dense;
};

} // namespace headwater::test
