// SPDX-License-Identifier: Apache-2.0
#include "core/figure/heatmap_layout.h"

#include "core/base/bidi_text.h"
#include "core/base/log_code.h"
#include "core/figure/axis_ticks.h"
#include "core/tiles/tile_geometry.h"

#include <algorithm>
#include <cmath>

namespace headwater {

namespace {

// design/look.md, light: ink, dim text, lines; the query is amber and the key is cyan everywhere.
constexpr Rgb kInk{0x1C, 0x21, 0x28};
constexpr Rgb kDim{0x5C, 0x66, 0x75};
constexpr Rgb kLine{0x98, 0xA1, 0xAE};
constexpr Rgb kQuery{0xB8, 0x6A, 0x00};
constexpr Rgb kKey{0x00, 0x79, 0x8C};

constexpr double kMargin = 1.2; // mm, all of these
constexpr double kTick = 0.8;
constexpr double kGap = 0.8;
constexpr double kLineHeight = 3.1;
constexpr double kBarWidth = 2.4;
constexpr double kBarGap = 2.0;
constexpr double kTokenPitch = 2.3; ///< below this a token's text does not fit beside its cell
constexpr double kLabelPt = 7;
constexpr double kTitlePt = 8.5;
constexpr double kRasterMm = kMmPerInch / 600; ///< the map's edges lie on the pixels of a 600 dpi PNG

double snapped(double mm)
{
    return std::round(mm / kRasterMm) * kRasterMm;
}

std::uint32_t pack(Rgb colour)
{
    return std::uint32_t{colour.red} << 16 | std::uint32_t{colour.green} << 8 | colour.blue;
}

FigureText label(std::string text, double x, double y, HorizontalAlign horizontal, VerticalAlign vertical,
                 Rgb colour = kDim)
{
    FigureText made;
    made.text = std::move(text);
    made.x = x;
    made.y = y;
    made.sizePt = kLabelPt;
    made.horizontal = horizontal;
    made.vertical = vertical;
    made.colour = colour;
    return made;
}

/// One axis' labels before the map's place is known: positions in cells.
struct AxisLabels {
    bool areTokens = false;
    std::vector<AxisTick> ticks; ///< value: in cells from the map's edge
};

AxisLabels labelsOf(const HeatmapContent& content, std::uint32_t firstCell, std::uint32_t numCells,
                    double lengthMm, double tickPitch, bool mayNameTokens)
{
    AxisLabels labels;
    const std::uint32_t level = content.cells.level;
    if (mayNameTokens && level == 0 && lengthMm / numCells >= kTokenPitch) {
        labels.areTokens = true;
        for (std::uint32_t i = 0; i < numCells; ++i)
            labels.ticks.push_back({i + 0.5, content.tokenLabel(firstCell + i)});
        return labels;
    }
    const double tokensPerCell = std::exp2(level);
    const double from = firstCell * tokensPerCell;
    const double to = from + numCells * tokensPerCell;
    const auto most = static_cast<std::size_t>(std::max(2.0, lengthMm / tickPitch));
    for (AxisTick& tick : tokenTicks(from, to, most)) {
        // A token's own tick stands in the middle of its cell, a coarse one at the cell's edge.
        tick.value = (tick.value - from) / tokensPerCell + (level == 0 ? 0.5 : 0);
        if (tick.value <= numCells)
            labels.ticks.push_back(std::move(tick));
    }
    return labels;
}

double widestOf(const std::vector<AxisTick>& ticks, FigureFont font, FigureFonts& fonts)
{
    double widest = 0;
    for (const AxisTick& tick : ticks)
        widest = std::max(widest, fonts.widthMm(tick.label, font, kLabelPt));
    return widest;
}

/// A quotation that goes on in the next line ends in this one and begins there again.
void keepIsolatesWithinLines(std::vector<std::string>& lines)
{
    bool isOpen = false;
    for (std::string& line : lines) {
        if (isOpen)
            line.insert(0, kFirstStrongIsolate);
        const std::size_t opened = line.rfind(kFirstStrongIsolate);
        const std::size_t closed = line.rfind(kPopIsolate);
        isOpen = opened != std::string::npos && (closed == std::string::npos || closed < opened);
        if (isOpen)
            line += kPopIsolate;
    }
}

std::vector<std::string> wrap(const std::vector<std::string>& phrases, double widthMm, FigureFonts& fonts)
{
    std::vector<std::string> lines;
    std::string line;
    const auto add = [&](const std::string& word) {
        const std::string longer = line.empty() ? word : line + ' ' + word;
        if (!line.empty() && fonts.widthMm(longer, FigureFont::Sans, kLabelPt) > widthMm) {
            lines.push_back(std::move(line));
            line = word;
        } else {
            line = longer;
        }
    };
    for (const std::string& phrase : phrases) {
        for (std::size_t from = 0; from < phrase.size();) {
            const std::size_t to = std::min(phrase.find(' ', from), phrase.size());
            if (to > from)
                add(phrase.substr(from, to - from));
            from = to + 1;
        }
    }
    if (!line.empty())
        lines.push_back(std::move(line));
    keepIsolatesWithinLines(lines);
    return lines;
}

/// The colour scale's ticks with their places (0 bottom, 1 top).
std::vector<AxisTick> barTicks(const HeatmapFigureOptions& options, double capacity)
{
    std::vector<AxisTick> ticks;
    if (options.quantity == CellQuantity::Count) {
        ticks = countTicks(capacity);
        for (AxisTick& tick : ticks)
            tick.value = unitOfEdgeCount(tick.value, capacity);
        ticks.insert(ticks.begin(), {0, "0"});
        return ticks;
    }
    ticks = scaleTicks(options.limits, 5);
    for (AxisTick& tick : ticks)
        tick.value = unitOfValue(options.limits, tick.value);
    if (valueOfUnit(options.limits, 0) > 0)
        ticks.front().label = "≤ " + ticks.front().label;
    if (options.limits.high < 1)
        ticks.back().label = "≥ " + ticks.back().label;
    return ticks;
}

/// Where the parts are.
struct Places {
    double mapX = 0;
    double mapY = 0;
    double mapWidth = 0;
    double mapHeight = 0;
    double left = 0; ///< room for the query labels
    double below = 0; ///< room for the key labels
};

class HeatmapPage {
public:
    HeatmapPage(const HeatmapContent& content, const HeatmapFigureOptions& options, FigureFonts& fonts)
        : m_content(content)
        , m_options(options)
        , m_fonts(fonts)
        , m_capacity(blocksPerCell(content.cells, content.blockQ, content.blockK))
        , m_barTicks(barTicks(options, m_capacity))
    {
        place();
    }

    FigureSpec make()
    {
        FigureSpec spec;
        spec.widthMm = m_options.widthMm;
        spec.title = m_content.title;
        spec.groups = {heading(), cells(), queryAxis(), keyAxis(), colourBar(), caption()};
        spec.heightMm = m_bottom + kMargin;
        return spec;
    }

private:
    /// The labels decide the margins and the margins how many labels fit: once with a guess, once with the
    /// result.
    void place()
    {
        const HeatmapCells& map = m_content.cells;
        const double right =
            kBarGap + kBarWidth + kTick + kGap + widestOf(m_barTicks, FigureFont::Sans, m_fonts);
        m_places.left = 8;
        const double nameWidth = m_fonts.widthMm(m_content.quantityName, FigureFont::Sans, kLabelPt);
        const double titleWidth = m_fonts.widthMm(m_content.title, FigureFont::SansSemiBold, kTitlePt);
        bool mayNameTokens = true;
        for (int round = 0; round < 4; ++round) {
            m_places.mapX = snapped(kMargin + kLineHeight + m_places.left);
            // The bar's name stands on the title's line where both fit.
            const bool isOneLine = m_places.mapX + titleWidth + nameWidth + 4 < m_options.widthMm;
            m_places.mapY = snapped(kMargin + (isOneLine ? 1 : 2) * kLineHeight + 2.2);
            m_places.mapWidth = snapped(m_options.widthMm - m_places.mapX - right - kMargin);
            const double square = m_places.mapWidth * map.rows / map.columns;
            m_places.mapHeight =
                snapped(std::clamp(square, 0.3 * m_places.mapWidth, 1.4 * m_places.mapWidth));
            const bool namedQueries = m_queryLabels.areTokens;
            const bool namedKeys = m_keyLabels.areTokens;
            m_queryLabels = labelsOf(m_content, map.firstRow, map.rows, m_places.mapHeight, 8, mayNameTokens);
            m_keyLabels =
                labelsOf(m_content, map.firstColumn, map.columns, m_places.mapWidth, 12, mayNameTokens);
            if ((namedQueries && !m_queryLabels.areTokens) || (namedKeys && !m_keyLabels.areTokens))
                mayNameTokens = false;
            m_places.left = widestOf(m_queryLabels.ticks, fontOf(m_queryLabels), m_fonts) + 2 * kGap + kTick;
        }
        m_places.below = kTick + kGap
            + (m_keyLabels.areTokens ? widestOf(m_keyLabels.ticks, FigureFont::Mono, m_fonts) : kLineHeight);
    }

    static FigureFont fontOf(const AxisLabels& labels)
    {
        return labels.areTokens ? FigureFont::Mono : FigureFont::Sans;
    }

    FigureGroup heading() const
    {
        FigureText title =
            label(m_content.title, m_places.mapX, kMargin, HorizontalAlign::Left, VerticalAlign::Top, kInk);
        title.sizePt = kTitlePt;
        title.font = FigureFont::SansSemiBold;
        return {"title", {title}};
    }

    FigureGroup cells() const
    {
        const HeatmapCells& map = m_content.cells;
        FigureGroup group{"cells", {}};
        // Hatched first: the cells are drawn over it and leave the unknown rows open.
        for (std::uint32_t from = 0, to = 0; m_options.quantity == CellQuantity::Missed && from < map.rows;
             from = ++to) {
            while (to < map.rows && map.missed[to] == kUnknownCode)
                ++to;
            if (to == from)
                continue;
            FigureHatch hatch;
            hatch.x = m_places.mapX;
            hatch.y = m_places.mapY + m_places.mapHeight * from / map.rows;
            hatch.width = m_places.mapWidth;
            hatch.height = m_places.mapHeight * (to - from) / map.rows;
            hatch.colour = kLine;
            group.items.emplace_back(hatch);
        }
        group.items.emplace_back(FigureCells{m_places.mapX, m_places.mapY, m_places.mapWidth,
                                             m_places.mapHeight, map.columns, map.rows,
                                             cellColours(map, m_options, m_capacity, m_content.hidden)});
        return group;
    }

    FigureGroup queryAxis() const
    {
        FigureGroup group{"query axis", {}};
        const double x = m_places.mapX;
        group.items.emplace_back(
            FigureLine{x, m_places.mapY, x, m_places.mapY + m_places.mapHeight, 0.5, kLine});
        for (const AxisTick& tick : m_queryLabels.ticks) {
            const double y = m_places.mapY + tick.value * m_places.mapHeight / m_content.cells.rows;
            if (!m_queryLabels.areTokens)
                group.items.emplace_back(FigureLine{x - kTick, y, x, y, 0.5, kLine});
            FigureText text =
                label(tick.label, x - kTick - kGap, y, HorizontalAlign::Right, VerticalAlign::Middle);
            text.font = fontOf(m_queryLabels);
            group.items.emplace_back(std::move(text));
        }
        FigureText name =
            label("query token", kMargin + kLineHeight / 2, m_places.mapY + m_places.mapHeight / 2,
                  HorizontalAlign::Centre, VerticalAlign::Middle, kQuery);
        name.font = FigureFont::SansMedium;
        name.turnDegrees = -90;
        group.items.emplace_back(std::move(name));
        return group;
    }

    FigureGroup keyAxis()
    {
        FigureGroup group{"key axis", {}};
        const double y = m_places.mapY + m_places.mapHeight;
        group.items.emplace_back(
            FigureLine{m_places.mapX, y, m_places.mapX + m_places.mapWidth, y, 0.5, kLine});
        for (const AxisTick& tick : m_keyLabels.ticks) {
            const double x = m_places.mapX + tick.value * m_places.mapWidth / m_content.cells.columns;
            if (!m_keyLabels.areTokens)
                group.items.emplace_back(FigureLine{x, y, x, y + kTick, 0.5, kLine});
            FigureText text = label(tick.label, x, y + kTick + kGap,
                                    m_keyLabels.areTokens ? HorizontalAlign::Right : HorizontalAlign::Centre,
                                    m_keyLabels.areTokens ? VerticalAlign::Middle : VerticalAlign::Top);
            text.font = fontOf(m_keyLabels);
            text.turnDegrees = m_keyLabels.areTokens ? -90 : 0;
            group.items.emplace_back(std::move(text));
        }
        m_bottom = y + m_places.below + kGap;
        FigureText name = label("key token", m_places.mapX + m_places.mapWidth / 2, m_bottom,
                                HorizontalAlign::Centre, VerticalAlign::Top, kKey);
        name.font = FigureFont::SansMedium;
        group.items.emplace_back(std::move(name));
        m_bottom += kLineHeight;
        return group;
    }

    FigureGroup colourBar() const
    {
        constexpr std::uint32_t kSteps = 256;
        FigureGroup group{"colour bar", {}};
        const double x = m_places.mapX + m_places.mapWidth + kBarGap;
        FigureCells bar{x, m_places.mapY, kBarWidth, m_places.mapHeight, 1, kSteps, {}};
        for (std::uint32_t i = 0; i < kSteps; ++i)
            bar.colours.push_back(pack(colourAt(m_options.colormap, 1 - i / 255.0, m_options.isReversed)));
        group.items.emplace_back(std::move(bar));
        FigureRectangle frame{x, m_places.mapY, kBarWidth, m_places.mapHeight, std::nullopt, kLine, 0.5};
        group.items.emplace_back(frame);
        for (const AxisTick& tick : m_barTicks) {
            const double y = m_places.mapY + (1 - tick.value) * m_places.mapHeight;
            group.items.emplace_back(FigureLine{x + kBarWidth, y, x + kBarWidth + kTick, y, 0.5, kLine});
            group.items.emplace_back(label(tick.label, x + kBarWidth + kTick + kGap, y, HorizontalAlign::Left,
                                           VerticalAlign::Middle));
        }
        group.items.emplace_back(label(m_content.quantityName, m_options.widthMm - kMargin,
                                       m_places.mapY - 1.6, HorizontalAlign::Right, VerticalAlign::Baseline,
                                       kInk));
        return group;
    }

    FigureGroup caption()
    {
        FigureGroup group{"caption", {}};
        double y = m_bottom + 1.6;
        for (std::string& line : wrap(m_content.caption, m_options.widthMm - 2 * kMargin, m_fonts)) {
            group.items.emplace_back(
                label(std::move(line), kMargin, y, HorizontalAlign::Left, VerticalAlign::Top));
            y += kLineHeight;
        }
        m_bottom = y;
        return group;
    }

    const HeatmapContent& m_content;
    const HeatmapFigureOptions& m_options;
    FigureFonts& m_fonts;
    double m_capacity;
    std::vector<AxisTick> m_barTicks;
    AxisLabels m_queryLabels;
    AxisLabels m_keyLabels;
    Places m_places;
    double m_bottom = 0; ///< of what has been placed
};

} // namespace

std::vector<std::uint32_t> cellColours(const HeatmapCells& cells, const HeatmapFigureOptions& options,
                                       double capacity, std::span<const std::uint8_t> hidden)
{
    const auto colours =
        colourTable(options.colormap, options.isReversed, options.limits, options.quantity, capacity);
    const bool isMissed = options.quantity == CellQuantity::Missed;
    const std::vector<std::uint8_t>& codes =
        options.quantity == CellQuantity::Count ? cells.count : cells.max;
    // The hatching of unknown rows runs on under the future, which therefore is painted as page.
    const std::uint32_t future = isMissed ? 0xFFFFFF : kNoCell;
    std::vector<std::uint32_t> painted(std::size_t{cells.rows} * cells.columns);
    for (std::uint32_t row = 0; row < cells.rows; ++row) {
        for (std::uint32_t col = 0; col < cells.columns; ++col) {
            const std::size_t cell = std::size_t{row} * cells.columns + col;
            const std::uint8_t code = isMissed ? cells.missed[row] : codes[cell];
            if (cells.firstColumn + col > cells.firstRow + row)
                painted[cell] = future;
            else if (isMissed && code == kUnknownCode)
                painted[cell] = kNoCell;
            else if (!hidden.empty() && hidden[cell] != 0)
                painted[cell] = kHiddenCell;
            else
                painted[cell] = pack(colours[code]);
        }
    }
    return painted;
}

double blocksPerCell(const HeatmapCells& cells, std::uint32_t blockQ, std::uint32_t blockK)
{
    const double side = std::exp2(cells.level);
    return std::max(1.0, side / blockQ) * std::max(1.0, side / blockK);
}

FigureSpec layOutHeatmap(const HeatmapContent& content, const HeatmapFigureOptions& options,
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
