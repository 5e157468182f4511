// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "cell_numbers.h"
#include "core/figure/figure_spec.h"
#include "core/figure/heatmap_colours.h"
#include "core/figure/heatmap_options.h"

#include <QRegularExpression>
#include <QString>
#include <fmt/format.h>
#include <map>

namespace headwater::test {

/// Reads the cells and the caption of a figure of the largest probability, with a level of its own, and says
/// what in them is no truth. Of the product it takes the table of colours alone.
class FigureOracle {
public:
    FigureOracle(const DenseTrace& dense, const HeatmapFigureOptions& options)
        : m_dense(dense)
        , m_options(options)
        , m_numbers(heldNumbers(dense, *options.level))
    {
        const auto table =
            colourTable(options.colormap, options.isReversed, options.limits, CellQuantity::Max, 1);
        for (int code = 1; code < 256; ++code) {
            const Rgb& colour = table[static_cast<std::size_t>(code)];
            m_codes[std::uint32_t{colour.red} << 16 | std::uint32_t{colour.green} << 8 | colour.blue]
                .push_back(code);
        }
    }

    /// The first lie; empty where there is none.
    std::string findLie(const FigureSpec& spec) const
    {
        for (const FigureGroup& group : spec.groups) {
            for (const FigureItem& item : group.items) {
                std::string lie;
                if (const auto* cells = std::get_if<FigureCells>(&item); cells && group.name == "cells")
                    lie = lieOf(*cells);
                else if (const auto* text = std::get_if<FigureText>(&item); text && group.name == "caption")
                    lie = lieOf(QString::fromStdString(text->text));
                if (!lie.empty())
                    return lie;
            }
        }
        return {};
    }

private:
    static constexpr std::uint32_t kPage = 0xFFFFFF;

    std::uint32_t firstRow() const { return m_options.queries->begin >> *m_options.level; }
    std::uint32_t firstColumn() const { return m_options.keys->begin >> *m_options.level; }

    std::string lieOf(const FigureCells& cells) const
    {
        for (std::uint32_t row = 0; row < cells.rows; ++row) {
            for (std::uint32_t col = 0; col < cells.columns; ++col) {
                const std::uint32_t colour = cells.colours[std::size_t{row} * cells.columns + col];
                const std::string lie = lieOf(firstRow() + row, firstColumn() + col, colour);
                if (!lie.empty())
                    return fmt::format("cell ({}, {}) of level {} is {:06x}: {}", firstRow() + row,
                                       firstColumn() + col, *m_options.level, colour, lie);
            }
        }
        return {};
    }

    std::string lieOf(std::uint32_t row, std::uint32_t col, std::uint32_t colour) const
    {
        if (col > row)
            return colour == kPage || colour == kNoCell ? "" : "there is no pair there";
        Codes::Largest largest;
        largest.add(m_numbers.at(row, col));
        const auto drawn = m_codes.find(colour);
        if (drawn != m_codes.end() && allowAny(m_numbers.at(row, col), drawn->second, largest))
            return {};
        if (colour == kHiddenCell)
            return m_options.maskSinks || m_options.maskDiagonal ? "" : "nothing is masked";
        if (colour != kPage && colour != kNoCell)
            return fmt::format("no number that the trace holds of a pair there (largest {})", largest.code);
        return largest.code <= 0 ? "" : fmt::format("a number of code {} is not shown", largest.code);
    }

    /// The bounds that the caption tells hold for every pair that they speak of.
    std::string lieOf(const QString& caption) const
    {
        static const QRegularExpression notKept(QStringLiteral("not kept, at most (\\S+) a key"));
        static const QRegularExpression unnamed(QStringLiteral("heaviest keys, at most (\\S+)\\.( |$)"));
        const double mostNotKept = boundIn(notKept.match(caption));
        const double mostUnnamed = boundIn(unnamed.match(caption));
        const bool isMeasured = m_dense.normaliser() == Normaliser::Exact;
        const auto [begin, end] = drawnRows();
        for (std::uint32_t row = begin; row < end; ++row) {
            for (std::uint32_t key = 0; key <= row; ++key) {
                if (!m_dense.isUsable(row, key))
                    continue;
                const double p = m_dense.p(row, key);
                if (isMeasured && !m_dense.isKept(row, key) && !(p <= mostNotKept))
                    return fmt::format("({}, {}) is not kept, {} and not at most {}", row, key, p,
                                       mostNotKept);
                if (isMarked(row) && !m_dense.isAmongRecorded(row, key) && !(p <= mostUnnamed))
                    return fmt::format("({}, {}) is not recorded, {} and not at most {}", row, key, p,
                                       mostUnnamed);
            }
        }
        return {};
    }
    /// Every row of its cell row is recorded, and the cells are finer than blocks.
    bool isMarked(std::uint32_t row) const
    {
        const std::uint32_t side = 1U << *m_options.level;
        if (side >= std::max(m_dense.grid().blockQ, m_dense.grid().blockK))
            return false;
        for (std::uint32_t other = row / side * side;
             other < std::min(row / side * side + side, m_dense.seqLen()); ++other) {
            if (!m_dense.isRecorded(other))
                return false;
        }
        return true;
    }
    std::pair<std::uint32_t, std::uint32_t> drawnRows() const
    {
        const std::uint32_t level = *m_options.level;
        const std::uint32_t end = ((m_options.queries->end - 1) >> level) + 1;
        return {firstRow() << level, std::min(end << level, m_dense.seqLen())};
    }
    /// Nothing said: everything is shown.
    static double boundIn(const QRegularExpressionMatch& match)
    {
        return match.hasMatch() ? match.captured(1).toDouble() * (1 + 1e-5) : 1e-9;
    }

    const DenseTrace& m_dense;
    const HeatmapFigureOptions& m_options;
    CellNumbers m_numbers;
    std::map<std::uint32_t, std::vector<int>> m_codes; ///< by colour
};

} // namespace headwater::test
