// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/figure_export.h"

#include "core/figure/heatmap_figure.h"
#include "ui/map/colour_lut.h"

#include <algorithm>
#include <cmath>
#include <utility>

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

HeatmapFigureOptions figureOptionsOf(const ViewState& view, const QSizeF& mapSize)
{
    HeatmapFigureOptions options;
    options.layer = view.head().layer;
    options.head = view.head().head;
    if (view.trace()) {
        const MapViewport& port = view.viewport();
        const std::uint32_t seqLen = view.trace()->seqLen();
        options.queries = tokensInView(port.query, mapSize.height(), port.queryTokensPerPixel(), seqLen);
        options.keys = tokensInView(port.key, mapSize.width(), port.tokensPerPixel, seqLen);
    }
    options.quantity = cellQuantityOf(view.mode());
    options.maskSinks = view.mask().sinks;
    options.maskDiagonal = view.mask().diagonal;
    const ColourScale colours = view.colours();
    options.colormap = colormapOf(colours.map);
    options.limits = {colours.low, colours.high, colours.logarithmic};
    return options;
}

FigureExport::FigureExport(QObject* parent)
    : QObject(parent)
    , m_job(this)
{
}

void FigureExport::write(std::shared_ptr<const Trace> trace, const HeatmapFigureOptions& options,
                         const QString& path)
{
    m_job.start([trace = std::move(trace), options, file = std::filesystem::path(path.toStdString())](
                    std::stop_token stop) { return exportHeatmap(trace, options, file, stop); },
                [this, path](const Result<void>& done) {
                    if (done)
                        emit written(path);
                    else
                        emit failed(done.error());
                });
}

} // namespace headwater
