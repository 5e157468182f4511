// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/main/command_list.h"

namespace headwater {

/// The commands of the Explore workspace, in menu order.
std::vector<CommandSpec> exploreCommands();

} // namespace headwater
