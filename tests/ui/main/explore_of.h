// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/explore/explore_workspace.h"
#include "ui/main/main_window.h"
#include "ui/main/workspaces.h"

namespace headwater::testing {

/// Explore, the first of a window's workspaces.
inline ExploreWorkspace& exploreOf(const MainWindow& window)
{
    return *static_cast<ExploreWorkspace*>(window.workspaces().all().front());
}

} // namespace headwater::testing
