// SPDX-License-Identifier: Apache-2.0
#include "core/figure/text_box.h"

#include "core/figure/figure_length.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <pango/pango.h>

namespace headwater {

namespace {

/// Inter's capitals and figures are 0.727 em high.
constexpr double kHalfOfCapitals = 0.36;

/// What a rectangle of the layout covers of the page.
FigureBox onPage(const PangoRectangle& rectangle, const TextOrigin& origin, const FigureText& text)
{
    const double turn = text.turnDegrees * M_PI / 180;
    const double left = origin.left + rectangle.x / double{PANGO_SCALE};
    const double top = origin.top + rectangle.y / double{PANGO_SCALE};
    const double right = left + rectangle.width / double{PANGO_SCALE};
    const double bottom = top + rectangle.height / double{PANGO_SCALE};
    std::array<double, 4> xs{};
    std::array<double, 4> ys{};
    for (std::size_t corner = 0; corner < 4; ++corner) {
        const double x = corner % 2 == 0 ? left : right;
        const double y = corner < 2 ? top : bottom;
        xs[corner] = text.x + (x * std::cos(turn) - y * std::sin(turn)) / kPtPerMm;
        ys[corner] = text.y + (x * std::sin(turn) + y * std::cos(turn)) / kPtPerMm;
    }
    const auto [leftmost, rightmost] = std::minmax_element(xs.begin(), xs.end());
    const auto [topmost, lowest] = std::minmax_element(ys.begin(), ys.end());
    return {*leftmost, *topmost, *rightmost, *lowest};
}

} // namespace

FigureBox boxAround(const FigureBox& a, const FigureBox& b)
{
    return {std::min(a.left, b.left), std::min(a.top, b.top), std::max(a.right, b.right),
            std::max(a.bottom, b.bottom)};
}

TextBoxes boxesOf(const FigureText& text, FigureFonts& fonts)
{
    const FigureFonts::Layout layout = fonts.layOut(text);
    const TextOrigin origin = originOf(layout.get(), text);
    PangoRectangle ink;
    PangoRectangle logical;
    pango_layout_get_extents(layout.get(), &ink, &logical);
    return {onPage(ink, origin, text), onPage(logical, origin, text),
            pango_layout_is_ellipsized(layout.get()) != FALSE};
}

void standAt(FigureText& text, FigureFonts& fonts, double left, double top)
{
    const FigureBox box = boxesOf(text, fonts).all();
    text.x += left - box.left;
    text.y += top - box.top;
}

TextOrigin originOf(PangoLayout* layout, const FigureText& text)
{
    PangoRectangle logical;
    pango_layout_get_extents(layout, nullptr, &logical);
    const double width = logical.width / double{PANGO_SCALE};
    const double height = logical.height / double{PANGO_SCALE};
    const double baseline = pango_layout_get_baseline(layout) / double{PANGO_SCALE};
    TextOrigin origin{0, -baseline};
    if (text.horizontal != HorizontalAlign::Left)
        origin.left = text.horizontal == HorizontalAlign::Centre ? -width / 2 : -width;
    if (text.vertical == VerticalAlign::Top)
        origin.top = 0;
    else if (text.vertical == VerticalAlign::Bottom)
        origin.top = -height;
    else if (text.vertical == VerticalAlign::Middle)
        origin.top = -baseline + kHalfOfCapitals * text.sizePt;
    return origin;
}

} // namespace headwater
