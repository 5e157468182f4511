// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QApplication>
#include <QString>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace headwater {

/// An application that measures how much of its own CPU time each event handler of the UI thread takes,
/// nested event loops (menus, drags) aside. What is over the limit after the first show is counted and kept
/// by name.
class WatchedApplication : public QApplication {
public:
    static constexpr double kLimitMs = 50;

    using QApplication::QApplication;

    bool notify(QObject* receiver, QEvent* event) override;

    /// Starts counting: the first show has made fonts and styles, which nobody waits for later.
    void startWatching() { m_watching = true; }

    struct SlowHandler {
        std::string receiver; ///< class and object name
        int event = 0; ///< QEvent::Type
        double milliseconds = 0;
    };
    std::size_t slowCount() const { return m_slowCount; }
    double longestMs() const { return m_longestMs; }
    /// {"handlers": n, "over_50_ms": n, "longest_ms": x, "slow": [{receiver, event, ms}, …]}
    nlohmann::json report() const;

private:
    struct Frame {
        int loopLevel = 0;
        double startMs = 0;
        double elsewhereMs = 0; ///< spent in handlers of a nested event loop
    };
    void finish(const Frame& frame, const std::string& receiver, int event);

    std::vector<Frame> m_frames;
    std::vector<SlowHandler> m_slow;
    std::size_t m_handlers = 0;
    std::size_t m_slowCount = 0;
    double m_longestMs = 0;
    bool m_watching = false;
};

} // namespace headwater
