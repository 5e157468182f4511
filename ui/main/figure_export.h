// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/figure/heatmap_figure.h"
#include "ui/bridge/background_job.h"
#include "ui/state/map_look.h"
#include "ui/state/subject.h"

#include <QObject>
#include <QSizeF>
#include <QString>
#include <QStringList>
#include <QTimer>
#include <filesystem>
#include <functional>
#include <stop_token>

namespace headwater {

/// The map of the view as a figure for a paper, written in the background by core/figure. The newest export
/// counts: an older one that still runs is stopped and tells nothing.
class FigureExport : public QObject {
    Q_OBJECT
public:
    /// exportHeatmap (core/figure/heatmap_figure.h), or another in tests.
    using Writer =
        std::function<Result<FigureWritten>(std::shared_ptr<const Trace>, const HeatmapFigureOptions&,
                                            const std::filesystem::path&, std::stop_token)>;
    /// After so long a person wants to know that something goes on.
    static constexpr int kPatienceMs = 400;

    explicit FigureExport(Writer writer, QObject* parent = nullptr);

    bool isRunning() const { return m_job.isRunning(); }
    /// The format follows the path's extension: pdf, svg or png.
    void write(std::shared_ptr<const Trace> trace, const HeatmapFigureOptions& options, const QString& path);
    /// Asks the running export to stop; `cancelled` follows, or `written` where it was too late.
    void cancel();

signals:
    void runningChanged();
    void takesLong(const QString& path); ///< it is still running after kPatienceMs
    void written(const QString& path, const QStringList& dropped); ///< dropped: parts that had no room
    void cancelled(const QString& path); ///< nothing was written; what stood at the path still does
    void failed(const headwater::Error& error);

private:
    Writer m_writer;
    BackgroundJob m_job;
    QTimer m_patience;
    QString m_path;
    std::stop_source m_stop; ///< the person's; the job's own also drops the result
};

/// core/figure's exportHeatmap.
FigureExport::Writer heatmapWriter();

/// The options that show what is on screen: head, tokens in view, mode, masks, colours. `mapSize`: of the
/// map's own area in device-independent pixels. Colours are those of a page (light to dark), whatever the
/// theme.
HeatmapFigureOptions figureOptionsOf(const Subject& subject, const MapLook& look, const QSizeF& mapSize);

} // namespace headwater
