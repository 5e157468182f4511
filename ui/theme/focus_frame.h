// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
class QAbstractScrollArea;

namespace headwater {

/// A line around the viewport of a view that has the keyboard, so that one sees where the arrows go. Call it
/// at the end of the view's paintEvent; a view repaints when it gains or loses the focus.
void paintFocusFrame(const QAbstractScrollArea& view);

} // namespace headwater
