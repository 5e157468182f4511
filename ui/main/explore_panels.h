// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/main/panel_factory.h"

#include <vector>

namespace headwater {

/// The panels of the Explore workspace, in the order of the default layout.
std::vector<PanelFactory> explorePanels();

} // namespace headwater
