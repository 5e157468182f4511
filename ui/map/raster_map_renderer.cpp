// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/raster_map_renderer.h"

#include "core/base/log_code.h"
#include "core/tiles/tile_geometry.h"
#include "ui/map/pixel_axis.h"
#include "ui/map/pixel_columns.h"
#include "ui/map/tile_grid.h"
#include "ui/map/view_mask.h"

#include <QPainter>
#include <algorithm>
#include <cmath>
#include <cstdint>

namespace headwater {

namespace {

QRgb halfway(QRgb a, QRgb b)
{
    return qRgb((qRed(a) + qRed(b)) / 2, (qGreen(a) + qGreen(b)) / 2, (qBlue(a) + qBlue(b)) / 2);
}

class Pass {
public:
    Pass(const MapFrame& frame, QImage& image);
    void run();

private:
    void markSinks();
    void poolRow(const PixelAxis::Pixel& row);
    void addCellRow(std::uint32_t cellRow);
    void addTile(const Tile& tile, std::uint32_t cellRow, std::uint32_t beginCell, std::uint32_t endCell);
    void hideCells(std::uint32_t cellRow);
    bool isGround(std::size_t inside) const;
    bool isSomewhere(std::size_t inside) const;
    bool isRecorded(const PixelAxis::Pixel& row) const;
    QRgb bordered(int x, QRgb colour) const;
    void colourLine(int end);
    void borderExact(const PixelAxis::Pixel& row, int end, QRgb* out) const;
    void paintRow(int y, const PixelAxis::Pixel& row, QRgb* out) const;

    const MapFrame& m_frame;
    QImage& m_image;
    TileGrid m_grid;
    CellMask m_mask;
    PixelColumns m_columns;
    PixelAxis m_rows;
    bool m_masking = false;
    bool m_isBelowBlocks = false;
    bool m_seeksSomewhere = false; ///< blocks without a number of their own can be in view
    bool m_hatching = false; ///< a code of this row of pixels is unknown
    std::vector<std::uint8_t> m_sinkCells; ///< of the columns in view: 1 where a sink's key block lies
    std::vector<std::uint8_t> m_cells; ///< codes pooled over the cell rows of one pixel row, and windows
    std::vector<std::uint8_t> m_hiddenCells; ///< 1 while every cell of that column in those rows is hidden
    std::vector<std::uint8_t> m_codes; ///< pooled for each pixel inside
    std::vector<std::uint8_t> m_somewhereCells; ///< > 0 where a block is, not its number
    std::vector<std::uint8_t> m_hidden; ///< 1 for each pixel inside whose cells are all hidden
    std::vector<QRgb> m_line; ///< their colours, without borders
};

Pass::Pass(const MapFrame& frame, QImage& image)
    : m_frame(frame)
    , m_image(image)
    , m_grid(frame)
    , m_mask(viewMask(frame.grid, frame.level, frame.mode, frame.mask, frame.sinks))
{
    const MapViewport& view = frame.viewport;
    const BlockGrid& grid = frame.grid;
    const BorderKinds borders = shownBorders(frame);
    m_isBelowBlocks = frame.level < blockLevel(grid);
    m_seeksSomewhere = m_isBelowBlocks && frame.mode == MapMode::Max;
    m_columns =
        PixelColumns(layAxis(view.key, view.tokensPerPixel / frame.devicePixelRatio, image.width(),
                             grid.seqLen, frame.level, outlinedSide(frame.level, grid.blockK), borders));
    m_rows = layAxis(view.query, view.queryTokensPerPixel() / frame.devicePixelRatio, image.height(),
                     grid.seqLen, frame.level, outlinedSide(frame.level, grid.blockQ), borders);
    m_masking = m_mask.hidesAnything();
    const auto inside = static_cast<std::size_t>(m_columns.end - m_columns.begin);
    const std::size_t cells = m_columns.cells();
    m_codes.resize(inside);
    m_line.resize(inside);
    m_cells.resize(m_columns.windows());
    if (m_masking) {
        m_hiddenCells.resize(cells);
        m_hidden.resize(inside);
    }
    if (m_seeksSomewhere)
        m_somewhereCells.resize(cells);
    markSinks();
}

void Pass::markSinks()
{
    m_sinkCells.assign(m_columns.cells(), 0);
    if (!m_masking)
        return;
    for (std::size_t i = 0; i < m_sinkCells.size(); ++i)
        m_sinkCells[i] = m_mask.isSink(m_columns.firstCell + static_cast<std::uint32_t>(i)) ? 1 : 0;
}

void Pass::run()
{
    const PixelAxis::Pixel* pooled = nullptr;
    for (int y = 0; y < m_image.height(); ++y) {
        QRgb* out = reinterpret_cast<QRgb*>(m_image.scanLine(y));
        const PixelAxis::Pixel& row = m_rows.pixels[static_cast<std::size_t>(y)];
        if (!row.inside || m_columns.end == 0) {
            std::fill_n(out, m_image.width(), m_frame.colours.background);
            continue;
        }
        if (!pooled || pooled->first != row.first || pooled->last != row.last) {
            pooled = &row;
            // Columns whose cells all lie beyond the row's are future in every pixel row of these cells.
            const std::uint32_t lastCell =
                row.last < m_columns.firstCell ? 0 : row.last - m_columns.firstCell + 1;
            const int end =
                static_cast<int>(std::lower_bound(m_columns.first.begin(), m_columns.first.end(), lastCell)
                                 - m_columns.first.begin());
            poolRow(row);
            m_columns.pool(m_cells, m_codes, static_cast<std::size_t>(end));
            colourLine(end);
        }
        paintRow(y, row, out);
    }
}

void Pass::poolRow(const PixelAxis::Pixel& row)
{
    std::fill_n(m_cells.begin(), m_columns.cells(), std::uint8_t{0});
    std::fill(m_somewhereCells.begin(), m_somewhereCells.end(), std::uint8_t{0});
    for (std::uint32_t cellRow = row.first; cellRow <= row.last; ++cellRow)
        addCellRow(cellRow);
    if (!m_masking)
        return;
    std::fill(m_hiddenCells.begin(), m_hiddenCells.end(), std::uint8_t{1});
    for (std::uint32_t cellRow = row.first; cellRow <= row.last; ++cellRow)
        hideCells(cellRow);
    for (std::size_t i = 0; i < m_sinkCells.size(); ++i) {
        if (!m_sinkCells[i])
            continue;
        m_cells[i] = 0;
        if (m_seeksSomewhere)
            m_somewhereCells[i] = 0;
    }
}

void Pass::hideCells(std::uint32_t cellRow)
{
    const std::uint32_t from = m_mask.hiddenFrom(cellRow);
    for (std::size_t i = 0; i < m_hiddenCells.size(); ++i) {
        const bool hidden = m_sinkCells[i] || m_columns.firstCell + i >= from;
        m_hiddenCells[i] = static_cast<std::uint8_t>(m_hiddenCells[i] & (hidden ? 1 : 0));
    }
}

void Pass::addCellRow(std::uint32_t cellRow)
{
    const std::uint32_t tileRow = cellRow / kTileSide;
    // Cells beyond the diagonal are never there.
    const std::uint32_t end = std::min({m_columns.endCell, cellRow + 1, m_mask.hiddenFrom(cellRow)});
    for (std::uint32_t begin = m_columns.firstCell; begin < end;) {
        const std::uint32_t tileCol = begin / kTileSide;
        const std::uint32_t tileEnd = std::min(end, (tileCol + 1) * kTileSide);
        if (const Tile* tile = m_grid.at(tileRow, tileCol))
            addTile(*tile, cellRow, begin, tileEnd);
        begin = tileEnd;
    }
}

void Pass::addTile(const Tile& tile, std::uint32_t cellRow, std::uint32_t beginCell, std::uint32_t endCell)
{
    const std::uint32_t shift = tile.key.level - m_frame.level;
    const std::uint32_t row = (cellRow >> shift) - tile.key.row * kTileSide;
    if (row >= kTileSide)
        return;
    std::uint8_t* out = m_cells.data() + (beginCell - m_columns.firstCell);
    const std::size_t count = endCell - beginCell;
    if (m_frame.mode == MapMode::Missed) {
        const std::uint8_t code = tile.missed[row];
        for (std::size_t i = 0; i < count; ++i)
            out[i] = std::max(out[i], code);
        return;
    }
    const auto& plane = m_frame.mode == MapMode::Count ? tile.count : tile.max;
    const std::uint8_t* in = plane.data() + std::size_t{row} * kTileSide;
    const std::uint8_t* counts = tile.count.data() + std::size_t{row} * kTileSide;
    const std::uint32_t origin = tile.key.col * kTileSide;
    if (shift == 0) {
        in += beginCell - origin;
        for (std::size_t i = 0; i < count; ++i)
            out[i] = std::max(out[i], in[i]);
        if (!m_seeksSomewhere || tile.recorded[row])
            return;
        // A count beside a number of its own does not matter: the number comes first.
        std::uint8_t* somewhere = m_somewhereCells.data() + (beginCell - m_columns.firstCell);
        counts += beginCell - origin;
        for (std::size_t i = 0; i < count; ++i)
            somewhere[i] = std::max(somewhere[i], counts[i]);
        return;
    }
    if (m_seeksSomewhere) { // the ancestor's number is of one of many pairs
        in = counts;
        out = m_somewhereCells.data() + (beginCell - m_columns.firstCell);
    }
    for (std::size_t i = 0; i < count; ++i)
        out[i] = std::max(out[i], in[(((beginCell + i) >> shift) - origin) & (kTileSide - 1)]);
}

void Pass::colourLine(int end)
{
    const auto count = static_cast<std::size_t>(end);
    for (std::size_t i = 0; i < count; ++i)
        m_line[i] = m_frame.colours.ofCode[m_codes[i]];
    m_hatching = m_frame.mode == MapMode::Missed
        && std::find(m_codes.begin(), m_codes.begin() + end, kUnknownCode) != m_codes.begin() + end;
    if (!m_masking)
        return;
    for (std::size_t i = 0; i < count; ++i) {
        const auto cells = m_hiddenCells.begin();
        const auto past = cells + m_columns.last[i] + 1;
        m_hidden[i] = std::find(cells + m_columns.first[i], past, 0) == past ? 1 : 0;
        if (m_hidden[i])
            m_line[i] = m_frame.colours.masked;
    }
}

/// Whether a pixel shows the ground, or hatch on it.
bool Pass::isGround(std::size_t inside) const
{
    return m_codes[inside] == 0 && !(m_masking && m_hidden[inside]);
}

bool Pass::isSomewhere(std::size_t inside) const
{
    const std::uint8_t* const cells = m_somewhereCells.data();
    return std::any_of(cells + m_columns.first[inside], cells + m_columns.last[inside] + 1,
                       [](std::uint8_t cell) { return cell != 0; });
}

/// Whether the cells at a row of pixels are held token by token.
bool Pass::isRecorded(const PixelAxis::Pixel& row) const
{
    const Tile* tile = m_isBelowBlocks ? m_grid.findInRow(row.centre / kTileSide, m_frame.level) : nullptr;
    return tile && tile->recorded[row.centre % kTileSide] != 0;
}

QRgb Pass::bordered(int x, QRgb colour) const
{
    return isGround(static_cast<std::size_t>(x - m_columns.begin)) ? m_frame.colours.outline
                                                                   : halfway(colour, m_frame.colours.border);
}

/// Cells that an exact area holds whole are outlined one by one; what is a block's border is drawn already.
void Pass::borderExact(const PixelAxis::Pixel& row, int end, QRgb* out) const
{
    const auto firstCell = [this](std::uint32_t token) {
        return (token + (1U << m_frame.level) - 1) >> m_frame.level;
    };
    const auto endCell = [this](std::uint32_t token) {
        return token == m_frame.grid.seqLen ? ((token - 1) >> m_frame.level) + 1 : token >> m_frame.level;
    };
    struct Cells {
        std::uint32_t from;
        std::uint32_t to;
    };
    std::vector<Cells> inRow; // areas may overlap: a pixel is outlined once
    for (const ExactArea& area : m_frame.exact)
        if (row.centre >= firstCell(area.rows.begin) && row.centre < endCell(area.rows.end))
            inRow.push_back({firstCell(area.keys.begin), endCell(area.keys.end)});
    for (int x = m_columns.begin; x < end && !inRow.empty(); ++x) {
        const PixelAxis::Pixel& pixel = m_columns.pixels[static_cast<std::size_t>(x)];
        if ((row.cellBorder || pixel.cellBorder) && !pixel.border
            && std::any_of(inRow.begin(), inRow.end(), [&](const Cells& cells) {
                   return pixel.centre >= cells.from && pixel.centre < cells.to;
               }))
            out[x] = bordered(x, out[x]);
    }
}

void Pass::paintRow(int y, const PixelAxis::Pixel& row, QRgb* out) const
{
    const int begin = m_columns.begin;
    const int end = m_columns.futureOf(row);
    std::fill(out, out + begin, m_frame.colours.background);
    std::copy_n(m_line.begin(), end - begin, out + begin);
    if (m_hatching) {
        for (int x = begin; x < end; ++x) {
            if (m_codes[static_cast<std::size_t>(x - begin)] == kUnknownCode)
                out[x] = (x + y) % 8 < 2 ? m_frame.colours.hatch : m_frame.colours.masked;
        }
    }
    if (m_seeksSomewhere) {
        // The first of the pixels that are whole periods away from y.
        const int behind = ((begin - y) % kSomewherePeriod + kSomewherePeriod) % kSomewherePeriod;
        for (int x = begin + (kSomewherePeriod - behind) % kSomewherePeriod; x < end; x += kSomewherePeriod) {
            const auto i = static_cast<std::size_t>(x - begin);
            if (isGround(i) && isSomewhere(i))
                out[x] = m_frame.colours.somewhere;
        }
    }
    const bool recorded = isRecorded(row);
    if (row.border || (recorded && row.cellBorder)) {
        for (int x = begin; x < end; ++x)
            out[x] = bordered(x, out[x]);
    } else {
        for (const int x : recorded ? m_columns.cellBorders : m_columns.borders) {
            if (x < end)
                out[x] = bordered(x, out[x]);
        }
        if (!recorded)
            borderExact(row, end, out);
    }
    const std::uint32_t tileRow = row.centre / kTileSide;
    for (const PixelColumns::Span& span : m_columns.spans) {
        // Beside the diagonal a pixel's centre may lie in a tile of the future, which nobody makes.
        if (span.begin < end && !m_grid.at(tileRow, std::min(span.col, tileRow)))
            std::fill(out + span.begin, out + std::min(span.end, end), m_frame.colours.loading);
    }
    std::fill(out + end, out + m_image.width(), m_frame.colours.background);
}

} // namespace

QString RasterMapRenderer::name() const
{
    return QStringLiteral("CPU renderer");
}

void RasterMapRenderer::prepare(const MapFrame& frame)
{
    const QSize pixels(std::max(1, qRound(frame.size.width() * frame.devicePixelRatio)),
                       std::max(1, qRound(frame.size.height() * frame.devicePixelRatio)));
    if (m_image.size() != pixels)
        m_image = QImage(pixels, QImage::Format_RGB32);
    m_image.setDevicePixelRatio(1);
    if (frame.grid.seqLen == 0 || frame.grid.blockQ == 0 || frame.grid.blockK == 0)
        m_image.fill(frame.colours.background);
    else
        Pass(frame, m_image).run();
    m_image.setDevicePixelRatio(frame.devicePixelRatio);
}

void RasterMapRenderer::paint(QPainter& painter) const
{
    painter.drawImage(QPoint(0, 0), m_image);
}

} // namespace headwater
