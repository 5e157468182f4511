// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/token_strip.h"

#include "ui/theme/fonts.h"
#include "ui/theme/quoted_text.h"
#include "ui/theme/theme.h"

#include <QFontMetricsF>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

namespace headwater {

namespace {

constexpr int kTextSize = 11;
constexpr double kBracketPlace = 5; ///< pixels from the map
constexpr double kNumberPlace = 11;
constexpr double kNumberGap = 8; ///< between a sentence and the numbers of the query axis
constexpr double kRow = 16; ///< height of a row of text on the key axis

} // namespace

TokenStrip::TokenStrip(Axis axis, Subject* subject, MapLook* look, QWidget* parent)
    : QWidget(parent)
    , m_axis(axis)
    , m_subject(subject)
    , m_look(look)
{
    setAccessibleName(axis == Axis::Key ? tr("Key tokens") : tr("Query tokens"));
    if (axis == Axis::Key)
        setFixedHeight(kKeyHeight);
    else
        setFixedWidth(kQueryWidth);
    connect(subject, &Subject::traceChanged, this, &TokenStrip::takeTrace);
    const auto repaint = [this] { update(); };
    connect(look, &MapLook::viewportChanged, this, repaint);
    connect(subject, &Subject::lockedChanged, this, repaint);
    connect(subject, &Subject::hoveredChanged, this, repaint);
    takeTrace();
}

void TokenStrip::takeTrace()
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    m_sentences = trace ? sentenceTokens(trace->sentenceOffsets(), trace->tokenOffsets())
                        : std::vector<std::uint32_t>{};
    // A newer snapshot of the same file has the same tokens, and their marks.
    const std::filesystem::path path = trace ? trace->path() : std::filesystem::path();
    if (path != m_path) {
        m_hits.clear();
        m_currentHit.reset();
    }
    m_path = path;
    update();
}

void TokenStrip::setFindHits(const std::vector<TokenRange>& hits)
{
    m_hits = hits;
    m_currentHit.reset();
    update();
}

void TokenStrip::setCurrentHit(const TokenRange& hit)
{
    m_currentHit = hit;
    update();
}

double TokenStrip::length() const
{
    return m_axis == Axis::Key ? width() : height();
}

double TokenStrip::origin() const
{
    return m_axis == Axis::Key ? m_look->viewport().key : m_look->viewport().query;
}

double TokenStrip::tokensPerPixel() const
{
    return m_axis == Axis::Key ? m_look->viewport().tokensPerPixel : m_look->viewport().queryTokensPerPixel();
}

StripRequest TokenStrip::request() const
{
    StripRequest request;
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    if (!trace)
        return request;
    const bool key = m_axis == Axis::Key;
    request.origin = origin();
    request.tokensPerPixel = tokensPerPixel();
    request.length = length();
    request.seqLen = trace->seqLen();
    request.keyAxis = key;
    request.wordsFrom = key ? 16 : 14;
    request.locked = key ? m_subject->locked().key : m_subject->locked().query;
    request.sentences = m_sentences;
    request.wordOf = [trace](std::uint32_t token) {
        return isolated(tokenLabel(trace->tokenText(token), 14));
    };
    request.sentenceOf = [trace](std::uint32_t token, std::uint32_t end) {
        const auto offsets = trace->tokenOffsets();
        const std::uint32_t last = std::min(end, token + 24);
        return isolated(
            proseOf(trace->text().substr(offsets[token], offsets[last] - offsets[token])).trimmed());
    };
    const QFontMetricsF metrics(wordsFont(kTextSize));
    request.widthOf = [metrics](const QString& text) { return tabularWidth(metrics, text) + 1; };
    return request;
}

StripLayout TokenStrip::layoutNow() const
{
    return layOutStrip(request());
}

void TokenStrip::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const StripLayout layout = layoutNow();
    for (const StripItem& item : layout.items)
        paintItem(painter, item);
    if (m_axis == Axis::Key)
        paintLockedKey(painter, layout.detail);
    paintHits(painter);
}

void TokenStrip::paintItem(QPainter& painter, const StripItem& item) const
{
    const Theme& theme = themeOf(palette());
    switch (item.kind) {
    case StripItem::Kind::Word:
        paintWord(painter, item);
        return;
    case StripItem::Kind::Bracket:
    case StripItem::Kind::Sentence: {
        const double gap = item.to - item.from > 6 ? 1.5 : 0.75;
        painter.setPen(QPen(theme.faint, 1.5));
        if (m_axis == Axis::Key)
            painter.drawLine(QPointF(item.from + gap, height() - kBracketPlace),
                             QPointF(item.to - gap, height() - kBracketPlace));
        else
            painter.drawLine(QPointF(width() - kBracketPlace, item.from + gap),
                             QPointF(width() - kBracketPlace, item.to - gap));
        if (item.kind == StripItem::Kind::Sentence)
            paintSentence(painter, item);
        return;
    }
    case StripItem::Kind::Tick:
    case StripItem::Kind::Locked:
        paintNumber(painter, item);
        return;
    }
}

void TokenStrip::paintNumber(QPainter& painter, const StripItem& item) const
{
    const Theme& theme = themeOf(palette());
    const bool locked = item.kind == StripItem::Kind::Locked;
    painter.setFont(wordsFont(kTextSize, locked ? QFont::Medium : QFont::Normal));
    painter.setPen(locked ? (m_axis == Axis::Key ? theme.key : theme.query) : theme.dim);
    if (m_axis == Axis::Key) {
        const QRectF room(item.textFrom, height() - kNumberPlace - kRow, item.textTo - item.textFrom, kRow);
        // A number half outside is no use; the map's first is moved in.
        const double shift = std::max(0.0, -room.left()) - std::max(0.0, room.right() - width());
        if (std::abs(shift) <= room.width())
            drawTabular(painter, room.translated(shift, 0), Qt::AlignHCenter | Qt::AlignVCenter, item.text);
        return;
    }
    const QRectF room(0, item.textFrom, width() - kNumberPlace, item.textTo - item.textFrom);
    drawTabular(painter, room, Qt::AlignRight | Qt::AlignVCenter, item.text);
}

void TokenStrip::paintSentence(QPainter& painter, const StripItem& item) const
{
    const Theme& theme = themeOf(palette());
    painter.setFont(wordsFont(kTextSize));
    painter.setPen(theme.dim);
    const QFontMetricsF metrics(painter.font());
    if (m_axis == Axis::Key) {
        const QRectF room(item.textFrom, height() - kNumberPlace - 2 * kRow, item.textTo - item.textFrom,
                          kRow);
        painter.drawText(room, Qt::AlignLeft | Qt::AlignVCenter,
                         metrics.elidedText(item.text, Qt::ElideRight, room.width() + 1));
        return;
    }
    // Left of the numbers.
    const double last = origin() + length() * tokensPerPixel();
    const std::uint32_t seqLen = m_subject->trace() ? m_subject->trace()->seqLen() : 0;
    const double numbers =
        tabularWidth(metrics, thousandsOf(static_cast<qulonglong>(std::clamp(last, 0.0, 1.0 * seqLen))));
    const QRectF room(4, item.textFrom, width() - kNumberPlace - 4 - numbers - kNumberGap,
                      item.textTo - item.textFrom);
    painter.drawText(room, Qt::AlignRight | Qt::AlignVCenter,
                     metrics.elidedText(item.text, Qt::ElideRight, room.width()));
}

void TokenStrip::paintWord(QPainter& painter, const StripItem& item) const
{
    if (item.text.isEmpty())
        return;
    const Theme& theme = themeOf(palette());
    const bool key = m_axis == Axis::Key;
    const auto& locked = key ? m_subject->locked().key : m_subject->locked().query;
    const auto& hovered = key ? m_subject->hovered().key : m_subject->hovered().query;
    const bool marked = locked == item.token || hovered == item.token;
    painter.setFont(tokensFont(kTextSize));
    painter.setPen(marked ? (key ? theme.key : theme.query) : theme.dim);
    const QFontMetricsF metrics(painter.font());
    const double centre = (item.textFrom + item.textTo) / 2;
    if (key) {
        constexpr double kAngle = 60;
        const double sine = std::sin(kAngle * M_PI / 180);
        const double left = centre + 3;
        // To the strip's top, and to its end: turned words lean to the right.
        const double room =
            std::min((height() - 14) / sine,
                     (width() - 1 - left - metrics.descent() * sine) / std::cos(kAngle * M_PI / 180));
        painter.save();
        painter.translate(left, height() - 7);
        painter.rotate(-kAngle);
        painter.drawText(QPointF(0, 0), metrics.elidedText(item.text, Qt::ElideRight, room));
        painter.restore();
        return;
    }
    const QRectF room(2, centre - 9, width() - 12, 18);
    painter.drawText(room, Qt::AlignRight | Qt::AlignVCenter,
                     metrics.elidedText(item.text, Qt::ElideRight, room.width()));
}

void TokenStrip::paintLockedKey(QPainter& painter, StripDetail detail) const
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    const std::optional<std::uint32_t> key = m_subject->locked().key;
    if (!trace || !key || *key >= trace->seqLen() || detail == StripDetail::Words)
        return;
    const double x = (*key + 0.5 - origin()) / tokensPerPixel();
    if (x < 0 || x > width())
        return;
    const Theme& theme = themeOf(palette());
    painter.setFont(wordsFont(kTextSize, QFont::Medium));
    painter.setPen(theme.key);
    // Above the numbers, and above the sentences where there are some.
    const double top = height() - kNumberPlace - (detail == StripDetail::Ticks ? 2 : 3) * kRow - 4;
    const QString text =
        tr("%1 “%2”").arg(thousandsOf(*key), isolated(tokenLabel(trace->tokenText(*key), 18)));
    const double textWidth = QFontMetricsF(painter.font()).horizontalAdvance(text);
    // Beside its mark: to the right, or to the left where the strip ends.
    const double left = x + 8 + textWidth <= width() ? x + 8 : std::max(0.0, x - 8 - textWidth);
    painter.drawText(QRectF(left, top, textWidth + 2, kRow), Qt::AlignLeft | Qt::AlignVCenter, text);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.key);
    const double middle = top + kRow / 2;
    painter.drawPolygon(QPolygonF({{x - 4, middle - 3}, {x + 4, middle - 3}, {x, middle + 4}}));
}

void TokenStrip::paintHits(QPainter& painter) const
{
    painter.setPen(Qt::NoPen);
    painter.setBrush(themeOf(palette()).selected);
    const double begin = std::max(0.0, std::floor(origin()));
    const auto first =
        std::lower_bound(m_hits.begin(), m_hits.end(), begin, [](const TokenRange& hit, double token) {
            return static_cast<double>(hit.end) <= token;
        });
    double painted = -10;
    for (auto hit = first; hit != m_hits.end(); ++hit) {
        const double at = ((hit->begin + hit->end) / 2.0 - origin()) / tokensPerPixel();
        if ((hit->begin - origin()) / tokensPerPixel() > length())
            break;
        if (at - painted < 1)
            continue;
        painted = at;
        paintHit(painter, *hit, false);
    }
    if (m_currentHit)
        paintHit(painter, *m_currentHit, true);
}

/// A triangle that points at the map from the middle of the hit, on a bar as long as its tokens.
void TokenStrip::paintHit(QPainter& painter, const TokenRange& hit, bool isCurrent) const
{
    const double from = (hit.begin - origin()) / tokensPerPixel();
    const double to = (hit.end - origin()) / tokensPerPixel();
    if (to < 0 || from > length())
        return;
    const double at = (from + to) / 2;
    const double half = isCurrent ? 5.5 : 3.5;
    const double tall = isCurrent ? 10.0 : 6.0;
    const double thick = isCurrent ? 3 : 2;
    if (m_axis == Axis::Key) {
        const double edge = height();
        painter.drawPolygon(QPolygonF({{at - half, edge - tall}, {at + half, edge - tall}, {at, edge}}));
        painter.drawRect(QRectF(from, edge - thick, to - from, thick));
    } else {
        const double edge = width();
        painter.drawPolygon(QPolygonF({{edge - tall, at - half}, {edge - tall, at + half}, {edge, at}}));
        painter.drawRect(QRectF(edge - thick, from, thick, to - from));
    }
}

void TokenStrip::mousePressEvent(QMouseEvent* event)
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    if (!trace || event->button() != Qt::LeftButton)
        return;
    const bool key = m_axis == Axis::Key;
    const double at = key ? event->position().x() : event->position().y();
    const double place = origin() + at * tokensPerPixel();
    if (place < 0 || place >= trace->seqLen())
        return;
    const auto token = static_cast<std::uint32_t>(place);
    m_subject->setLocked(key ? withKey(m_subject->locked(), token) : withQuery(m_subject->locked(), token));
}

} // namespace headwater
