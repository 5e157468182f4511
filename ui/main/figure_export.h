// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/figure/heatmap_figure.h"
#include "ui/bridge/background_job.h"
#include "ui/main/workspace.h"

#include <QObject>
#include <QString>
#include <QStringList>
#include <QTimer>
#include <filesystem>
#include <functional>
#include <stop_token>

namespace headwater {

/// Writes a figure for a paper in the background. The newest export counts: an older one that still runs is
/// stopped and tells nothing.
class FigureExport : public QObject {
    Q_OBJECT
public:
    /// After so long a person wants to know that something goes on.
    static constexpr int kPatienceMs = 400;

    explicit FigureExport(QObject* parent = nullptr);

    bool isRunning() const { return m_job.isRunning(); }
    /// The format follows the path's extension: pdf, svg or png.
    void write(FigureWriter writer, const QString& path);
    /// Asks the running export to stop; `cancelled` follows, or `written` where it was too late.
    void cancel();

signals:
    void runningChanged();
    void takesLong(const QString& path); ///< it is still running after kPatienceMs
    void written(const QString& path, const QStringList& dropped); ///< dropped: parts that had no room
    void cancelled(const QString& path); ///< nothing was written; what stood at the path still does
    void failed(const headwater::Error& error);

private:
    BackgroundJob m_job;
    QTimer m_patience;
    QString m_path;
    std::stop_source m_stop; ///< the person's; the job's own also drops the result
};

} // namespace headwater
