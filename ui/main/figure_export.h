// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/figure/heatmap_options.h"
#include "ui/bridge/background_job.h"
#include "ui/state/view_state.h"

#include <QObject>
#include <QSizeF>
#include <QString>

namespace headwater {

/// The map of the view as a figure for a paper, written in the background by core/figure.
class FigureExport : public QObject {
    Q_OBJECT
public:
    explicit FigureExport(QObject* parent = nullptr);

    bool isRunning() const { return m_job.isRunning(); }
    /// The format follows the path's extension: pdf, svg or png.
    void write(std::shared_ptr<const Trace> trace, const HeatmapFigureOptions& options, const QString& path);

signals:
    void written(const QString& path);
    void failed(const headwater::Error& error);

private:
    BackgroundJob m_job;
};

/// The options that show what is on screen: head, tokens in view, mode, masks, colours. `mapSize`: of the
/// map's own area in device-independent pixels. Colours are those of a page (light to dark), whatever the
/// theme.
HeatmapFigureOptions figureOptionsOf(const ViewState& view, const QSizeF& mapSize);

} // namespace headwater
