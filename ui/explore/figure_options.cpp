// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/explore/figure_options.h"

#include "core/figure/figure_length.h"
#include "ui/map/colour_lut.h"

#include <algorithm>
#include <cmath>

namespace headwater {

namespace {

/// The whole tokens that `pixels` pixels from `begin` on show; nothing when that is all of them, or none.
std::optional<TokenRange> tokensInView(double begin, double pixels, double tokensPerPixel,
                                       std::uint32_t seqLen)
{
    const double first = std::clamp(std::floor(begin), 0.0, static_cast<double>(seqLen));
    const double end =
        std::clamp(std::ceil(begin + pixels * tokensPerPixel), 0.0, static_cast<double>(seqLen));
    const TokenRange range{static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(end)};
    if (range.begin >= range.end || (range.begin == 0 && range.end == seqLen))
        return std::nullopt;
    return range;
}

} // namespace

HeatmapFigureOptions figureOptionsOf(const Subject& subject, const MapLook& look, const QSizeF& mapSize)
{
    HeatmapFigureOptions options;
    options.layer = subject.head().layer;
    options.head = subject.head().head;
    if (subject.trace()) {
        const MapViewport& port = look.viewport();
        const std::uint32_t seqLen = subject.trace()->seqLen();
        options.queries = tokensInView(port.query, mapSize.height(), port.queryTokensPerPixel(), seqLen);
        options.keys = tokensInView(port.key, mapSize.width(), port.tokensPerPixel, seqLen);
    }
    options.quantity = cellQuantityOf(look.mode());
    options.maskSinks = look.mask().sinks;
    options.maskDiagonal = look.mask().diagonal;
    const ColourScale colours = look.colours();
    options.colormap = colormapOf(colours.map);
    options.limits = {colours.low, colours.high, colours.logarithmic};
    return options;
}

Result<void> setFigureOptions(HeatmapFigureOptions& options, const CommandArguments& arguments)
{
    options.title = arguments.text("title").toStdString();
    HEADWATER_TRY_ASSIGN(const std::optional<bool> withTitle, arguments.flag("with_title"));
    HEADWATER_TRY_ASSIGN(const std::optional<bool> withCaption, arguments.flag("with_caption"));
    options.hasTitle = withTitle.value_or(options.hasTitle);
    options.hasCaption = withCaption.value_or(options.hasCaption);
    if (arguments.has("width")) {
        HEADWATER_TRY_ASSIGN(options.widthMm, parseLengthMm(arguments.text("width").toStdString()));
    }
    HEADWATER_TRY_ASSIGN(const std::optional<double> dpi, arguments.number("dpi", 30, 2400));
    options.pngDpi = dpi.value_or(options.pngDpi);
    return {};
}

} // namespace headwater
