// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/watchdog.h"

#include <QEvent>
#include <QThread>
#include <algorithm>
#include <ctime>

namespace headwater {

namespace {

constexpr std::size_t kMaxKept = 50;

double ownCpuMs()
{
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

} // namespace

bool WatchedApplication::notify(QObject* receiver, QEvent* event)
{
    if (!m_watching || QThread::currentThread() != thread())
        return QApplication::notify(receiver, event);
    const int level = QThread::currentThread()->loopLevel();
    // Events sent from inside a handler are part of it; those of a loop that it runs are handlers of their
    // own.
    if (!m_frames.empty() && m_frames.back().loopLevel == level)
        return QApplication::notify(receiver, event);
    // The receiver may be deleted by its own handler: its name is taken before.
    const std::string name =
        std::string(receiver->metaObject()->className()) + ' ' + receiver->objectName().toStdString();
    const int type = event->type();
    m_frames.push_back({level, ownCpuMs(), 0});
    const bool done = QApplication::notify(receiver, event);
    const Frame frame = m_frames.back();
    m_frames.pop_back();
    finish(frame, name, type);
    return done;
}

void WatchedApplication::finish(const Frame& frame, const std::string& receiver, int event)
{
    const double whole = ownCpuMs() - frame.startMs;
    if (!m_frames.empty())
        m_frames.back().elsewhereMs += whole;
    const double own = whole - frame.elsewhereMs;
    ++m_handlers;
    m_longestMs = std::max(m_longestMs, own);
    if (own <= kLimitMs)
        return;
    ++m_slowCount;
    if (m_slow.size() < kMaxKept)
        m_slow.push_back({receiver, event, own});
}

nlohmann::json WatchedApplication::report() const
{
    nlohmann::json slow = nlohmann::json::array();
    for (const SlowHandler& handler : m_slow)
        slow.push_back(
            {{"receiver", handler.receiver}, {"event", handler.event}, {"ms", handler.milliseconds}});
    return {{"handlers", m_handlers},
            {"over_50_ms", m_slowCount},
            {"longest_ms", m_longestMs},
            {"slow", std::move(slow)}};
}

} // namespace headwater
