// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/heads/head_grid.h"

#include "ui/map/quantity_text.h"
#include "ui/theme/focus_frame.h"
#include "ui/theme/fonts.h"
#include "ui/theme/theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>
#include <cmath>

namespace headwater {

namespace {

constexpr int kMargin = 4; ///< the outline of the first thumbnail needs room

} // namespace

HeadGrid::HeadGrid(Subject* subject, MapLook* look, QWidget* parent)
    : QAbstractScrollArea(parent)
    , m_subject(subject)
    , m_look(look)
    , m_store(this)
{
    setObjectName(QStringLiteral("headGrid"));
    setAccessibleName(tr("Heads of all layers"));
    viewport()->setObjectName(QStringLiteral("headGridView"));
    viewport()->setAccessibleName(tr("Heads of all layers"));
    viewport()->setMouseTracking(true);
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    verticalScrollBar()->setObjectName(QStringLiteral("headGridScroll"));
    verticalScrollBar()->setAccessibleName(tr("Scroll the heads"));
    connect(subject, &Subject::traceChanged, this, &HeadGrid::takeTrace);
    connect(subject, &Subject::headChanged, this, [this] {
        if (const auto index = m_layout.indexOf(m_subject->head()))
            scrollTo(*index);
        setAccessibleDescription(headLabel(m_subject->head()));
        viewport()->update();
    });
    connect(look, &MapLook::coloursChanged, this, &HeadGrid::forgetPictures);
    connect(look, &MapLook::modeChanged, this, &HeadGrid::forgetPictures);
    connect(&m_store, &ThumbnailStore::loaded, this, [this] {
        viewport()->update();
        emit thumbnailsChanged();
    });
    takeTrace();
}

void HeadGrid::takeTrace()
{
    // Another snapshot of a growing trace keeps pictures and preview: new overviews replace them one by one.
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    const std::filesystem::path path = trace ? trace->path() : std::filesystem::path();
    if (path.empty() || path != m_path) {
        hover(std::nullopt);
        m_pictures.clear();
        m_luts.clear();
    }
    m_path = path;
    m_store.setTrace(trace);
    wantVisible();
    viewport()->update();
}

void HeadGrid::setHeads(std::vector<HeadId> heads, bool isByLayer)
{
    hover(std::nullopt);
    m_heads = std::move(heads);
    m_isByLayer = isByLayer;
    arrange();
    // The order is asked for to see what comes first.
    if (const auto index = m_layout.indexOf(m_subject->head()); index && isByLayer)
        scrollTo(*index);
    else
        verticalScrollBar()->setValue(0);
}

void HeadGrid::updateHeads(std::vector<HeadId> heads)
{
    if (heads == m_heads)
        return;
    const std::optional<HeadId> hovered =
        m_hovered ? std::optional(m_layout.heads[*m_hovered]) : std::nullopt;
    const int scrolled = verticalScrollBar()->value();
    m_hovered.reset(); // an index into the old layout
    m_heads = std::move(heads);
    arrange();
    verticalScrollBar()->setValue(scrolled);
    hover(hovered ? m_layout.indexOf(*hovered) : std::nullopt);
}

void HeadGrid::setValues(Values values)
{
    m_values = std::move(values);
    viewport()->update();
}

QString HeadGrid::factsOf(HeadId head) const
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    if (!trace)
        return {};
    QString facts = headFacts(*trace, head);
    const auto value = m_values.texts.find(head);
    if (!m_values.title.isEmpty() && value != m_values.texts.end())
        facts += QStringLiteral("\n%1: %2").arg(m_values.title, value->second);
    return facts;
}

void HeadGrid::arrange()
{
    const int side = m_layout.side;
    m_layout = layOutHeads(m_heads, m_isByLayer, viewport()->width() - 2 * kMargin);
    if (m_layout.side != side)
        m_pictures.clear();
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(m_layout.side + 4);
    verticalScrollBar()->setRange(0, std::max(0, m_layout.height + 2 * kMargin - viewport()->height()));
    wantVisible();
    viewport()->update();
}

void HeadGrid::wantVisible()
{
    std::vector<HeadId> visible;
    for (std::size_t i = 0; i < m_layout.cells.size(); ++i) {
        if (placeOf(i).intersects(viewport()->rect()))
            visible.push_back(m_layout.heads[i]);
    }
    m_store.want(std::move(visible));
}

void HeadGrid::forgetPictures()
{
    m_pictures.clear();
    m_luts.clear();
    viewport()->update();
}

QRect HeadGrid::placeOf(std::size_t index) const
{
    return m_layout.cells[index].translated(kMargin, kMargin - verticalScrollBar()->value());
}

void HeadGrid::scrollTo(std::size_t index)
{
    const QRect cell = m_layout.cells[index].adjusted(0, 0, 0, 2 * kMargin);
    QScrollBar* const bar = verticalScrollBar();
    if (cell.top() < bar->value())
        bar->setValue(cell.top());
    else if (cell.bottom() > bar->value() + viewport()->height())
        bar->setValue(cell.bottom() - viewport()->height());
}

ColourLut HeadGrid::lutOf(const Overview& overview, const HeadInfo& info)
{
    if (showsContent(overview, m_look->mode()))
        return makeColourLut(contentScale(overview, m_look->colours().map), MapMode::Max, 1,
                             themeOf(palette()));
    const double cell = static_cast<double>(std::uint64_t{1} << overview.level);
    const double capacity =
        std::max(1.0, cell / std::max(1u, info.blockQ)) * std::max(1.0, cell / std::max(1u, info.blockK));
    const auto key = static_cast<std::uint64_t>(std::llround(capacity));
    const auto found = m_luts.find(key);
    if (found != m_luts.end())
        return found->second;
    return m_luts[key] = makeColourLut(m_look->colours(), m_look->mode(), capacity, themeOf(palette()));
}

QString HeadGrid::caption() const
{
    switch (m_look->mode()) {
    case MapMode::Count:
        return tr("kept blocks, as in the map");
    case MapMode::Missed:
        return tr("missed mass, as in the map");
    case MapMode::Max:
        break;
    }
    if (m_store.numLoaded() == 0)
        return {};
    const QString content =
        tr("mean mass without token 0, the diagonal and the recent block; each head on its own scale");
    if (m_store.numWithContent() == m_store.numLoaded())
        return content;
    return m_store.numWithContent() == 0
        ? tr("the largest probability, as in the map: this trace has no picture of the heads' content")
        : tr("%1; of heads without one the largest probability, as in the map").arg(content);
}

const QImage* HeadGrid::pictureOf(HeadId head)
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    const std::shared_ptr<const Overview> overview = m_store.find(head);
    const HeadInfo* const info = trace ? trace->findHead(head.layer, head.head) : nullptr;
    if (!overview || !info)
        return nullptr;
    Picture& picture = m_pictures[head];
    if (picture.overview != overview) {
        const int pixels = static_cast<int>(std::lround(m_layout.side * devicePixelRatioF()));
        picture.image =
            thumbnailOf(*overview, trace->seqLen(), pixels, lutOf(*overview, *info), m_look->mode());
        picture.image.setDevicePixelRatio(devicePixelRatioF());
        picture.overview = overview;
    }
    return &picture.image;
}

void HeadGrid::paintCell(QPainter& painter, std::size_t index, const QRect& place)
{
    const Theme& theme = themeOf(palette());
    const HeadId head = m_layout.heads[index];
    if (const QImage* const image = pictureOf(head)) {
        painter.drawImage(place.topLeft(), *image);
    } else {
        painter.setPen(theme.line);
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5));
    }
    const bool isLocked = head == m_subject->head();
    if (m_layout.captionHeight > 0) {
        painter.setFont(wordsFont(10));
        painter.setPen(isLocked ? theme.text : theme.dim);
        QString caption = QStringLiteral("L%1 H%2").arg(head.layer).arg(head.head);
        if (const auto value = m_values.texts.find(head); value != m_values.texts.end())
            caption += QLatin1Char('\n') + value->second;
        painter.drawText(
            QRect(place.left() - 4, place.bottom() + 2, place.width() + 8, m_layout.captionHeight),
            Qt::AlignHCenter | Qt::AlignTop, caption);
    }
    const bool isHovered = m_hovered == index;
    if (!isLocked && !isHovered)
        return;
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(isLocked ? theme.selected : theme.dim, isLocked ? 2 : 1));
    painter.setBrush(Qt::NoBrush);
    const double out = isLocked ? 2 : 1.5;
    painter.drawRoundedRect(QRectF(place).adjusted(-out, -out, out, out), 4, 4);
    painter.setRenderHint(QPainter::Antialiasing, false);
}

void HeadGrid::paintEvent(QPaintEvent* event)
{
    QPainter painter(viewport());
    const Theme& theme = themeOf(palette());
    painter.fillRect(event->rect(), theme.dock);
    const int top = verticalScrollBar()->value() - kMargin;
    painter.setFont(wordsFont(11));
    painter.setPen(theme.dim);
    for (const HeadGridLayout::Label& label : m_layout.labels) {
        const QRect place = label.rect.translated(kMargin, -top);
        // Pictures may go on beyond an edge; half a number can be read as another.
        if (place.intersects(event->rect()) && viewport()->rect().contains(place))
            drawTabular(painter, place, Qt::AlignRight | Qt::AlignVCenter,
                        QStringLiteral("L%1").arg(label.layer));
    }
    for (std::size_t i = 0; i < m_layout.cells.size(); ++i) {
        const QRect place = placeOf(i);
        if (place.adjusted(-3, -3, 3, 3 + m_layout.captionHeight).intersects(event->rect()))
            paintCell(painter, i, place);
    }
    painter.end();
    paintFocusFrame(*this);
}

void HeadGrid::focusInEvent(QFocusEvent* event)
{
    QAbstractScrollArea::focusInEvent(event);
    viewport()->update();
}

void HeadGrid::focusOutEvent(QFocusEvent* event)
{
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

void HeadGrid::resizeEvent(QResizeEvent*)
{
    arrange();
}

void HeadGrid::scrollContentsBy(int, int)
{
    hover(std::nullopt);
    wantVisible();
    viewport()->update();
}

void HeadGrid::hover(std::optional<std::size_t> index)
{
    if (index == m_hovered)
        return;
    m_hovered = index;
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    const bool isFinished =
        index && trace && trace->findHead(m_layout.heads[*index].layer, m_layout.heads[*index].head);
    m_subject->previewHead(isFinished ? std::optional(m_layout.heads[*index]) : std::nullopt);
    viewport()->update();
}

void HeadGrid::showHead(HeadId head)
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    if (trace && trace->findHead(head.layer, head.head))
        m_subject->setHead(head);
}

bool HeadGrid::viewportEvent(QEvent* event)
{
    const auto indexAt = [this](const QPoint& point) {
        return m_layout.indexAt(point + QPoint(-kMargin, verticalScrollBar()->value() - kMargin));
    };
    switch (event->type()) {
    case QEvent::MouseMove:
        hover(indexAt(static_cast<QMouseEvent*>(event)->position().toPoint()));
        return true;
    case QEvent::Leave:
        hover(std::nullopt);
        break;
    case QEvent::MouseButtonPress: {
        const auto* const mouse = static_cast<QMouseEvent*>(event);
        const auto index = indexAt(mouse->position().toPoint());
        if (index && mouse->button() == Qt::LeftButton)
            showHead(m_layout.heads[*index]);
        return true;
    }
    case QEvent::ToolTip: {
        const auto* const help = static_cast<QHelpEvent*>(event);
        const auto index = indexAt(help->pos());
        if (index && m_subject->trace())
            QToolTip::showText(help->globalPos(), factsOf(m_layout.heads[*index]), this, placeOf(*index));
        else
            QToolTip::hideText();
        return true;
    }
    default:
        break;
    }
    return QAbstractScrollArea::viewportEvent(event);
}

void HeadGrid::keyPressEvent(QKeyEvent* event)
{
    int dx = 0;
    int dy = 0;
    switch (event->key()) {
    case Qt::Key_Left:
        dx = -1;
        break;
    case Qt::Key_Right:
        dx = 1;
        break;
    case Qt::Key_Up:
        dy = -1;
        break;
    case Qt::Key_Down:
        dy = 1;
        break;
    default:
        QAbstractScrollArea::keyPressEvent(event);
        return;
    }
    const auto index = m_layout.indexOf(m_subject->head());
    if (index)
        showHead(m_layout.heads[m_layout.neighbour(*index, dx, dy)]);
    else if (!m_layout.heads.empty())
        showHead(m_layout.heads.front());
}

void HeadGrid::changeEvent(QEvent* event)
{
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        forgetPictures();
}

} // namespace headwater
