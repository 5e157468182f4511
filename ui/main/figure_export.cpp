// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/figure_export.h"

#include "ui/bridge/path_text.h"

#include <utility>

namespace headwater {

FigureExport::FigureExport(QObject* parent)
    : QObject(parent)
    , m_job(this, BackgroundJob::Urgency::Hand)
{
    connect(&m_job, &BackgroundJob::runningChanged, this, &FigureExport::runningChanged);
    m_patience.setSingleShot(true);
    m_patience.setInterval(kPatienceMs);
    connect(&m_patience, &QTimer::timeout, this, [this] { emit takesLong(m_path); });
}

void FigureExport::write(FigureWriter writer, const QString& path)
{
    m_path = path;
    m_stop = std::stop_source();
    m_patience.start();
    m_job.start(
        [writer = std::move(writer), file = pathOf(path), asked = m_stop](const std::stop_token& stop) {
            const std::stop_callback dropped(stop, [source = asked]() mutable { source.request_stop(); });
            return writer(file, asked.get_token());
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
