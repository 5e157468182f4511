// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/trace_opener.h"

#include "ui/bridge/path_text.h"

#include <utility>

namespace headwater {

namespace {

struct Opened {
    Result<std::shared_ptr<const Trace>> trace;
    nlohmann::json side;
};

} // namespace

TraceOpener::TraceOpener(QObject* parent)
    : QObject(parent)
    , m_job(this, BackgroundJob::Urgency::Hand)
{
    connect(&m_job, &BackgroundJob::runningChanged, this, &TraceOpener::openingChanged);
}

void TraceOpener::open(const QString& path)
{
    // The trace that is shown stays if this one cannot be opened, and then as far as it has grown.
    if (m_waiting.isEmpty() && m_job.isRunning())
        m_waiting = m_refreshing;
    if (m_waiting == path)
        m_waiting.clear();
    start(path, false);
}

void TraceOpener::refresh(const QString& path)
{
    if (m_job.isRunning())
        m_waiting = path;
    else
        start(path, true);
}

void TraceOpener::start(const QString& path, bool isRefresh)
{
    m_refreshing = isRefresh ? path : QString();
    m_job.start(
        [file = pathOf(path), reader = isRefresh ? SideReader() : m_sideReader](std::stop_token) {
            Opened opened{Trace::open(file), nlohmann::json::object()};
            if (opened.trace && reader)
                opened.side = reader(file);
            return opened;
        },
        [this, path, isRefresh](Opened opened) {
            if (!isRefresh && opened.trace && m_waiting != path)
                m_waiting.clear();
            if (!opened.trace)
                emit failed(path, opened.trace.error());
            else if (isRefresh)
                emit refreshed(std::move(*opened.trace));
            else
                emit this->opened(std::move(*opened.trace), std::move(opened.side));
            if (!m_waiting.isEmpty() && !m_job.isRunning())
                start(std::exchange(m_waiting, QString()), true);
        });
}

} // namespace headwater
