// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "support/dense_trace.h"
#include "ui/map/cell_lookup.h"
#include "ui/map/tooltip_content.h"

#include <QRegularExpression>
#include <QString>
#include <fmt/format.h>

namespace headwater::test {

/// Reads what is said of a cell and its pairs, and says what in it is no truth.
class WordsOracle {
public:
    explicit WordsOracle(const DenseTrace& dense)
        : m_dense(dense)
    {
    }

    /// The first lie of a tooltip in the mode of largest probabilities; empty where there is none. `pointed`:
    /// the pair under the hand.
    std::string findLie(const TooltipContent& said, const MapCell& cell, const TokenPair& pointed) const
    {
        const std::string lie = lieOf(said, cell, pointed);
        return lie.empty()
            ? lie
            : fmt::format("“{}”, “{}”, “{}”, of level {} rows {}:{} keys {}:{}: {}", said.value.toStdString(),
                          said.aggregate.toStdString(), said.rank.toStdString(), cell.level,
                          cell.queries.begin, cell.queries.end, cell.keys.begin, cell.keys.end, lie);
    }

    /// The first pair of some rows that breaks a bound said of what is not kept, or of what recorded rows do
    /// not name.
    std::string findBroken(const QString& legend, std::uint32_t firstRow, std::uint32_t endRow) const
    {
        const bool isOfRecorded = legend.startsWith(QLatin1String("not in its row's"));
        const std::optional<double> bound = boundIn(legend);
        for (std::uint32_t row = firstRow; bound && row < endRow; ++row) {
            for (std::uint32_t key = 0; key <= row; ++key) {
                const bool isSpokenOf = isOfRecorded
                    ? m_dense.isRecorded(row) && !m_dense.isAmongRecorded(row, key)
                    : !m_dense.isKept(row, key);
                if (m_dense.isUsable(row, key) && isSpokenOf && !holds(m_dense.p(row, key), *bound))
                    return fmt::format("“{}”, but ({}, {}) is {}", legend.toStdString(), row, key,
                                       m_dense.p(row, key));
            }
        }
        return {};
    }

    static std::optional<double> boundIn(const QString& text)
    {
        static const QRegularExpression atMost(QStringLiteral("at most ([0-9.e-]+)"));
        const auto match = atMost.match(text);
        return match.hasMatch() ? std::optional(match.captured(1).toDouble()) : std::nullopt;
    }

    /// "query 7 941" is 7941.
    static std::uint32_t numberOf(const QString& text)
    {
        QString digits;
        for (const QChar c : text)
            if (c.isDigit())
                digits += c;
        return digits.toUInt();
    }

private:
    /// Float32 scores: 1e-5 of a probability.
    static bool holds(double probability, double bound) { return probability <= bound * (1 + 1e-4) + 1e-12; }
    /// What is printed with at least two digits, of a binary16.
    static bool isPrinted(double number, double printed)
    {
        return std::abs(number - printed) <= 0.06 * number + 0x1.1p-24
            && (number < 0.001 || std::abs(number - printed) <= 0.0008);
    }
    template <class Check> std::string eachPair(const MapCell& cell, const Check& check) const
    {
        for (std::uint32_t row = cell.queries.begin; row < cell.queries.end; ++row) {
            for (std::uint32_t key = cell.keys.begin; key < std::min(cell.keys.end, row + 1); ++key) {
                if (!m_dense.isUsable(row, key))
                    continue;
                if (const std::string wrong = check(row, key); !wrong.empty())
                    return fmt::format("({}, {}) {}", row, key, wrong);
            }
        }
        return {};
    }

    /// What a cell's number is of from the block level on: the largest of its kept blocks.
    std::optional<double> shownNumber(const MapCell& cell, std::uint32_t row, std::uint32_t key) const
    {
        const bool isBelowBlocks =
            (std::uint64_t{1} << cell.level) < std::max(m_dense.grid().blockQ, m_dense.grid().blockK);
        if (isBelowBlocks)
            return m_dense.numberOf(row, key);
        return m_dense.isPeak(row, key) ? std::optional(m_dense.normalised(row, key)) : std::nullopt;
    }

    std::string lieOf(const TooltipContent& said, const MapCell& cell, const TokenPair& pointed) const
    {
        bool isNumber = false;
        const double printed = said.value.toDouble(&isNumber);
        if (isNumber)
            return lieOfNumber(said, cell, pointed, printed);
        if (const std::string lie = lieOfBound(said, cell); !lie.empty())
            return lie;
        return lieOfBlock(said);
    }

    std::string lieOfNumber(const TooltipContent& said, const MapCell& cell, const TokenPair& pointed,
                            double printed) const
    {
        if (!said.query || !said.key)
            return "no pair is named";
        const std::uint32_t row = numberOf(said.query->label);
        const std::uint32_t key = numberOf(said.key->label);
        const bool isElsewhere = said.query->label.startsWith(QLatin1String("largest"));
        if (!isElsewhere && pointed.query && pointed.key && (row != *pointed.query || key != *pointed.key))
            return "another pair's number stands as this one's";
        const std::optional<double> number = shownNumber(cell, row, key);
        if (!number)
            return fmt::format("the trace holds no number of ({}, {})", row, key);
        if (!isPrinted(*number, printed))
            return fmt::format("({}, {}) is {}", row, key, *number);
        return eachPair(cell, [&](std::uint32_t other, std::uint32_t otherKey) -> std::string {
            const std::optional<double> another = shownNumber(cell, other, otherKey);
            return another && *another > *number * 1.001 + 0x1p-24 ? fmt::format("is larger, {}", *another)
                                                                   : "";
        });
    }

    std::string lieOfBound(const TooltipContent& said, const MapCell& cell) const
    {
        const std::optional<double> bound = boundIn(said.aggregate);
        const bool isOfRow = said.value.startsWith(QLatin1String("not in its row's"));
        const bool isNotKept = said.value == QLatin1String("not kept");
        return eachPair(cell, [&](std::uint32_t row, std::uint32_t key) -> std::string {
            if (said.value == QLatin1String("outside the head's window"))
                return "can be read";
            const std::optional<double> number = shownNumber(cell, row, key);
            if (number && *number > 0x1p-25)
                return fmt::format("has a number, {}", *number);
            if (isNotKept && m_dense.isKept(row, key))
                return "is kept";
            const double truth = isOfRow ? m_dense.p(row, key) : m_dense.normalised(row, key);
            // Of a head of kept keys what is not kept is not measured, by its numbers it has none.
            if (bound && !(isNotKept && m_dense.normaliser() == Normaliser::Kept) && !holds(truth, *bound))
                return fmt::format("is {}, no less than {}", truth, *bound);
            return {};
        });
    }

    std::string lieOfBlock(const TooltipContent& said) const
    {
        static const QRegularExpression largest(
            QStringLiteral("^largest, ([0-9.e-]+), at query ([^×]+)× key ([^“]+)"));
        const auto match = largest.match(said.rank);
        if (!match.hasMatch())
            return {};
        const std::uint32_t row = numberOf(match.captured(2));
        const std::uint32_t key = numberOf(match.captured(3));
        if (!m_dense.isPeak(row, key))
            return fmt::format("({}, {}) is no block's largest", row, key);
        return isPrinted(m_dense.normalised(row, key), match.captured(1).toDouble())
            ? ""
            : fmt::format("({}, {}) is {}", row, key, m_dense.normalised(row, key));
    }

    const DenseTrace& m_dense;
};

} // namespace headwater::test
