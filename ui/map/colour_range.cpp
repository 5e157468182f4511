// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/colour_range.h"

#include "core/base/log_code.h"
#include "core/tiles/colour_table.h"
#include "ui/map/colour_lut.h"
#include "ui/map/colour_ticks.h"
#include "ui/map/histogram_columns.h"
#include "ui/theme/fonts.h"
#include "ui/theme/theme.h"

#include <QImage>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

namespace headwater {

namespace {

constexpr double kBarHeight = 14;
constexpr double kHandleHeight = 8;
constexpr double kTickHeight = 3;
constexpr double kNumbersHeight = 13; ///< under the handles
constexpr double kHistogramHeight = 46;
constexpr double kMargin = 6; ///< room for half a handle
constexpr double kLeastRatio = 1.05; ///< high over low, log
constexpr double kLeastSpan = 0.001; ///< high less low, linear

} // namespace

std::optional<ColourLimits> fittedLimits(const CodeHistogram& histogram, bool logarithmic)
{
    std::uint64_t total = 0;
    std::uint8_t last = 0;
    const std::size_t end = histogram.missed ? kUnknownCode : 256;
    for (std::size_t code = 1; code < end; ++code) {
        total += histogram.ofCode[code];
        if (histogram.ofCode[code] > 0)
            last = static_cast<std::uint8_t>(code);
    }
    if (total == 0)
        return std::nullopt;
    std::uint64_t seen = 0;
    std::uint8_t first = 1;
    for (std::size_t code = 1; code < end && seen * 20 <= total; ++code) {
        seen += histogram.ofCode[code];
        first = static_cast<std::uint8_t>(code);
    }
    ColourLimits limits;
    // Rounded outwards to two figures: numbers to read, and the largest value stays inside.
    const auto rounded = [](double value, bool up) {
        const double unit = std::pow(10.0, std::floor(std::log10(value)) - 1);
        return (up ? std::ceil(value / unit - 1e-9) : std::floor(value / unit + 1e-9)) * unit;
    };
    limits.high = std::min(1.0, rounded(static_cast<double>(probabilityOfCode(last)), true));
    limits.low = logarithmic ? rounded(static_cast<double>(probabilityOfCode(first)), false) : 0.0;
    if (limits.high < limits.low * 10 && logarithmic)
        limits.low = limits.high / 10;
    return limits;
}

ColourRange::ColourRange(MapLook* look, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
{
    setObjectName(QStringLiteral("colourRange"));
    setAccessibleName(tr("Colour range"));
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setMouseTracking(true);
    const auto repaint = [this] { update(); };
    connect(look, &MapLook::coloursChanged, this, repaint);
    connect(look, &MapLook::modeChanged, this, repaint);
}

QSize ColourRange::sizeHint() const
{
    return {260, static_cast<int>(kHistogramHeight + kBarHeight + kHandleHeight + kNumbersHeight + 2)};
}

void ColourRange::setHistogram(const CodeHistogram& histogram)
{
    m_histogram = histogram;
    update();
}

void ColourRange::setCapacity(double capacity)
{
    m_capacity = capacity;
    update();
}

void ColourRange::setHatchLegend(const QString& legend)
{
    if (legend == m_hatchLegend)
        return;
    m_hatchLegend = legend;
    setAccessibleDescription(legend);
    update();
}

QRectF ColourRange::barRect() const
{
    return {kMargin, kHistogramHeight, width() - 2 * kMargin, kBarHeight};
}

double ColourRange::placeOf(double probability) const
{
    const QRectF bar = barRect();
    return bar.left() + bar.width() * shareOfBar(probability, m_look->colours().logarithmic);
}

double ColourRange::probabilityAt(double x) const
{
    const QRectF bar = barRect();
    const double share = std::clamp((x - bar.left()) / std::max(1.0, bar.width()), 0.0, 1.0);
    return m_look->colours().logarithmic ? kLowestOnBar * std::pow(1 / kLowestOnBar, share) : share;
}

QString ColourRange::valueText(double x) const
{
    if (m_look->mode() != MapMode::Count)
        return QString::number(probabilityAt(x), 'g', 2);
    const QRectF bar = barRect();
    const double unit = (x - bar.left()) / std::max(1.0, bar.width() - 1);
    const auto count = static_cast<qulonglong>(std::llround(edgeCountOfUnit(unit, m_capacity)));
    return count == 0 ? tr("nothing kept") : tr("%1 kept blocks").arg(thousandsOf(count));
}

void ColourRange::moveHandle(Handle handle, double probability)
{
    ColourScale scale = m_look->colours();
    if (handle == Handle::Low) {
        const double most = scale.logarithmic ? scale.high / kLeastRatio : scale.high - kLeastSpan;
        scale.low = std::min(probability, most);
    } else {
        const double least = scale.logarithmic ? scale.low * kLeastRatio : scale.low + kLeastSpan;
        scale.high = std::max(probability, least);
    }
    m_look->setColours(scale);
}

void ColourRange::paintHistogram(QPainter& painter) const
{
    const QRectF bar = barRect();
    const int columns = std::max(1, static_cast<int>(bar.width() / 2));
    std::vector<double> heights =
        histogramColumns(m_histogram, static_cast<std::size_t>(columns), m_look->colours().logarithmic);
    double most = 0;
    for (double& height : heights) {
        height = std::log1p(height);
        most = std::max(most, height);
    }
    if (most == 0)
        return;
    QPainterPath path(bar.topLeft());
    for (std::size_t i = 0; i < heights.size(); ++i) {
        path.lineTo(bar.left() + (static_cast<double>(i) + 0.5) * bar.width() / columns,
                    bar.top() - heights[i] / most * (kHistogramHeight - 4));
    }
    path.lineTo(bar.topRight());
    path.closeSubpath();
    painter.setPen(Qt::NoPen);
    painter.setBrush(themeOf(palette()).faint);
    painter.drawPath(path);
}

void ColourRange::paintHatchLegend(QPainter& painter) const
{
    const Theme& theme = themeOf(palette());
    const ColourLut lut = makeColourLut(m_look->colours(), MapMode::Missed, 1, theme);
    constexpr int kSide = 16;
    QImage swatch(kSide, kSide, QImage::Format_RGB32);
    for (int y = 0; y < kSide; ++y) {
        for (int x = 0; x < kSide; ++x)
            swatch.setPixel(x, y, (x + y) % 8 < 2 ? lut.hatch : lut.masked);
    }
    const QRectF bar = barRect();
    painter.drawImage(QPointF(bar.left(), 1), swatch);
    painter.setFont(wordsFont(11));
    painter.setPen(theme.dim);
    painter.drawText(QRectF(bar.left() + kSide + 8, 0, bar.width() - kSide - 8, bar.top() - 2),
                     Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, m_hatchLegend);
}

void ColourRange::paintTicks(QPainter& painter) const
{
    const Theme& theme = themeOf(palette());
    const QRectF bar = barRect();
    painter.setFont(wordsFont(11));
    painter.setPen(theme.dim);
    const QFontMetricsF metrics(painter.font());
    for (const ColourTick& tick : colourTicks(m_look->mode(), m_look->colours().logarithmic, m_capacity)) {
        const double x = bar.left() + std::min(tick.place * bar.width(), bar.width() - 1);
        painter.drawLine(QPointF(x, bar.bottom()), QPointF(x, bar.bottom() + kTickHeight));
        const double width = tabularWidth(metrics, tick.label);
        const double left = std::clamp(x - width / 2, 0.0, std::max(0.0, this->width() - width));
        drawTabular(painter, QRectF(left, bar.bottom() + kHandleHeight, width + 1, kNumbersHeight),
                    Qt::AlignLeft | Qt::AlignVCenter, tick.label);
    }
}

void ColourRange::paintHandle(QPainter& painter, Handle handle) const
{
    const Theme& theme = themeOf(palette());
    const ColourScale& scale = m_look->colours();
    const double x = placeOf(handle == Handle::Low ? scale.low : scale.high);
    const QRectF bar = barRect();
    painter.setPen(QPen(theme.text, 1));
    painter.drawLine(QPointF(x, bar.top() - 6), QPointF(x, bar.bottom()));
    painter.setPen(Qt::NoPen);
    painter.setBrush(hasFocus() && m_focused == handle ? theme.selected : theme.text);
    painter.drawPolygon(QPolygonF(
        {{x, bar.bottom()}, {x + 5, bar.bottom() + kHandleHeight}, {x - 5, bar.bottom() + kHandleHeight}}));
}

void ColourRange::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const Theme& theme = themeOf(palette());
    const ColourScale& scale = m_look->colours();
    const QRectF bar = barRect();
    painter.setRenderHint(QPainter::Antialiasing);
    paintHistogram(painter);
    painter.setRenderHint(QPainter::Antialiasing, false);
    if (!m_hatchLegend.isEmpty())
        paintHatchLegend(painter);
    const bool counts = m_look->mode() == MapMode::Count;
    for (int x = 0; x < static_cast<int>(bar.width()); ++x) {
        const double share = x / std::max(1.0, bar.width() - 1);
        const double unit = counts ? share : unitOfProbability(scale, probabilityAt(bar.left() + x));
        painter.fillRect(QRectF(bar.left() + x, bar.top(), 1, bar.height()),
                         QColor(colourOfUnit(scale.map, unit, theme.dark)));
    }
    painter.setPen(theme.line);
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(bar.adjusted(0, 0, -1, -1));
    paintTicks(painter);
    if (counts)
        return;
    painter.setRenderHint(QPainter::Antialiasing);
    paintHandle(painter, Handle::Low);
    paintHandle(painter, Handle::High);
}

void ColourRange::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || m_look->mode() == MapMode::Count)
        return;
    const double x = event->position().x();
    const double toLow = std::abs(x - placeOf(m_look->colours().low));
    const double toHigh = std::abs(x - placeOf(m_look->colours().high));
    m_dragged = toLow < toHigh ? Handle::Low : Handle::High;
    m_focused = m_dragged;
    moveHandle(m_dragged, probabilityAt(x));
    update();
}

void ColourRange::mouseMoveEvent(QMouseEvent* event)
{
    if (m_dragged != Handle::None)
        moveHandle(m_dragged, probabilityAt(event->position().x()));
    else
        setToolTip(event->position().y() < kHistogramHeight && !m_histogram.isEmpty()
                       ? tr("%1\nHeight: logarithm of how often a value occurs")
                             .arg(valueText(event->position().x()))
                       : valueText(event->position().x()));
}

void ColourRange::mouseReleaseEvent(QMouseEvent*)
{
    m_dragged = Handle::None;
}

void ColourRange::mouseDoubleClickEvent(QMouseEvent*)
{
    m_dragged = Handle::None;
    if (m_look->mode() == MapMode::Count)
        return;
    emit fitRequested();
}

void ColourRange::keyPressEvent(QKeyEvent* event)
{
    const ColourScale& scale = m_look->colours();
    const double now = m_focused == Handle::Low ? scale.low : scale.high;
    const double by = event->key() == Qt::Key_Left ? -2 : event->key() == Qt::Key_Right ? 2 : 0;
    if (by != 0 && m_look->mode() != MapMode::Count) {
        moveHandle(m_focused, probabilityAt(placeOf(now) + by));
    } else if (event->key() == Qt::Key_Up || event->key() == Qt::Key_Down) {
        m_focused = event->key() == Qt::Key_Up ? Handle::High : Handle::Low;
        update();
    } else {
        QWidget::keyPressEvent(event);
    }
}

} // namespace headwater
