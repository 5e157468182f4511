// SPDX-License-Identifier: Apache-2.0
#include "core/figure/heatmap_panels.h"

#include "core/base/text.h"
#include "core/figure/axis_labels.h"
#include "core/figure/heatmap_colours.h"
#include "core/figure/heatmap_places.h"
#include "core/figure/heatmap_words.h"
#include "core/figure/label_spans.h"
#include "core/figure/text_box.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <optional>
#include <utility>
#include <variant>

namespace headwater {

namespace {

using namespace page;

constexpr double kLeastPanel = 36; ///< mm, of a panel where the number of columns is ours to choose
constexpr double kPanelGap = 1.6; ///< between rows
constexpr double kLongestBar = 60;

std::string letterOf(std::size_t panel)
{
    return fmt::format("({})", static_cast<char>('a' + panel));
}

const FigureCells& mapOf(const FigureSpec& spec)
{
    for (const FigureGroup& group : spec.groups) {
        if (group.name == "cells")
            return std::get<FigureCells>(group.items.back());
    }
    std::abort(); // every page has its cells
}

void move(FigureItem& item, double right, double down)
{
    std::visit(
        [right, down](auto& shape) {
            if constexpr (requires { shape.x1; }) {
                shape.x1 += right;
                shape.x2 += right;
                shape.y1 += down;
                shape.y2 += down;
            } else {
                shape.x += right;
                shape.y += down;
            }
        },
        item);
}

/// Panels in rows of `columns`.
class PanelPage {
public:
    PanelPage(const std::vector<HeatmapContent>& panels, const HeatmapFigureOptions& options,
              FigureFonts& fonts)
        : m_panels(panels)
        , m_options(options)
        , m_fonts(fonts)
    {
    }

    Result<FigureSpec> make(std::size_t columns)
    {
        m_spec = {};
        m_spec.widthMm = m_options.widthMm;
        for (const HeatmapContent& panel : m_panels)
            m_spec.title += (m_spec.title.empty() ? "" : ", ") + panel.title;
        if (!m_options.title.empty())
            m_spec.title = printable(m_options.title);
        HEADWATER_TRY(placePanels(columns));
        const double capacity =
            blocksPerCell(m_panels.front().cells, m_panels.front().blockQ, m_panels.front().blockK);
        const std::vector<AxisTick> ticks = barTicks(m_options, capacity);
        if (m_options.hasBar)
            placeBar(ticks);
        placeCaption(ticks, capacity);
        m_spec.heightMm = m_bottom + kMargin;
        return std::move(m_spec);
    }

private:
    struct Widths {
        double first = 0; ///< of a row's first panel, which is wider by its query axis
        double other = 0;
    };

    /// One panel as its own page, without bar and caption.
    Result<FigureSpec> panelOf(std::size_t panel, double width, bool hasQueryAxis)
    {
        HeatmapContent own = m_panels[panel];
        own.title = m_options.hasTitle ? letterOf(panel) + ' ' + own.title : letterOf(panel);
        own.hasQueryAxis = hasQueryAxis;
        own.hasQueryNames = m_hasQueryNames;
        HeatmapFigureOptions how = m_options;
        how.widthMm = width;
        how.hasTitle = true;
        how.hasBar = how.hasCaption = false;
        return layOutHeatmap(own, how, m_fonts);
    }

    /// Those at which the maps are of one size. The axis depends on them: its names stand where they fit.
    Result<Widths> widthsOf(std::size_t columns)
    {
        constexpr int kRounds = 4;
        const auto n = static_cast<double>(columns);
        const double equal = m_options.widthMm / n;
        double axis = 0;
        for (int round = 0; round < 2 * kRounds; ++round) {
            const Widths widths{equal + axis * (n - 1) / n, equal - axis / n};
            HEADWATER_TRY_ASSIGN(const FigureSpec first, panelOf(0, widths.first, true));
            if (columns == 1)
                return widths;
            HEADWATER_TRY_ASSIGN(const FigureSpec other, panelOf(0, widths.other, false));
            const double found = mapOf(first).x - mapOf(other).x;
            if (std::abs(found - axis) < kPanelGap / 100)
                return widths;
            axis = found;
            if (round + 1 == kRounds) { // they fit, are given room, and do not fit any more
                m_hasQueryNames = false;
                m_spec.dropped.emplace_back("names of the query tokens");
            }
        }
        return Error{ErrorCode::Internal, "the panels' widths do not settle", {}};
    }

    Result<void> placePanels(std::size_t columns)
    {
        HEADWATER_TRY_ASSIGN(const Widths widths, widthsOf(columns));
        double top = 0;
        for (std::size_t panel = 0; panel < m_panels.size();) {
            double left = 0;
            double height = 0;
            for (std::size_t column = 0; column < columns && panel < m_panels.size(); ++column, ++panel) {
                const double width = column == 0 ? widths.first : widths.other;
                HEADWATER_TRY_ASSIGN(FigureSpec spec, panelOf(panel, width, column == 0));
                height = std::max(height, spec.heightMm);
                take(std::move(spec), panel, left, top);
                left += width;
            }
            top += height + kPanelGap;
        }
        m_bottom = top - kPanelGap - kMargin;
        return {};
    }

    void take(FigureSpec spec, std::size_t panel, double left, double top)
    {
        for (FigureGroup& group : spec.groups) {
            group.name = letterOf(panel) + ' ' + group.name;
            for (FigureItem& item : group.items)
                move(item, left, top);
            m_spec.groups.push_back(std::move(group));
        }
        for (std::string& part : spec.dropped) {
            if (std::ranges::find(m_spec.dropped, part) == m_spec.dropped.end())
                m_spec.dropped.push_back(std::move(part));
        }
    }

    /// Its name, then the bar from low on the left to high on the right, then its ticks.
    void placeBar(const std::vector<AxisTick>& ticks)
    {
        FigureGroup group{"colour bar", {}};
        FigureText name = label(m_panels.front().quantityName, HorizontalAlign::Left, VerticalAlign::Top);
        name.colour = kInk;
        const double left = kMargin + kGap;
        const double length = std::min(kLongestBar, m_options.widthMm - 2 * left);
        standAt(name, m_fonts, left, m_bottom + kCaptionGap);
        const double top = boxesOf(name, m_fonts).all().bottom + kGap / 2;
        group.items.emplace_back(std::move(name));
        std::vector<std::uint32_t> colours = barColours(m_options); // from the high end on
        std::reverse(colours.begin(), colours.end());
        const auto steps = static_cast<std::uint32_t>(colours.size());
        group.items.emplace_back(FigureCells{left, top, length, kBarWidth, steps, 1, std::move(colours)});
        group.items.emplace_back(
            FigureRectangle{left, top, length, kBarWidth, std::nullopt, kFigureLine, 0.5});
        m_bottom = top + kBarWidth;
        // Both ends, and of the others those that have room.
        std::vector<const AxisTick*> ordered{&ticks.back(), &ticks.front()};
        for (std::size_t i = ticks.size() - 1; i-- > 1;)
            ordered.push_back(&ticks[i]);
        std::vector<LabelSpan> spans;
        for (const AxisTick* tick : ordered) {
            const double half = sizeOf({*tick}, FigureFont::Sans, m_fonts).length / 2;
            const double at = left + tick->value * length;
            spans.push_back(movedBetween({at - half, at + half}, kMargin, m_options.widthMm - kMargin));
        }
        double bottom = m_bottom;
        for (const std::size_t i : takeApart(spans, kGap)) {
            const double x = left + ordered[i]->value * length;
            group.items.emplace_back(FigureLine{x, m_bottom, x, m_bottom + kTick, 0.5, kFigureLine});
            FigureText text = label(ordered[i]->label, HorizontalAlign::Centre, VerticalAlign::Top);
            text.x = (spans[i].from + spans[i].to) / 2;
            text.y = m_bottom + kTick + kGap / 2;
            bottom = std::max(bottom, boxesOf(text, m_fonts).all().bottom);
            group.items.emplace_back(std::move(text));
        }
        m_bottom = bottom;
        m_spec.groups.push_back(std::move(group));
    }

    void placeCaption(const std::vector<AxisTick>& ticks, double capacity)
    {
        std::vector<std::vector<std::string>> phrases;
        std::vector<std::string> names;
        for (const HeatmapContent& panel : m_panels) {
            names.push_back(letterOf(names.size()) + ' ' + panel.title);
            phrases.push_back(panel.caption);
        }
        std::vector<std::string> all = phrasesOfAll(phrases, names);
        if (!m_options.hasBar)
            all.push_back(scalePhrase(m_options, ticks, capacity));
        m_spec.caption = captionText(m_panels.front().model, all);
        if (!m_options.hasCaption)
            return;
        PageText caption = captionOn(m_options.widthMm, m_panels.front().model, all, m_fonts);
        if (!caption.dropped.empty())
            m_spec.dropped.push_back(caption.dropped);
        if (!caption.text)
            return;
        caption.text->y += m_bottom + kCaptionGap;
        m_bottom = boxesOf(*caption.text, m_fonts).all().bottom;
        m_spec.groups.push_back({"caption", {std::move(*caption.text)}});
    }

    const std::vector<HeatmapContent>& m_panels;
    const HeatmapFigureOptions& m_options;
    FigureFonts& m_fonts;
    FigureSpec m_spec;
    double m_bottom = 0; ///< of what is placed
    bool m_hasQueryNames = true;
};

} // namespace

std::vector<std::string> phrasesOfAll(const std::vector<std::vector<std::string>>& phrases,
                                      const std::vector<std::string>& names)
{
    const auto has = [](const std::vector<std::string>& list, const std::string& phrase) {
        return std::ranges::find(list, phrase) != list.end();
    };
    std::vector<std::string> common;
    for (const std::string& phrase : phrases.front()) {
        if (std::ranges::all_of(phrases, [&](const auto& list) { return has(list, phrase); }))
            common.push_back(phrase);
    }
    std::vector<std::string> all = common;
    for (std::size_t panel = 0; panel < phrases.size(); ++panel) {
        const std::size_t before = all.size();
        for (const std::string& phrase : phrases[panel]) {
            if (!has(common, phrase))
                all.push_back(all.size() == before ? names[panel] + ": " + phrase : phrase);
        }
        if (all.size() == before)
            all.push_back(names[panel] + '.');
    }
    return all;
}

std::size_t panelColumns(const HeatmapFigureOptions& options, std::size_t panels)
{
    if (options.columns > 0)
        return std::min<std::size_t>(options.columns, panels);
    const auto columns = static_cast<std::size_t>(
        std::clamp(std::floor(options.widthMm / kLeastPanel), 1.0, static_cast<double>(panels)));
    const std::size_t rows = (panels + columns - 1) / columns;
    return (panels + rows - 1) / rows;
}

Result<FigureSpec> layOutPanels(const std::vector<HeatmapContent>& panels,
                                const HeatmapFigureOptions& options, FigureFonts& fonts)
{
    for (std::size_t columns = panelColumns(options, panels.size());; --columns) {
        Result<FigureSpec> made = PanelPage(panels, options, fonts).make(columns);
        if (made || columns == 1 || options.columns > 0)
            return made;
    }
}

} // namespace headwater
