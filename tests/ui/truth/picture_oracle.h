// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "cell_numbers.h"
#include "ui/map/map_renderer.h"

#include <QImage>
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <unordered_map>

namespace headwater::test {

/// Cells, inclusive; tokens of the first and last.
struct TouchedCells {
    std::int64_t first = 0;
    std::int64_t last = -1;
    bool isEmpty() const { return last < first; }
};

/// Tokens of one axis that a device pixel covers; `inward` shrinks it (or widens it, negative) by that share
/// of a pixel, for what touches by rounding alone.
struct PixelSpan {
    double from = 0;
    double to = 0;

    PixelSpan(double origin, double tokensPerPixel, int pixel, double inward)
        : from(origin + (pixel + inward) * tokensPerPixel)
        , to(origin + (pixel + 1 - inward) * tokensPerPixel)
    {
    }
    TouchedCells cells(std::uint32_t seqLen, double side) const
    {
        const double begin = std::max(from, 0.0);
        const double end = std::min<double>(to, seqLen);
        if (!(begin < end))
            return {};
        return {static_cast<std::int64_t>(std::floor(begin / side)),
                static_cast<std::int64_t>(std::ceil(end / side)) - 1};
    }
};

/// Reads a drawn map pixel by pixel and says what in it is no truth. It knows the dense matrix and which
/// numbers the trace holds; of the product it takes the table of colours alone.
class PictureOracle {
public:
    PictureOracle(const DenseTrace& dense, const MapFrame& frame)
        : PictureOracle(dense, frame, heldNumbers(dense, frame.level))
    {
    }
    /// `numbers`: what is known of the cells of the frame's level.
    PictureOracle(const DenseTrace& dense, const MapFrame& frame, CellNumbers numbers)
        : m_dense(dense)
        , m_frame(frame)
        , m_numbers(std::move(numbers))
    {
        // Of no kept block there is no number; of no missed mass there is one.
        for (int code = frame.mode == MapMode::Missed ? 0 : 1; code < 256; ++code) {
            const QRgb colour = frame.colours.ofCode[static_cast<std::size_t>(code)];
            m_codes[colour].push_back(code);
            m_codes[halfway(colour, frame.colours.border)].push_back(code);
        }
        for (const QRgb quiet : quietColours(frame.colours)) {
            m_quiet.push_back(quiet);
            m_quiet.push_back(halfway(quiet, frame.colours.border));
        }
    }

    /// The first lie; empty where there is none.
    std::string findLie(const QImage& image) const
    {
        for (int y = 0; y < image.height(); ++y) {
            for (int x = 0; x < image.width(); ++x) {
                const std::string lie = lieOf(x, y, image.pixel(x, y));
                if (!lie.empty())
                    return fmt::format("pixel ({}, {}) of level {} is {:06x}: {}", x, y, m_frame.level,
                                       image.pixel(x, y) & 0xFFFFFF, lie);
            }
        }
        return {};
    }

    /// Colours that say of no pair how large it is.
    static std::vector<QRgb> quietColours(const ColourLut& colours)
    {
        return {colours.background, colours.loading,   colours.masked,
                colours.hatch,      colours.somewhere, colours.outline};
    }
    bool isQuiet(QRgb colour) const { return std::ranges::find(m_quiet, colour) != m_quiet.end(); }

    /// The pair in the middle of a device pixel; none where there is none that the head can read.
    std::optional<std::pair<std::uint32_t, std::uint32_t>> pairAt(int x, int y) const
    {
        const PixelSpan keys = keysOf(x, 0);
        const PixelSpan queries = queriesOf(y, 0);
        const double key = (keys.from + keys.to) / 2;
        const double row = (queries.from + queries.to) / 2;
        if (key < 0 || row < 0 || key >= m_dense.seqLen() || row >= m_dense.seqLen())
            return std::nullopt;
        const std::pair pair{static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(key)};
        return m_dense.isUsable(pair.first, pair.second) ? std::optional(pair) : std::nullopt;
    }
    /// Whether the trace holds a number of a pair that the pixel touches.
    bool holdsNumber(int x, int y) const
    {
        bool holds = false;
        visitCells(x, y, -kRounding,
                   [&](const std::vector<Codes>& numbers) { holds = holds || !numbers.empty(); });
        return holds;
    }

private:
    static constexpr double kRounding = 4e-6; ///< of a pixel: what touches by less touches by rounding

    static QRgb halfway(QRgb a, QRgb b)
    {
        return qRgb((qRed(a) + qRed(b)) / 2, (qGreen(a) + qGreen(b)) / 2, (qBlue(a) + qBlue(b)) / 2);
    }
    PixelSpan keysOf(int x, double inward) const
    {
        return {m_frame.viewport.key, m_frame.viewport.tokensPerPixel / m_frame.devicePixelRatio, x, inward};
    }
    PixelSpan queriesOf(int y, double inward) const
    {
        return {m_frame.viewport.query, m_frame.viewport.queryTokensPerPixel() / m_frame.devicePixelRatio, y,
                inward};
    }

    /// Outside the map, or all of its keys in the future of all of its rows.
    bool isBeyond(int x, int y) const
    {
        const PixelSpan keys = keysOf(x, 1e-6);
        const PixelSpan queries = queriesOf(y, 1e-6);
        const double tokens = m_dense.seqLen();
        return keys.to <= 0 || queries.to <= 0 || keys.from >= tokens || queries.from >= tokens
            || std::floor(keys.from) > std::ceil(queries.to) - 1;
    }

    template <class Visit> void visitCells(int x, int y, double inward, const Visit& visit) const
    {
        visitPlaces(x, y, inward, [&](std::int64_t row, std::int64_t col) { visit(m_numbers.at(row, col)); });
    }
    template <class Visit> void visitPlaces(int x, int y, double inward, const Visit& visit) const
    {
        const TouchedCells cols = keysOf(x, inward).cells(m_dense.seqLen(), m_numbers.side());
        const TouchedCells rows = queriesOf(y, inward).cells(m_dense.seqLen(), m_numbers.side());
        for (std::int64_t row = rows.first; row <= rows.last; ++row)
            for (std::int64_t col = cols.first; col <= cols.last; ++col)
                visit(row, col);
    }

    /// Of single pairs: hatch where a kept block is known to be, and nowhere else.
    std::string lieOfHatch(int x, int y, QRgb colour) const
    {
        if (m_frame.mode != MapMode::Max || m_frame.level > 0 || m_frame.mask.sinks || m_frame.mask.diagonal
            || isOnEdge(x, y))
            return {};
        bool isAny = false;
        bool isAll = true;
        visitPlaces(x, y, -kRounding, [&](std::int64_t row, std::int64_t col) {
            const bool isHere = m_numbers.isSomewhere(row, col);
            isAny = isAny || isHere;
            isAll = isAll && isHere;
        });
        const bool isLine = (x - y) % kSomewherePeriod == 0;
        if (isAll && isLine && colour != m_frame.colours.somewhere)
            return "a kept block without a number there is not hatched";
        return !isAny && colour == m_frame.colours.somewhere ? "no kept block there is without a number" : "";
    }
    /// Whether another token begins at the pixel, on either axis: cells and blocks may have edges there.
    bool isOnEdge(int x, int y) const
    {
        const auto begins = [](const PixelSpan& span, const PixelSpan& before) {
            return std::floor(span.from) != std::floor(before.from)
                || std::floor(span.to) != std::floor(before.to);
        };
        return begins(keysOf(x, 0), keysOf(x - 1, 0)) || begins(queriesOf(y, 0), queriesOf(y - 1, 0));
    }

    std::string lieOf(int x, int y, QRgb colour) const
    {
        if (isBeyond(x, y))
            return colour == m_frame.colours.background ? "" : "there is no pair there";
        const bool isMissed = m_frame.mode == MapMode::Missed;
        if (isMissed && m_dense.normaliser() == Normaliser::Kept) {
            const QRgb hatched = (x + y) % 8 < 2 ? m_frame.colours.hatch : m_frame.colours.masked;
            return colour == hatched ? "" : "what is not measured is not hatched";
        }
        Codes::Largest largest;
        visitCells(x, y, kRounding, [&](const std::vector<Codes>& numbers) { largest.add(numbers); });
        const bool isMasked = !isMissed && (m_frame.mask.sinks || m_frame.mask.diagonal);
        const auto drawn = m_codes.find(colour);
        bool isHeld = false;
        visitCells(x, y, -kRounding, [&](const std::vector<Codes>& numbers) {
            isHeld = isHeld
                || (drawn != m_codes.end()
                    && allowAny(numbers, drawn->second, isMasked ? Codes::Largest() : largest));
        });
        if (isHeld) // a light scale's low end is the ground itself
            return {};
        if (const std::string lie = lieOfHatch(x, y, colour); !lie.empty())
            return lie;
        if (isQuiet(colour) && !isMissed)
            return largest.code <= 0 || isMasked
                ? ""
                : fmt::format("a number of code {} is not shown", largest.code);
        if (drawn == m_codes.end())
            return "no colour of the scale, and none that is quiet";
        return fmt::format("code {} is no number that the trace holds of a pair there (largest {})",
                           drawn->second.front(), largest.code);
    }

    const DenseTrace& m_dense;
    const MapFrame& m_frame;
    CellNumbers m_numbers;
    std::unordered_map<QRgb, std::vector<int>> m_codes; ///< by colour
    std::vector<QRgb> m_quiet;
};

} // namespace headwater::test
