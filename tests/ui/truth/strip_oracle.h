// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "support/dense_trace.h"
#include "ui/map/profile_strip.h"
#include "ui/theme/theme.h"

#include <QImage>
#include <QRegularExpression>
#include <fmt/format.h>
#include <vector>

namespace headwater::test {

/// What the trace holds of a row (or of a key's readers), as bars over tokens.
struct HeldBar {
    TokenRange tokens;
    double value = 0;
};

inline std::vector<HeldBar> heldBarsOfRow(const DenseTrace& dense, std::uint32_t row)
{
    std::vector<HeldBar> bars;
    const std::uint32_t side = dense.isRecorded(row) ? 1 : dense.grid().blockK;
    const std::uint32_t last = dense.grid().endRow(row / dense.grid().blockQ) - 1;
    for (std::uint32_t key = 0; key <= (side == 1 ? row : last); key += side) {
        if (side == 1 ? dense.isAmongRecorded(row, key) : dense.isKept(row, key))
            bars.push_back({{key, std::min(key + side, dense.seqLen())},
                            side == 1 ? dense.p(row, key) : dense.meanMass(row, key, key + side)});
    }
    return bars;
}

inline std::vector<HeldBar> heldBarsOfKey(const DenseTrace& dense, std::uint32_t key)
{
    std::vector<HeldBar> bars;
    const BlockGrid& grid = dense.grid();
    const std::uint32_t firstKey = key / grid.blockK * grid.blockK;
    for (std::uint32_t block = 0; block < grid.numQueryBlocks(); ++block) {
        const TokenRange rows{grid.firstRow(block), grid.endRow(block)};
        if (rows.end > firstKey && dense.isKept(rows.begin, firstKey))
            bars.push_back({rows, dense.meanMass(rows.begin, firstKey, firstKey + grid.blockK)});
    }
    return bars;
}

/// Reads a strip beside the map: the length of its bars, pixel by pixel, and what it says of them.
class StripOracle {
public:
    StripOracle(std::vector<HeldBar> bars, double origin, double tokensPerPixel)
        : m_bars(std::move(bars))
        , m_origin(origin)
        , m_scale(tokensPerPixel)
    {
        for (const HeldBar& bar : m_bars)
            m_most = std::max(m_most, bar.value);
    }
    bool isEmpty() const { return m_bars.empty(); }

    /// `lengths`: of the bar at each pixel, in pixels; `room`: of the longest.
    std::string findLie(const std::vector<int>& lengths, double room) const
    {
        for (std::size_t pixel = 0; pixel < lengths.size(); ++pixel) {
            const auto at = static_cast<int>(pixel);
            double least = 0;
            bool isSame = lengths[pixel] == 0 && largest(at, kInward) < 0;
            for (const HeldBar& bar : m_bars) {
                if (!touches(bar, at, -kReach))
                    continue;
                const double length = std::max(1.0, room * std::sqrt(bar.value / m_most));
                isSame = isSame || (std::abs(length - lengths[pixel]) <= 1.01);
            }
            if (const double inside = largest(at, kInward); inside > 0)
                least = room * std::sqrt(inside / m_most) - 1.01;
            if (!isSame || lengths[pixel] < least)
                return fmt::format("pixel {} has a bar of {} pixels, of {} for {}", pixel, lengths[pixel],
                                   room, m_most);
        }
        return {};
    }

    /// "keys 32–39: 0.103" at a pixel: a bar there has those tokens and that value.
    std::string findLie(const QString& said, int pixel) const
    {
        static const QRegularExpression words(
            QStringLiteral("^(key|keys|query|queries) (\\d+)(?:–(\\d+))?.*: ([0-9.e-]+)$"),
            QRegularExpression::DotMatchesEverythingOption);
        if (said.isEmpty())
            return largest(pixel, kInward) < 0 ? "" : "nothing is said of a bar";
        const auto match = words.match(said);
        if (!match.hasMatch())
            return fmt::format("“{}” cannot be read", said.toStdString());
        const std::uint32_t begin = match.captured(2).toUInt();
        const std::uint32_t end = match.captured(3).isEmpty() ? begin + 1 : match.captured(3).toUInt() + 1;
        const double printed = match.captured(4).toDouble();
        for (const HeldBar& bar : m_bars)
            if (bar.tokens.begin == begin && bar.tokens.end == end && touches(bar, pixel, -kReach)
                && std::abs(bar.value - printed) <= 0.06 * bar.value + 0x1.1p-24
                && (bar.value < 0.001 || std::abs(bar.value - printed) <= 0.0008))
                return {};
        return fmt::format("“{}” is nothing that the trace holds there", said.toStdString());
    }

private:
    static constexpr double kInward = 0.01; ///< pixels: what touches by less touches by rounding
    static constexpr double kReach = 1.01; ///< a lone token has two pixels

    bool touches(const HeldBar& bar, int pixel, double inward) const
    {
        const double from = (bar.tokens.begin - m_origin) / m_scale + inward;
        const double to = (bar.tokens.end - m_origin) / m_scale - inward;
        return from < pixel + 1 && to > pixel;
    }
    /// Of the bars that a pixel shows for sure; -1 without one.
    double largest(int pixel, double inward) const
    {
        double most = -1;
        for (const HeldBar& bar : m_bars)
            if (touches(bar, pixel, inward))
                most = std::max(most, bar.value);
        return most;
    }

    std::vector<HeldBar> m_bars;
    double m_origin;
    double m_scale;
    double m_most = 0;
};

/// The length of the bar at each pixel of a drawn strip; of a lower strip below its caption.
inline std::vector<int> barLengths(const QImage& image, bool isRight, QRgb colour)
{
    std::vector<int> lengths(static_cast<std::size_t>(isRight ? image.height() : image.width()), 0);
    for (int y = isRight ? 0 : ProfileStrip::kCaption; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x)
            if (image.pixel(x, y) == colour)
                ++lengths[static_cast<std::size_t>(isRight ? y : x)];
    return lengths;
}

} // namespace headwater::test
