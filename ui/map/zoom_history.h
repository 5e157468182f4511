// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/state/view_state.h"

#include <optional>
#include <vector>

namespace headwater {

/// Where the view has been, as a browser keeps it: going somewhere new forgets what lay ahead.
class ZoomHistory {
public:
    /// The view has come to rest here. Nothing happens when it is where it was.
    void settle(const MapViewport& viewport);
    std::optional<MapViewport> back();
    std::optional<MapViewport> forward();
    bool canGoBack() const { return m_at > 0; }
    bool canGoForward() const { return m_at + 1 < m_views.size(); }
    void clear();

private:
    static constexpr std::size_t kMost = 200;
    std::vector<MapViewport> m_views;
    std::size_t m_at = 0;
};

} // namespace headwater
