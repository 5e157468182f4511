// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/minimap.h"

#include "ui/bridge/when_seen.h"
#include "ui/map/minimap_picture.h"
#include "ui/map/view_mask.h"
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

Minimap::Minimap(Subject* subject, MapLook* look, MapTiles* tiles, MapNavigator* navigator, QWidget* parent)
    : QWidget(parent)
    , m_subject(subject)
    , m_look(look)
    , m_tiles(tiles)
    , m_navigator(navigator)
    , m_job(new BackgroundJob(this))
{
    setObjectName(QStringLiteral("minimap"));
    setAccessibleName(tr("Whole map"));
    setCursor(Qt::PointingHandCursor);
    auto* const whenSeen = new WhenSeen(this, [this] { read(); });
    connect(tiles, &MapTiles::sourceChanged, whenSeen, &WhenSeen::ask);
    connect(subject, &Subject::shownHeadChanged, whenSeen, &WhenSeen::ask);
    connect(look, &MapLook::coloursChanged, this, &Minimap::recolour);
    connect(look, &MapLook::modeChanged, this, &Minimap::recolour);
    connect(look, &MapLook::maskChanged, this, &Minimap::recolour);
    connect(look, &MapLook::viewportChanged, this, [this] { update(); });
    whenSeen->ask();
}

void Minimap::read()
{
    const TraceReading& reading = m_tiles->reader().reading();
    const std::shared_ptr<const Trace> trace = reading.trace;
    if (!reading || !m_tiles->shownHeadInfo() || trace->overviewSides().empty()) {
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
        [heads = reading.heads, head = m_subject->shownHead(), side](const std::stop_token& stop) {
            const auto overview = heads->loadOverview(head.layer, head.head, side, stop);
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
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    if (!m_overview || !trace || m_overview->side == 0)
        return;
    const int pixels = std::max(1, static_cast<int>(std::lround(mapRect().width() * devicePixelRatioF())));
    BlockGrid grid = m_tiles->grid();
    grid.seqLen = trace->seqLen();
    const HeadId head = m_subject->shownHead();
    const CellMask mask = viewMask(grid, m_overview->level, m_look->mode(), m_look->mask(),
                                   trace->sinks(head.layer, head.head));
    m_picture = minimapPicture(*m_overview, grid, mask, m_look->mode(), m_look->colours(), themeOf(palette()),
                               pixels);
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
    painter.fillRect(rect(), theme.ground);
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
    const MapViewport& viewport = m_look->viewport();
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
