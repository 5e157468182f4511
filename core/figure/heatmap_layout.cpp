// SPDX-License-Identifier: Apache-2.0
#include "core/figure/heatmap_layout.h"

#include "core/base/log_code.h"
#include "core/figure/axis_labels.h"
#include "core/figure/heatmap_colours.h"
#include "core/figure/heatmap_places.h"
#include "core/figure/heatmap_words.h"
#include "core/figure/text_box.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace headwater {

namespace {

using namespace page;

constexpr Rgb kLine = kFigureLine;
constexpr Rgb kSomewhere{0xB4, 0xBC, 0xC7};

constexpr double kRecordedPt = 1.5; ///< width of the edge along recorded rows
constexpr double kTitleGap = 4; ///< between the title and the bar's name on one line
constexpr double kEverywhere = std::numeric_limits<double>::infinity();

FigureText axisName(const char* name, Rgb colour)
{
    FigureText text = label(name, HorizontalAlign::Centre, VerticalAlign::Middle);
    text.font = FigureFont::SansMedium;
    text.colour = colour;
    return text;
}

class HeatmapPage {
public:
    HeatmapPage(const HeatmapContent& content, const HeatmapFigureOptions& options, FigureFonts& fonts)
        : m_content(content)
        , m_options(options)
        , m_fonts(fonts)
        , m_capacity(blocksPerCell(content.cells, content.blockQ, content.blockK))
        , m_barTicks(barTicks(options, m_capacity))
        , m_queryCells{content.cells.firstRow, content.cells.rows, content.cells.level}
        , m_keyCells{content.cells.firstColumn, content.cells.columns, content.cells.level}
    {
    }

    Result<FigureSpec> make()
    {
        measure();
        HEADWATER_TRY_ASSIGN(m_map, placeMap(m_sizes));
        const HeatmapParts& parts = m_map.parts;
        dropped(m_map.couldNameQueries && !parts.namesQueries, "names of the query tokens");
        dropped(m_map.couldNameKeys && !parts.namesKeys, "names of the key tokens");
        dropped(m_options.hasBar && !parts.hasBar, "colour bar");
        m_spec.widthMm = m_options.widthMm;
        m_spec.title = m_content.title;
        const double heading = layHeading();
        chooseSteps();
        layKeyLabels();
        layCaption();
        placeAll(heading, m_caption ? boxesOf(*m_caption, m_fonts).all().height() : 0);
        const MapPlace map{m_map.x, m_rows.map, m_map.width, m_map.height};
        m_spec.groups = {{"title", {}},
                         cells(),
                         queryAxis(),
                         keyAxis(),
                         marginsOn(m_content.marks, map),
                         framesOn(m_content.marks, m_content.cells, map)};
        if (m_title)
            m_spec.groups[0].items.emplace_back(*m_title);
        if (parts.hasBar)
            m_spec.groups.push_back(colourBar());
        if (m_caption)
            m_spec.groups.push_back({"caption", {*m_caption}});
        m_spec.heightMm = m_rows.page;
        return std::move(m_spec);
    }

private:
    void dropped(bool isDropped, const std::string& part)
    {
        if (isDropped)
            m_spec.dropped.push_back(part);
    }

    void measure()
    {
        m_queryName = axisName("query token", kQueryColour);
        m_queryName.turnDegrees = -90;
        const FigureBox name = boxesOf(m_queryName, m_fonts).all();
        m_sizes.width = m_options.widthMm;
        m_sizes.rows = m_queryCells.count;
        m_sizes.columns = m_keyCells.count;
        m_sizes.axisNameLength = name.height();
        m_sizes.axisNameHeight = name.width();
        m_sizes.positions = largestPosition(m_queryCells, m_fonts);
        m_sizes.keyPosition = largestPosition(m_keyCells, m_fonts).length;
        if (m_content.hasQueryNames)
            m_sizes.queryNames = measureNames(m_queryCells, m_queryNames);
        m_sizes.keyNames = measureNames(m_keyCells, m_keyNames);
        m_sizes.hasBar = m_options.hasBar;
        m_sizes.hasQueryAxis = m_content.hasQueryAxis;
        m_sizes.readers = m_content.marks.keyReaders.empty() ? 0 : kMarginGap + kMarginBar;
        m_sizes.bar = sizeOf(m_barTicks, FigureFont::Sans, m_fonts);
    }

    /// Nothing where the tokens are too many for the largest map that the page, or the least one, could hold.
    std::optional<LabelSize> measureNames(const AxisCells& axis, std::vector<AxisTick>& names)
    {
        constexpr double kLargestLeastPage = 50;
        const double height = kTallest * std::max(m_options.widthMm, kLargestLeastPage);
        if (axis.level > 0 || axis.count * kTokenPitch > height)
            return std::nullopt;
        names = tokenNames(axis, m_content.tokenName);
        return sizeOf(names, FigureFont::Mono, m_fonts);
    }

    /// Title and the bar's name, from the page's top margin on; returns their height. The two share a line
    /// where both fit.
    double layHeading()
    {
        double bottom = kMargin;
        if (m_options.hasTitle)
            m_title = taken(titleOn(m_options.widthMm, m_map.x, m_content.title, m_fonts));
        if (m_title)
            bottom = boxesOf(*m_title, m_fonts).all().bottom;
        if (m_map.parts.hasBar) {
            m_barName = label(m_content.quantityName, HorizontalAlign::Left, VerticalAlign::Baseline);
            m_barName.colour = kInk;
            const double width = boxesOf(m_barName, m_fonts).all().width();
            const double left = m_options.widthMm - kMargin - width;
            standAt(m_barName, m_fonts, left, bottom);
            if (m_title && m_title->wrapMm == 0 && boxesOf(*m_title, m_fonts).all().right + kTitleGap <= left)
                m_barName.y = m_title->y;
            bottom = std::max(bottom, boxesOf(m_barName, m_fonts).all().bottom);
        }
        return bottom - kMargin;
    }

    /// One step for both axes where a token is as long on both.
    void chooseSteps()
    {
        m_keyLine = {m_map.width, 12, kMargin - m_map.x, m_options.widthMm - kMargin - m_map.x,
                     [this](const std::string& text) {
                         return sizeOf({{0, text}}, FigureFont::Sans, m_fonts).length / 2;
                     }};
        const double half = std::max(m_sizes.positions.above, m_sizes.positions.below);
        m_queryLine = {m_map.height, 8, -kEverywhere, kEverywhere,
                       [half](const std::string&) { return half; }};
        m_keyStep = positionStep(m_keyCells, m_keyLine);
        m_queryStep = positionStep(m_queryCells, m_queryLine);
        const double across = m_map.width / m_keyCells.count;
        const double down = m_map.height / m_queryCells.count;
        if (std::abs(across - down) > across / 100)
            return;
        const double step = std::max(m_keyStep, m_queryStep);
        // A range that the common step leaves with a single tick keeps its own.
        if (placePositions(m_queryCells, m_queryLine, step).size() > 1)
            m_queryStep = step;
        if (placePositions(m_keyCells, m_keyLine, step).size() > 1)
            m_keyStep = step;
    }

    /// The labels under the map, with their top at 0.
    void layKeyLabels()
    {
        const bool areNames = m_map.parts.namesKeys;
        std::vector<PlacedTick> ticks;
        if (areNames) {
            for (const AxisTick& name : m_keyNames) {
                const double at = name.value * m_map.width / m_keyCells.count;
                ticks.push_back({at, at, name.label});
            }
        } else {
            ticks = placePositions(m_keyCells, m_keyLine, m_keyStep);
        }
        double top = 0;
        for (PlacedTick& tick : ticks) {
            FigureText text =
                label(std::move(tick.text), areNames ? HorizontalAlign::Right : HorizontalAlign::Centre,
                      areNames ? VerticalAlign::Middle : VerticalAlign::Top);
            text.font = areNames ? FigureFont::Mono : FigureFont::Sans;
            text.turnDegrees = areNames ? -90 : 0;
            text.x = m_map.x + tick.label;
            if (areNames
                && isMarked(m_content.marks.keys, m_keyCells, {tick.at / m_map.width * m_keyCells.count, {}}))
                text.colour = kKeyColour;
            top = std::min(top, boxesOf(text, m_fonts).all().top);
            m_keyTicks.push_back({tick.at, std::move(text)});
        }
        for (KeyTick& tick : m_keyTicks) {
            tick.text.y -= top;
            m_keyLabelsHeight = std::max(m_keyLabelsHeight, boxesOf(tick.text, m_fonts).all().bottom);
        }
    }

    void layCaption()
    {
        std::vector<std::string> phrases = m_content.caption;
        if (!m_map.parts.hasBar)
            phrases.push_back(scalePhrase(m_options, m_barTicks, m_capacity));
        m_spec.caption = captionText(m_content.model, phrases);
        if (!m_options.hasCaption)
            return;
        m_caption = taken(captionOn(m_options.widthMm, m_content.model, phrases, m_fonts));
    }

    /// Whether a token's name stands for one that is marked.
    static bool isMarked(const std::vector<TokenRange>& marks, const AxisCells& axis, const AxisTick& name)
    {
        const auto token = axis.first + static_cast<std::uint32_t>(name.value);
        return std::ranges::any_of(
            marks, [token](const TokenRange& mark) { return mark.begin <= token && token < mark.end; });
    }

    std::optional<FigureText> taken(PageText given)
    {
        dropped(!given.dropped.empty(), given.dropped);
        return std::move(given.text);
    }

    void placeAll(double heading, double caption)
    {
        const HeatmapParts& parts = m_map.parts;
        // The first and the last label of an axis stand half beyond the map.
        LabelSize ends = m_sizes.positions;
        if (parts.namesQueries) {
            const double half = m_map.height / m_queryCells.count / 2;
            ends = {0, std::max(0.0, m_sizes.queryNames->above - half),
                    std::max(0.0, m_sizes.queryNames->below - half)};
        }
        if (parts.hasBar) {
            ends.above = std::max(ends.above, m_sizes.bar.above);
            ends.below = std::max(ends.below, m_sizes.bar.below);
        }
        if (!m_content.marks.rowReads.empty())
            ends.above = std::max(ends.above, kMarginGap + kMarginBar);
        m_keyName = axisName("key token", kKeyColour);
        const FigureBox name = boxesOf(m_keyName, m_fonts).all();
        m_rows = placeRows(
            {heading, ends.above, m_map.height, ends.below, m_keyLabelsHeight, name.height(), caption});
        const double middle = m_map.x + m_map.width / 2;
        const double left = std::clamp(middle - name.width() / 2, kMargin,
                                       std::max(kMargin, m_options.widthMm - kMargin - name.width()));
        standAt(m_keyName, m_fonts, left, m_rows.keyName);
        for (KeyTick& tick : m_keyTicks)
            tick.text.y += m_rows.keyLabels;
        if (m_caption)
            m_caption->y += m_rows.caption;
    }

    FigureGroup cells() const
    {
        const HeatmapCells& map = m_content.cells;
        FigureGroup group{"cells", {}};
        // Hatched first: the cells are drawn over it and leave open what is hatched.
        for (std::uint32_t from = 0, to = 0; from < map.rows; from = ++to) {
            while (to < map.rows && hasHatched(map, m_options.quantity, to))
                ++to;
            if (to == from)
                continue;
            FigureHatch hatch;
            hatch.x = m_map.x;
            hatch.y = m_rows.map + m_map.height * from / map.rows;
            hatch.width = m_map.width;
            hatch.height = m_map.height * (to - from) / map.rows;
            hatch.colour = m_options.quantity == CellQuantity::Max ? kSomewhere : kLine;
            group.items.emplace_back(hatch);
        }
        group.items.emplace_back(FigureCells{m_map.x, m_rows.map, m_map.width, m_map.height, map.columns,
                                             map.rows,
                                             cellColours(map, m_options, m_capacity, m_content.hidden)});
        return group;
    }

    FigureGroup queryAxis()
    {
        FigureGroup group{"query axis", {}};
        const double x = m_map.x;
        group.items.emplace_back(FigureLine{x, m_rows.map, x, m_rows.map + m_map.height, 0.5, kLine});
        markRecordedRows(group);
        if (!m_content.hasQueryAxis)
            return group;
        const auto add = [&](std::string text, double y, FigureFont font) {
            FigureText made = label(std::move(text), HorizontalAlign::Right, VerticalAlign::Middle);
            made.font = font;
            made.x = x - kTick - kGap;
            made.y = y;
            group.items.emplace_back(std::move(made));
        };
        for (const AxisTick& name : m_map.parts.namesQueries ? m_queryNames : std::vector<AxisTick>()) {
            add(name.label, m_rows.map + name.value * m_map.height / m_queryCells.count, FigureFont::Mono);
            if (isMarked(m_content.marks.queries, m_queryCells, name))
                std::get<FigureText>(group.items.back()).colour = kQueryColour;
        }
        if (!m_map.parts.namesQueries) {
            for (PlacedTick& tick : placePositions(m_queryCells, m_queryLine, m_queryStep)) {
                const double y = m_rows.map + tick.at;
                group.items.emplace_back(FigureLine{x - kTick, y, x, y, 0.5, kLine});
                add(std::move(tick.text), y, FigureFont::Sans);
            }
        }
        standAt(m_queryName, m_fonts, kMargin, m_rows.map + (m_map.height - m_sizes.axisNameLength) / 2);
        group.items.emplace_back(m_queryName);
        return group;
    }

    /// An edge along the rows that the trace holds token by token.
    void markRecordedRows(FigureGroup& group) const
    {
        const HeatmapCells& map = m_content.cells;
        const double pitch = m_map.height / map.rows;
        for (std::uint32_t from = 0, to = 0; m_options.quantity == CellQuantity::Max && from < map.rows;
             from = ++to) {
            while (to < map.rows && map.recorded[to] != 0)
                ++to;
            if (to > from)
                group.items.emplace_back(FigureLine{m_map.x, m_rows.map + from * pitch, m_map.x,
                                                    m_rows.map + to * pitch, kRecordedPt, kQueryColour});
        }
    }

    FigureGroup keyAxis()
    {
        FigureGroup group{"key axis", {}};
        const double y = m_rows.map + m_map.height;
        group.items.emplace_back(FigureLine{m_map.x, y, m_map.x + m_map.width, y, 0.5, kLine});
        for (const KeyTick& tick : m_keyTicks) {
            const double x = m_map.x + tick.at;
            if (!m_map.parts.namesKeys)
                group.items.emplace_back(FigureLine{x, y, x, y + kTick, 0.5, kLine});
            group.items.emplace_back(tick.text);
        }
        group.items.emplace_back(m_keyName);
        return group;
    }

    FigureGroup colourBar() const
    {
        FigureGroup group{"colour bar", {}};
        const double x = m_map.x + m_map.width + m_sizes.readers + kBarGap;
        std::vector<std::uint32_t> colours = barColours(m_options);
        const auto steps = static_cast<std::uint32_t>(colours.size());
        group.items.emplace_back(
            FigureCells{x, m_rows.map, kBarWidth, m_map.height, 1, steps, std::move(colours)});
        group.items.emplace_back(
            FigureRectangle{x, m_rows.map, kBarWidth, m_map.height, std::nullopt, kLine, 0.5});
        for (const AxisTick& tick : thinnedBarTicks(m_barTicks, m_sizes.bar, m_map.height)) {
            const double y = m_rows.map + (1 - tick.value) * m_map.height;
            group.items.emplace_back(FigureLine{x + kBarWidth, y, x + kBarWidth + kTick, y, 0.5, kLine});
            FigureText text = label(tick.label, HorizontalAlign::Left, VerticalAlign::Middle);
            text.x = x + kBarWidth + kTick + kGap;
            text.y = y;
            group.items.emplace_back(std::move(text));
        }
        group.items.emplace_back(m_barName);
        return group;
    }

    /// A key's tick (from the map's left edge) and its label.
    struct KeyTick {
        double at;
        FigureText text;
    };

    const HeatmapContent& m_content;
    const HeatmapFigureOptions& m_options;
    FigureFonts& m_fonts;
    double m_capacity;
    std::vector<AxisTick> m_barTicks;
    AxisCells m_queryCells;
    AxisCells m_keyCells;
    std::vector<AxisTick> m_queryNames; ///< of its tokens, where they are few
    std::vector<AxisTick> m_keyNames;
    HeatmapSizes m_sizes;
    HeatmapMap m_map;
    HeatmapRows m_rows;
    std::optional<FigureText> m_title;
    FigureText m_barName;
    FigureText m_queryName;
    FigureText m_keyName;
    LabelLine m_keyLine;
    LabelLine m_queryLine;
    double m_keyStep = 1; ///< between positions, in tokens
    double m_queryStep = 1;
    std::vector<KeyTick> m_keyTicks;
    double m_keyLabelsHeight = 0;
    std::optional<FigureText> m_caption;
    FigureSpec m_spec;
};

} // namespace

Result<FigureSpec> layOutHeatmap(const HeatmapContent& content, const HeatmapFigureOptions& options,
                                 FigureFonts& fonts)
{
    return HeatmapPage(content, options, fonts).make();
}

std::uint32_t mostCellsFor(double widthMm)
{
    constexpr double kMarginsMm = 24; // about what the axes and the colour bar take
    return static_cast<std::uint32_t>(std::clamp((widthMm - kMarginsMm) / kMmPerInch * 300, 64.0, 4096.0));
}

} // namespace headwater
