// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "cell_numbers.h"
#include "words_oracle.h"

namespace headwater::test {

/// Reads what is said of a cell where sessions have given pairs; elsewhere it is WordsOracle's.
class ExactWordsOracle {
public:
    ExactWordsOracle(const DenseTrace& dense, const GivenWindows& given)
        : m_dense(dense)
        , m_given(given)
        , m_held(dense)
    {
    }

    /// The first lie of a tooltip in the mode of largest probabilities; empty where there is none.
    std::string findLie(const TooltipContent& said, const MapCell& cell, const TokenPair& pointed) const
    {
        if (!isGiven(cell))
            return m_held.findLie(said, cell, pointed);
        const std::string lie = lieOf(said, cell, pointed);
        return lie.empty()
            ? lie
            : fmt::format("“{}”, “{}”, “{}”, of level {} rows {}:{} keys {}:{}: {}", said.value.toStdString(),
                          said.pill.toStdString(), said.aggregate.toStdString(), cell.level,
                          cell.queries.begin, cell.queries.end, cell.keys.begin, cell.keys.end, lie);
    }

    bool isGiven(const MapCell& cell) const
    {
        return isBelowBlocks(m_dense, cell.level) && !holdersOf(cell).empty();
    }

    static bool saysRounded(const TooltipContent& said)
    {
        return said.pill.contains(QLatin1String("rounded keys"));
    }

private:
    std::vector<const ExactWindow*> holdersOf(const MapCell& cell) const
    {
        return m_given.holding({cell.queries.begin, cell.queries.end}, {cell.keys.begin, cell.keys.end});
    }

    /// Half of the last digit that is written.
    static double halfDigit(const QString& text)
    {
        const QString digits = text.section(QLatin1Char('e'), 0, 0);
        const qsizetype point = digits.indexOf(QLatin1Char('.'));
        const double last = point < 0 ? 0 : -static_cast<double>(digits.size() - point - 1);
        return 0.5 * std::pow(10.0, last + text.section(QLatin1Char('e'), 1).toDouble());
    }
    static int significantDigits(const QString& text)
    {
        QString digits = text.section(QLatin1Char('e'), 0, 0).remove(QLatin1Char('.'));
        while (digits.startsWith(QLatin1Char('0')))
            digits.remove(0, 1);
        return static_cast<int>(digits.size());
    }

    std::string lieOf(const TooltipContent& said, const MapCell& cell, const TokenPair& pointed) const
    {
        bool isNumber = false;
        const double printed = said.value.toDouble(&isNumber);
        if (!isNumber)
            return lieOfSilence(said, cell);
        if (!said.query || !said.key)
            return "no pair is named";
        const std::uint32_t row = WordsOracle::numberOf(said.query->label);
        const std::uint32_t key = WordsOracle::numberOf(said.key->label);
        if (!m_dense.isUsable(row, key) || !holds(cell, TokenPair{row, key}))
            return "no pair of this cell is named";
        const bool isElsewhere = said.query->label.startsWith(QLatin1String("largest"));
        if (!isElsewhere && pointed.query && pointed.key && (row != *pointed.query || key != *pointed.key))
            return "another pair's number stands as this one's";
        if (const std::string lie = lieOfKind(said); !lie.empty())
            return lie;
        // Just below one is never written as one: rounded down.
        const bool isJustBelow = printed < 1 && printed >= (saysRounded(said) ? 0.99 : 0.9995);
        const double within = (isJustBelow ? 2 : 1) * halfDigit(said.value) * (1 + 1e-9)
            + (saysRounded(said) ? GivenWindows::kRoundedWithin : 1e-6);
        if (const double truth = m_dense.p(row, key); std::abs(truth - printed) > within)
            return fmt::format("({}, {}) is {}", row, key, truth);
        return lieOfLargest(said, cell, row, key);
    }

    /// What the number is of, and how many digits of it are right.
    std::string lieOfKind(const TooltipContent& said) const
    {
        const bool isModel = m_dense.normaliser() == Normaliser::Exact;
        if (!said.pill.startsWith(isModel ? QLatin1String("p_model") : QLatin1String("p_stream")))
            return "it is of whole rows, and named as something else";
        if (saysRounded(said) != said.aggregate.contains(QLatin1String("rounded keys"))
            || saysRounded(said) == said.pill.contains(QLatin1String("exact")))
            return "the words do not agree on what it is";
        return saysRounded(said) && significantDigits(said.value) > 2
            ? "more than two digits of a number over rounded keys"
            : "";
    }

    /// A window of the kind that is named must hold the number, as the largest of the cell.
    std::string lieOfLargest(const TooltipContent& said, const MapCell& cell, std::uint32_t row,
                             std::uint32_t key) const
    {
        bool isOfKind = false;
        for (const ExactWindow* window : holdersOf(cell)) {
            if (window->isExact == saysRounded(said))
                continue;
            isOfKind = true;
            float largest = 0;
            for (std::uint32_t query = cell.queries.begin; query < cell.queries.end; ++query)
                for (std::uint32_t other = cell.keys.begin; other < cell.keys.end; ++other)
                    largest = std::max(largest, window->at(query, other));
            if (largest > window->at(row, key))
                return fmt::format("a pair of the cell has {}", largest);
        }
        return isOfKind ? "" : "no session has given such a number";
    }

    std::string lieOfSilence(const TooltipContent& said, const MapCell& cell) const
    {
        for (std::uint32_t row = cell.queries.begin; row < cell.queries.end; ++row)
            for (std::uint32_t key = cell.keys.begin; key < cell.keys.end; ++key)
                if (m_dense.isUsable(row, key))
                    return fmt::format("the number of ({}, {}) was given", row, key);
        return said.value == QLatin1String("outside the head's window") ? "" : "nothing can be read there";
    }

    const DenseTrace& m_dense;
    const GivenWindows& m_given;
    WordsOracle m_held;
};

} // namespace headwater::test
