// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/trace/trace_reader.h"
#include "ui/bridge/background_job.h"

#include <QString>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

namespace headwater {

/// Opens traces in a background thread. A growing trace is opened again at each finished layer; of several
/// requests that come while one is being opened only the last is served.
class TraceOpener : public QObject {
    Q_OBJECT
public:
    explicit TraceOpener(QObject* parent = nullptr);

    /// What else is read for a trace in the same thread (its saved view); called with the trace's path.
    using SideReader = std::function<nlohmann::json(const std::filesystem::path&)>;
    void setSideReader(SideReader reader) { m_sideReader = std::move(reader); }

    void open(const QString& path);
    /// The same trace, now with more layers. Waits its turn behind a running open of it, so that a run that
    /// finishes layers faster than they open still shows some.
    void refresh(const QString& path);
    bool isOpening() const { return m_job.isRunning(); }

signals:
    /// `side`: what the side reader gave. Only after open().
    void opened(std::shared_ptr<const headwater::Trace> trace, nlohmann::json side);
    void refreshed(std::shared_ptr<const headwater::Trace> trace);
    void failed(const QString& path, headwater::Error error);
    void openingChanged();

private:
    void start(const QString& path, bool isRefresh);

    BackgroundJob m_job;
    SideReader m_sideReader;
    QString m_refreshing; ///< what is being opened again; empty while something else is opened
    QString m_waiting; ///< a refresh that came while one was running, or that an open interrupted
};

} // namespace headwater
