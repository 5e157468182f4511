// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/minimap.h"

#include "core/base/log_code.h"
#include "ui/map/cell_mask.h"
#include "ui/map/colour_lut.h"
#include "ui/theme/theme.h"

#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

namespace headwater {

namespace {

constexpr double kFrame = 4; ///< pixels around the picture
constexpr std::uint32_t kWantedSide = 128; ///< the smallest overview that is not coarser than the picture

} // namespace

Minimap::Minimap(ViewState* state, MapTiles* tiles, MapNavigator* navigator, QWidget* parent)
    : QWidget(parent)
    , m_state(state)
    , m_tiles(tiles)
    , m_navigator(navigator)
    , m_job(new BackgroundJob(this))
{
    setObjectName(QStringLiteral("minimap"));
    setAccessibleName(tr("Whole map"));
    setCursor(Qt::PointingHandCursor);
    connect(tiles, &MapTiles::sourceChanged, this, &Minimap::read);
    connect(state, &ViewState::shownHeadChanged, this, &Minimap::read);
    connect(state, &ViewState::coloursChanged, this, &Minimap::recolour);
    connect(state, &ViewState::modeChanged, this, &Minimap::recolour);
    connect(state, &ViewState::maskChanged, this, &Minimap::recolour);
    connect(state, &ViewState::viewportChanged, this, [this] { update(); });
    read();
}

void Minimap::read()
{
    const std::shared_ptr<TileSource> source = m_tiles->source();
    const std::shared_ptr<const Trace> trace = m_state->trace();
    if (!source || !trace || !m_tiles->shownHeadInfo() || trace->overviewSides().empty()) {
        m_job->cancel();
        m_overview.reset();
        recolour();
        return;
    }
    const auto sides = trace->overviewSides();
    const auto enough =
        std::find_if(sides.begin(), sides.end(), [](std::uint32_t side) { return side >= kWantedSide; });
    const std::uint32_t side = enough == sides.end() ? sides.back() : *enough;
    m_job->start(
        [source, head = m_state->shownHead(), side](const std::stop_token& stop) {
            const auto overview = source->heads().loadOverview(head.layer, head.head, side, stop);
            return overview ? *overview : std::shared_ptr<const Overview>();
        },
        [this](std::shared_ptr<const Overview> overview) {
            m_overview = std::move(overview);
            recolour();
        });
}

void Minimap::recolour()
{
    m_picture = {};
    update();
    const std::shared_ptr<const Trace> trace = m_state->trace();
    if (!m_overview || !trace || m_overview->side == 0)
        return;
    // Only the cells that hold tokens: an overview's side is a power of two.
    const int used = static_cast<int>(std::clamp<std::uint64_t>(
        (trace->seqLen() + (std::uint64_t{1} << m_overview->level) - 1) >> m_overview->level, 1,
        m_overview->side));
    const int pixels = std::max(1, static_cast<int>(std::lround(mapRect().width() * devicePixelRatioF())));
    const MapMode mode = m_state->mode();
    const double cell = static_cast<double>(std::uint64_t{1} << m_overview->level);
    const BlockGrid grid = m_tiles->grid();
    const double capacity = std::max(1.0, cell / grid.blockQ) * std::max(1.0, cell / grid.blockK);
    const ColourLut lut = makeColourLut(m_state->colours(), mode, capacity, themeOf(palette()));
    const auto codeAt = [&](int row, int col) {
        if (mode == MapMode::Missed)
            return m_overview->missed[static_cast<std::size_t>(row)];
        const auto& plane = mode == MapMode::Count ? m_overview->count : m_overview->max;
        return plane[static_cast<std::size_t>(row) * m_overview->side + static_cast<std::size_t>(col)];
    };
    const HeadId head = m_state->shownHead();
    const CellMask mask(grid, m_overview->level, mode, m_state->mask(), trace->sinks(head.layer, head.head));
    m_picture = QImage(pixels, pixels, QImage::Format_RGB32);
    const auto first = [used, pixels](int pixel) {
        return static_cast<int>(std::int64_t{pixel} * used / pixels);
    };
    for (int y = 0; y < pixels; ++y) {
        QRgb* out = reinterpret_cast<QRgb*>(m_picture.scanLine(y));
        for (int x = 0; x < pixels; ++x) {
            if (x > y) {
                out[x] = lut.background;
                continue;
            }
            std::uint8_t code = 0;
            bool hidden = true;
            for (int row = first(y); row <= std::max(first(y), first(y + 1) - 1); ++row) {
                for (int col = first(x); col <= std::max(first(x), first(x + 1) - 1); ++col) {
                    if (mask.hides(static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(col)))
                        continue;
                    hidden = false;
                    code = std::max(code, codeAt(row, col));
                }
            }
            const bool unknown = mode == MapMode::Missed && code == kUnknownCode;
            out[x] = hidden ? lut.masked
                : unknown   ? ((x + y) % 8 < 2 ? lut.hatch : lut.masked)
                            : lut.ofCode[code];
        }
    }
    m_picture.setDevicePixelRatio(devicePixelRatioF());
}

QRectF Minimap::mapRect() const
{
    return QRectF(rect()).adjusted(kFrame, kFrame, -kFrame, -kFrame);
}

bool Minimap::event(QEvent* event)
{
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::Resize)
        recolour();
    return QWidget::event(event);
}

void Minimap::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const Theme& theme = themeOf(palette());
    painter.fillRect(rect(), theme.window);
    const QRectF map = mapRect();
    if (!m_picture.isNull())
        painter.drawImage(map.topLeft(), m_picture);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(theme.line);
    painter.drawRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5));
    const double tokens = m_navigator->seqLen();
    if (tokens == 0)
        return;
    const double scale = map.width() / tokens;
    const MapViewport& viewport = m_state->viewport();
    const QSizeF surface = m_tiles->surface();
    QRectF view(map.left() + viewport.key * scale, map.top() + viewport.query * scale,
                surface.width() * viewport.tokensPerPixel * scale,
                surface.height() * viewport.queryTokensPerPixel() * scale);
    view = view.intersected(map);
    if (view.isEmpty())
        return;
    // A view too small to see stays a mark that can be found.
    constexpr double kLeast = 5;
    if (view.width() < kLeast || view.height() < kLeast) {
        const QPointF centre = view.center();
        view.setSize({std::max(kLeast, view.width()), std::max(kLeast, view.height())});
        view.moveCenter(centre);
    }
    painter.setPen(QPen(theme.selected, 1.5));
    painter.drawRect(view);
}

void Minimap::moveView(const QPointF& at)
{
    const QRectF map = mapRect();
    const double scale = m_navigator->seqLen() / map.width();
    m_navigator->centreOn((at.y() - map.top()) * scale, (at.x() - map.left()) * scale);
}

void Minimap::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton)
        moveView(event->position());
}

void Minimap::mouseMoveEvent(QMouseEvent* event)
{
    if (event->buttons() & Qt::LeftButton)
        moveView(event->position());
}

} // namespace headwater
