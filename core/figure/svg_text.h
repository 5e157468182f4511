// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/figure/figure_fonts.h"
#include "core/figure/figure_spec.h"

#include <string>

namespace headwater {

/// Whether a text can stand in an SVG as text: one that has lost its end to an ellipsis is drawn.
bool isLiveText(const FigureText& text, FigureFonts& fonts);

/// The figure's live texts as SVG elements, a `g` with its name as class for every group that has any; units
/// are points. Each line stands by its own anchor (start, middle, end), so that it keeps its place where the
/// viewer has no Inter and takes another font. Cost: every text is laid out once.
std::string svgTexts(const FigureSpec& spec, FigureFonts& fonts);

} // namespace headwater
