// SPDX-License-Identifier: Apache-2.0
#include "core/figure/heatmap_words.h"

#include "core/base/bidi_text.h"
#include "core/figure/axis_labels.h"
#include "core/figure/heatmap_places.h"
#include "core/figure/short_text.h"
#include "core/figure/text_box.h"

#include <string_view>

namespace headwater {

namespace {

using namespace page;

constexpr double kTitlePt = 8.5;
constexpr int kMostTitleLines = 3;
constexpr std::size_t kMostTitleCharacters = 8192; ///< more than three lines of the widest page hold
constexpr std::size_t kMostModelCharacters = 80;

/// One letter alone may be wider than the page.
bool isTooWide(const FigureText& text, double pageWidth, FigureFonts& fonts)
{
    return boxesOf(text, fonts).all().width() > pageWidth - 2 * kMargin + kGap;
}

FigureText captionWith(const std::string& model, const std::vector<std::string>& phrases)
{
    return label(captionText(isolated(model), phrases), HorizontalAlign::Left, VerticalAlign::Top);
}

} // namespace

std::string captionText(const std::string& model, const std::vector<std::string>& phrases)
{
    std::string text = model;
    for (const std::string& phrase : phrases)
        text += (&phrase == &phrases.front() ? ", " : " ") + phrase;
    // No line breaks inside a number or before its sign: the thin spaces there become no-break ones.
    constexpr std::string_view kThin = "\u2009";
    for (std::size_t at = 0; (at = text.find(kThin, at)) != std::string::npos;)
        text.replace(at, kThin.size(), "\u202f");
    return text;
}

PageText titleOn(double pageWidth, double mapX, const std::string& title, FigureFonts& fonts)
{
    if (title.empty())
        return {};
    FigureText text;
    const std::string shown = shortened(title, kMostTitleCharacters, TextCut::End);
    text.text = isolated(shown);
    text.font = FigureFont::SansSemiBold;
    text.sizePt = kTitlePt;
    text.colour = kInk;
    const double width = boxesOf(text, fonts).all().width();
    if (width > pageWidth - 2 * kMargin) {
        text.wrapMm = pageWidth - 2 * kMargin;
        text.mostLines = kMostTitleLines;
    }
    if (isTooWide(text, pageWidth, fonts))
        return {std::nullopt, "title"};
    standAt(text, fonts, width > pageWidth - kMargin - mapX ? kMargin : mapX, kMargin);
    const bool isWhole = shown.size() == title.size() && !boxesOf(text, fonts).isShortened;
    return {std::move(text), isWhole ? "" : "end of the title"};
}

PageText captionOn(double pageWidth, const std::string& model, const std::vector<std::string>& phrases,
                   FigureFonts& fonts)
{
    const auto paragraphWith = [&](const std::string& name) {
        FigureText text = captionWith(name, phrases);
        text.wrapMm = pageWidth - 2 * kMargin;
        return text;
    };
    std::string name = shortened(model, kMostModelCharacters, TextCut::Middle);
    FigureText text = paragraphWith(name);
    if (isTooWide(text, pageWidth, fonts)) {
        name = "…";
        text = paragraphWith(name);
    }
    standAt(text, fonts, kMargin, 0);
    return {std::move(text), name == model ? "" : "middle of the model's name"};
}

} // namespace headwater
