// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/figure/figure_fonts.h"
#include "core/figure/figure_spec.h"

namespace headwater {

/// A rectangle of the page, in millimetres.
struct FigureBox {
    double left = 0;
    double top = 0;
    double right = 0;
    double bottom = 0;

    double width() const { return right - left; }
    double height() const { return bottom - top; }
};

/// The smallest box around both.
FigureBox boxAround(const FigureBox& a, const FigureBox& b);

/// What a text covers of the page, as the painter will draw it.
struct TextBoxes {
    FigureBox ink; ///< the glyphs themselves
    FigureBox logical; ///< with the font's own room above, below and beside them
    bool isShortened = false; ///< it had more lines than it may
    FigureBox all() const { return boxAround(ink, logical); }
};
TextBoxes boxesOf(const FigureText& text, FigureFonts& fonts);

/// Moves the text so that its whole box begins there.
void standAt(FigureText& text, FigureFonts& fonts, double left, double top);

/// Where the layout of a text begins, in points from the text's anchor before it is turned: the one rule of
/// its alignments, for those who measure and for those who draw.
struct TextOrigin {
    double left = 0;
    double top = 0;
};
TextOrigin originOf(PangoLayout* layout, const FigureText& text);

} // namespace headwater
