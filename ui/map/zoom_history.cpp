// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/zoom_history.h"

namespace headwater {

void ZoomHistory::settle(const MapViewport& viewport)
{
    if (!m_views.empty() && m_views[m_at] == viewport)
        return;
    if (!m_views.empty())
        m_views.resize(m_at + 1);
    if (m_views.size() == kMost)
        m_views.erase(m_views.begin());
    m_views.push_back(viewport);
    m_at = m_views.size() - 1;
}

std::optional<MapViewport> ZoomHistory::back()
{
    if (!canGoBack())
        return std::nullopt;
    return m_views[--m_at];
}

std::optional<MapViewport> ZoomHistory::forward()
{
    if (!canGoForward())
        return std::nullopt;
    return m_views[++m_at];
}

void ZoomHistory::clear()
{
    m_views.clear();
    m_at = 0;
}

} // namespace headwater
