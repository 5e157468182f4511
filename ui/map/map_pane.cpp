// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/map_pane.h"

#include "core/tiles/tile_geometry.h"
#include "ui/map/exact_offer.h"
#include "ui/map/map_view.h"
#include "ui/map/minimap.h"
#include "ui/map/profile_strip.h"
#include "ui/map/quantity_text.h"
#include "ui/map/raster_map_renderer.h"
#include "ui/map/token_strip.h"
#include "ui/map/tooltip_card.h"
#include "ui/map/view_geometry.h"
#include "ui/theme/fonts.h"
#include "ui/theme/theme.h"

#include <QEvent>
#include <QGridLayout>
#include <QLabel>
#include <QPainter>

namespace headwater {

namespace {

constexpr int kStatusDelay = 50;
constexpr int kMargin = 12;
constexpr int kHintHeight = 20;

/// The hint under the minimap: a label, so that it lies over the map and reads as text.
QLabel* makeHint(QWidget* parent)
{
    auto* hint = new QLabel(MapPane::tr("a query cannot read its future"), parent);
    hint->setObjectName(QStringLiteral("futureHint"));
    hint->setProperty("role", QStringLiteral("dim"));
    hint->setFont(wordsFont(11));
    hint->setAttribute(Qt::WA_TransparentForMouseEvents);
    hint->setProperty("ground", true); // a locked column passes behind it
    return hint;
}

} // namespace

MapPane::MapPane(Subject* subject, MapLook* look, ViewReader* reader, QWidget* parent)
    : QWidget(parent)
    , m_subject(subject)
    , m_look(look)
    , m_tiles(new MapTiles(subject, look, reader, this))
    , m_view(new MapView(subject, look, m_tiles, std::make_unique<RasterMapRenderer>(), this))
    , m_keyStrip(new TokenStrip(TokenStrip::Axis::Key, subject, look, this))
    , m_queryStrip(new TokenStrip(TokenStrip::Axis::Query, subject, look, this))
    , m_readers(new ProfileStrip(ProfileStrip::Side::Right, subject, look, reader, this))
    , m_reads(new ProfileStrip(ProfileStrip::Side::Bottom, subject, look, reader, this))
    , m_readersScale(new QLabel(this))
    , m_minimap(new Minimap(subject, look, m_tiles, &m_view->navigator(), m_view))
    , m_tooltip(new TooltipCard(this))
    , m_exact(new ExactOffer(subject, look, m_tiles, m_view))
{
    setObjectName(QStringLiteral("mapPane"));
    setAccessibleName(tr("Map"));
    makeHint(m_view);
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setSpacing(0);
    grid->addWidget(m_keyStrip, 0, 1);
    grid->addWidget(m_queryStrip, 1, 0);
    grid->addWidget(m_view, 1, 1);
    grid->addWidget(m_readers, 1, 2);
    grid->addWidget(m_reads, 2, 1);
    grid->addWidget(m_readersScale, 0, 2, Qt::AlignBottom);
    m_readersScale->setObjectName(QStringLiteral("readersScale"));
    m_readersScale->setProperty("role", QStringLiteral("dim"));
    m_readersScale->setFont(wordsFont(11));
    m_readersScale->setWordWrap(true);
    m_readersScale->setContentsMargins(6, 0, 0, 0); // clear of the key axis' last number
    m_readersScale->setFixedWidth(ProfileStrip::kWidth);
    connect(m_readers, &ProfileStrip::profileChanged, this,
            [this] { m_readersScale->setText(m_readers->scaleNote()); });
    grid->setRowStretch(1, 1);
    grid->setColumnStretch(1, 1);
    setFocusProxy(m_view);
    m_view->installEventFilter(this);

    m_statusTimer.setSingleShot(true);
    m_statusTimer.setInterval(kStatusDelay);
    connect(&m_statusTimer, &QTimer::timeout, this, &MapPane::statusChanged);
    const auto statusSoon = [this] {
        if (!m_statusTimer.isActive())
            m_statusTimer.start();
    };
    connect(m_view, &MapView::framePainted, this, statusSoon);
    connect(m_tiles, &MapTiles::tilesChanged, this, statusSoon);
    connect(m_tiles, &MapTiles::sourceChanged, this, [this] { place(); });
    connect(look, &MapLook::viewportChanged, this, [this] {
        place();
        showTooltip();
    });
    connect(look, &MapLook::modeChanged, this, [this, statusSoon] {
        showTooltip();
        statusSoon();
    });
    connect(m_view, &MapView::answerChanged, this, &MapPane::showTooltip);
    connect(m_exact, &ExactOffer::placeChanged, this, &MapPane::placeExact);
    place();
}

MapPane::~MapPane() = default;

bool MapPane::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_view && event->type() == QEvent::Resize)
        place();
    return QWidget::eventFilter(watched, event);
}

void MapPane::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), themeOf(palette()).ground);
}

bool MapPane::emptyTriangleHolds(const QRect& place) const
{
    // The corner nearest to the diagonal is the lower left one.
    const QPointF token = tokenAt(m_look->viewport(), QPointF(place.bottomLeft()));
    return token.x() > token.y() || token.x() >= m_view->navigator().seqLen();
}

void MapPane::place()
{
    placeMinimap();
    placeExact();
}

void MapPane::placeMinimap()
{
    auto* hint = m_view->findChild<QLabel*>(QStringLiteral("futureHint"));
    const bool open = m_view->navigator().seqLen() > 0;
    const bool fits = m_view->width() > 2 * Minimap::kLargeSide && m_view->height() > 2 * Minimap::kLargeSide;
    m_minimap->setVisible(open && fits);
    hint->hide();
    if (!open || !fits)
        return;
    const int textWidth = hint->sizeHint().width();
    const QRect room = m_view->rect();
    const int blockWidth = std::max(Minimap::kLargeSide, textWidth);
    const QRect wanted(room.right() - kMargin - blockWidth, room.top() + kMargin, blockWidth,
                       Minimap::kLargeSide + kHintHeight + kMargin);
    const bool empty = emptyTriangleHolds(wanted.adjusted(-kMargin, 0, 0, kMargin));
    const int side = empty ? Minimap::kLargeSide : Minimap::kSmallSide;
    m_minimap->setGeometry(room.right() - kMargin - side, room.top() + kMargin, side, side);
    if (!empty)
        return;
    hint->setGeometry(room.right() - kMargin - textWidth, m_minimap->geometry().bottom() + 6, textWidth,
                      kHintHeight);
    hint->show();
}

void MapPane::setSession(TraceSession* session)
{
    m_exact->setSession(session);
}

/// At the top, left of the minimap; its words are cut where there is no room for them.
void MapPane::placeExact()
{
    const int right = m_minimap->isVisible() ? m_minimap->x() : m_view->width();
    const QSize wanted = m_exact->sizeHint();
    m_exact->setGeometry(kMargin, kMargin, std::clamp(wanted.width(), 0, std::max(0, right - 2 * kMargin)),
                         wanted.height());
    m_exact->raise();
}

void MapPane::setFindHits(const std::vector<TokenRange>& hits)
{
    m_keyStrip->setFindHits(hits);
    m_queryStrip->setFindHits(hits);
}

void MapPane::showHit(const TokenRange& hit)
{
    m_keyStrip->setCurrentHit(hit);
    m_queryStrip->setCurrentHit(hit);
    m_view->navigator().bringIntoView({std::nullopt, hit.begin});
}

void MapPane::showTooltip()
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    const auto& answer = m_view->answer();
    const QRectF marked = m_view->markedRect();
    if (!trace || !answer || !marked.intersects(QRectF(m_view->rect()))) {
        m_tooltip->hide();
        return;
    }
    m_tooltip->showAt(tooltipOf(*answer, *trace, m_look->mode(), m_subject->hovered()),
                      marked.translated(m_view->pos()));
}

MapStatus MapPane::status() const
{
    MapStatus status;
    const TileSource::Status tiles = m_tiles->tileStatus();
    status.tilesPending = tiles.pending;
    status.cacheBytes = tiles.cachedBytes + tiles.edgeBytes;
    status.cacheBudget = tiles.budgetBytes + tiles.edgeBudgetBytes;
    status.renderer = m_view->renderer().name();
    status.frameMilliseconds = m_view->lastFrameMilliseconds();
    status.failure = tiles.failure;
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    const HeadInfo* info = m_tiles->shownHeadInfo();
    if (!trace || !info)
        return status;
    status.quantity = quantityAndSelection(*trace, *info);
    const std::uint64_t cell = std::uint64_t{1} << m_tiles->level();
    if (m_look->mode() == MapMode::Missed) {
        status.cell = tr("1 cell = %1 rows, drawn: the largest missed mass").arg(thousandsOf(cell));
        return status;
    }
    const BlockGrid grid = m_tiles->grid();
    const QString drawn =
        m_look->mode() == MapMode::Count ? tr("the number of kept blocks") : tr("the largest");
    if (const auto exact = m_tiles->exactOnScreen())
        status.cell = tr("1 cell = %1 × %1 tokens, every pair %2 from the engine")
                          .arg(thousandsOf(cell), exact->isExact ? tr("exact") : tr("to two digits"));
    else if (m_tiles->level() < blockLevel(grid))
        status.cell = tr("1 cell = %1 × %1 tokens of blocks of %2 × %3, drawn: %4")
                          .arg(thousandsOf(cell), QString::number(grid.blockQ), QString::number(grid.blockK),
                               m_look->mode() == MapMode::Count ? drawn : tr("the largest that is known"));
    else if (cell == grid.blockQ && cell == grid.blockK)
        status.cell = tr("1 block = %1 × %1 tokens, drawn: %2").arg(cell).arg(drawn);
    else
        status.cell = tr("1 cell = %1 × %1 tokens, drawn: %2").arg(thousandsOf(cell), drawn);
    return status;
}

} // namespace headwater
