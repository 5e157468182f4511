// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/figure_export.h"

#include "ui/bridge/path_text.h"
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

FigureExport::Writer heatmapWriter()
{
    return [](std::shared_ptr<const Trace> trace, const HeatmapFigureOptions& options,
              const std::filesystem::path& path,
              const std::stop_token& stop) { return exportHeatmap(std::move(trace), options, path, stop); };
}

FigureExport::FigureExport(Writer writer, QObject* parent)
    : QObject(parent)
    , m_writer(std::move(writer))
    , m_job(this, BackgroundJob::Urgency::Hand)
{
    connect(&m_job, &BackgroundJob::runningChanged, this, &FigureExport::runningChanged);
    m_patience.setSingleShot(true);
    m_patience.setInterval(kPatienceMs);
    connect(&m_patience, &QTimer::timeout, this, [this] { emit takesLong(m_path); });
}

void FigureExport::write(std::shared_ptr<const Trace> trace, const HeatmapFigureOptions& options,
                         const QString& path)
{
    m_path = path;
    m_stop = std::stop_source();
    m_patience.start();
    m_job.start(
        [writer = m_writer, trace = std::move(trace), options, file = pathOf(path),
         asked = m_stop](const std::stop_token& stop) {
            const std::stop_callback dropped(stop, [source = asked]() mutable { source.request_stop(); });
            return writer(trace, options, file, asked.get_token());
        },
        [this, path](const Result<FigureWritten>& done) {
            m_patience.stop();
            if (done) {
                QStringList dropped;
                for (const std::string& part : done->dropped)
                    dropped << QString::fromStdString(part);
                emit written(path, dropped);
            } else if (done.error().code == ErrorCode::Cancelled) {
                emit cancelled(path);
            } else {
                emit failed(done.error());
            }
        });
}

void FigureExport::cancel()
{
    m_stop.request_stop();
}

} // namespace headwater
