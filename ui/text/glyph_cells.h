// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QTextLayout>
#include <vector>

namespace headwater {

/// Where a character is drawn, in pixels of its line: from `left` to `right`, whichever way it is read.
struct GlyphCell {
    double left = 0;
    double right = 0;
    bool isRightToLeft = false;
};

/// The cells of the UTF-16 units [first, first + count) of a layout, all of them on `line`: they lie side by
/// side and cover the line. Told by the shaped glyphs, for a cursor's place between two directions is not a
/// character's edge. Units of a letter and its marks share a cell, letters of a ligature part theirs, what
/// draws nothing has none of its own (width 0). Cost: O(count), about half a microsecond each.
std::vector<GlyphCell> glyphCells(const QTextLayout& layout, const QTextLine& line, int first, int count);

} // namespace headwater
