// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/theme/theme.h"

#include <QString>

namespace headwater {

/// The lines between the panels of a window and the tabs of panels on each other, the same in both themes: a
/// sheet of the window itself would polish all its parts anew whenever it changed.
QString windowSheet();

/// The style sheet of a window's parts: one-pixel lines, radius 5 to 7, no gradients, visible focus.
///
/// Dynamic properties that widgets may set (before they are shown, or repolish after):
/// - QPushButton / QToolButton `primary` = true: the one main action of a place.
/// - QFrame `card` = true: a raised box with a line around.
/// - QLabel `role` = "title" (section heads), "dim" (second rank), "number" (26 px, the one number that
/// matters),
///   "mono", "good", "caution", "query", "key".
/// - QLabel `pill` = true | "good" | "caution": a small rounded label.
QString styleSheetOf(const Theme& theme);

} // namespace headwater
