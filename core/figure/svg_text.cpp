// SPDX-License-Identifier: Apache-2.0
#include "core/figure/svg_text.h"

#include "core/figure/figure_length.h"
#include "core/figure/text_box.h"

#include <fmt/format.h>
#include <memory>
#include <pango/pango.h>
#include <string_view>
#include <variant>

namespace headwater {

namespace {

struct FreeIter {
    void operator()(PangoLayoutIter* iter) const { pango_layout_iter_free(iter); }
};

std::string escaped(std::string_view text)
{
    std::string safe;
    for (const char c : text) {
        if (c == '&')
            safe += "&amp;";
        else if (c == '<')
            safe += "&lt;";
        else if (c == '>')
            safe += "&gt;";
        else
            safe += c;
    }
    return safe;
}

std::string_view fontOf(FigureFont font)
{
    switch (font) {
    case FigureFont::Mono:
        return "font-family=\"JetBrains Mono, DejaVu Sans Mono, monospace\"";
    case FigureFont::SansMedium:
        return "font-family=\"Inter, Helvetica, Arial, sans-serif\" font-weight=\"500\"";
    case FigureFont::SansSemiBold:
        return "font-family=\"Inter, Helvetica, Arial, sans-serif\" font-weight=\"600\"";
    case FigureFont::Sans:
        break;
    }
    return "font-family=\"Inter, Helvetica, Arial, sans-serif\"";
}

/// One line of a text: where its anchor stands, from the text's own.
std::string lineOf(PangoLayoutIter* iter, const FigureText& text, const TextOrigin& origin,
                   std::string_view whole)
{
    PangoRectangle box;
    pango_layout_iter_get_line_extents(iter, nullptr, &box);
    const double left = origin.left + box.x / double{PANGO_SCALE};
    const double width = box.width / double{PANGO_SCALE};
    const double baseline = origin.top + pango_layout_iter_get_baseline(iter) / double{PANGO_SCALE};
    const bool isRight = text.horizontal == HorizontalAlign::Right;
    const bool isLeft = text.horizontal == HorizontalAlign::Left;
    const double x = left + (isLeft ? 0 : isRight ? width : width / 2);
    const PangoLayoutLine* const line = pango_layout_iter_get_line_readonly(iter);
    std::string_view words =
        whole.substr(static_cast<std::size_t>(line->start_index), static_cast<std::size_t>(line->length));
    while (words.ends_with(' ') || words.ends_with('\n')) // where the line was broken
        words.remove_suffix(1);
    return fmt::format(R"(<tspan x="{:.3f}" y="{:.3f}">{}</tspan>)", x, baseline, escaped(words));
}

std::string elementOf(const FigureText& text, FigureFonts& fonts)
{
    const FigureFonts::Layout layout = fonts.layOut(text);
    const TextOrigin origin = originOf(layout.get(), text);
    const std::string_view whole = pango_layout_get_text(layout.get());
    std::string lines;
    const std::unique_ptr<PangoLayoutIter, FreeIter> iter(pango_layout_get_iter(layout.get()));
    do {
        lines += lineOf(iter.get(), text, origin, whole);
    } while (pango_layout_iter_next_line(iter.get()) != FALSE);
    const char* const anchor = text.horizontal == HorizontalAlign::Left ? "start"
        : text.horizontal == HorizontalAlign::Right                     ? "end"
                                                                        : "middle";
    std::string place = fmt::format("translate({:.3f} {:.3f})", text.x * kPtPerMm, text.y * kPtPerMm);
    if (text.turnDegrees != 0)
        place += fmt::format(" rotate({:g})", text.turnDegrees);
    return fmt::format(
        R"(<text xml:space="preserve" transform="{}" {} font-size="{:g}" font-variant-ligatures="none" )"
        R"(text-anchor="{}" fill="#{:02x}{:02x}{:02x}">{}</text>)"
        "\n",
        place, fontOf(text.font), text.sizePt, anchor, text.colour.red, text.colour.green, text.colour.blue,
        lines);
}

} // namespace

bool isLiveText(const FigureText& text, FigureFonts& fonts)
{
    return !boxesOf(text, fonts).isShortened;
}

std::string svgTexts(const FigureSpec& spec, FigureFonts& fonts)
{
    std::string all;
    for (const FigureGroup& group : spec.groups) {
        std::string texts;
        for (const FigureItem& item : group.items) {
            const auto* const text = std::get_if<FigureText>(&item);
            if (text && !text->text.empty() && isLiveText(*text, fonts))
                texts += elementOf(*text, fonts);
        }
        if (!texts.empty())
            all += fmt::format("<g class=\"{}\">\n{}</g>\n", group.name, texts);
    }
    return all;
}

} // namespace headwater
