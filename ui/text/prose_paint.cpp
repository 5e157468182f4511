// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/reading/predicted_rows.h"
#include "ui/map/colour_lut.h"
#include "ui/map/view_geometry.h"
#include "ui/text/prose_view.h"
#include "ui/text/word_shade.h"
#include "ui/theme/focus_frame.h"
#include "ui/theme/theme.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

namespace headwater {

namespace {

constexpr double kEmptyWidth = 5; ///< of what shows nothing

bool isGenerated(const Trace& trace, std::uint32_t token)
{
    const std::span<const Segment> segments = trace.segments();
    return std::any_of(segments.begin(), segments.end(), [token](const Segment& segment) {
        return segment.name == "generated" && token >= segment.begin && token < segment.end;
    });
}

} // namespace

std::optional<double> ProseView::shadeOf(std::uint32_t token) const
{
    if (m_losses) {
        const float logprob = m_losses->logprobOf(token);
        return std::isnan(logprob) ? std::nullopt : std::optional(shareOfLoss(-static_cast<double>(logprob)));
    }
    const ColourScale scale = m_look->colours();
    const double mass = m_shade ? m_shade->of(token) : 0;
    if (!(mass > 0) || mass < scale.low)
        return std::nullopt;
    const double unit = unitOfProbability(scale, mass);
    return unit * unit;
}

void ProseView::paintUnder(QPainter& painter, const ProseLine& line, const QPoint& at) const
{
    const Theme& theme = themeOf(palette());
    const std::uint32_t last = tokenOfByte(line.end() > line.begin() ? line.end() - 1 : line.begin());
    for (std::uint32_t token = tokenOfByte(line.begin()); token <= last; ++token) {
        const std::optional<double> share = shadeOf(token);
        const auto selected = selection();
        for (const ProseLine::Span& span : line.spansOf(byteOfToken(token), byteOfToken(token + 1))) {
            const QRectF place(at.x() + span.x, at.y() + 2, span.width, kLineHeight - 4);
            if (isGenerated(*m_trace, token))
                painter.fillRect(QRectF(at.x() + span.x, at.y() + kLineHeight - 3, span.width, 1), theme.dim);
            if (m_losses && token > 0 && !isPredicted(*m_losses, token - 1))
                painter.fillRect(place, unknownShade(theme));
            if (share)
                painter.fillRect(place, wordShade(theme, m_look->colours().map, *share));
            if (selected && token >= selected->begin && token < selected->end)
                painter.fillRect(place, palette().brush(QPalette::Highlight));
        }
        if (m_hits && isInSpans(*m_hits, token))
            paintHit(painter, line, at, token);
    }
}

void ProseView::paintHit(QPainter& painter, const ProseLine& line, const QPoint& at,
                         std::uint32_t token) const
{
    const Theme& theme = themeOf(palette());
    // The blank before a hit's first word is not part of what was found; those inside are.
    const bool goesOn = token > 0 && isInSpans(*m_hits, token - 1);
    const bool isCurrent = m_currentHit && isInSpans({&*m_currentHit, 1}, token);
    QColor wash = theme.selected;
    wash.setAlphaF(isCurrent ? 0.6F : 0.25F);
    for (const ProseLine::Span& word : line.spansOf(byteOfToken(token), byteOfToken(token + 1), !goesOn)) {
        const QRectF mark(at.x() + word.x, at.y() + 2, word.width, kLineHeight - 4);
        painter.fillRect(mark, wash);
        painter.fillRect(QRectF(mark.left(), mark.bottom() - 2, mark.width(), 2), theme.selected);
    }
}

void ProseView::paintBox(QPainter& painter, const ProseLine& line, const QPoint& at, std::uint32_t token,
                         const QColor& colour, bool isLocked) const
{
    const std::uint32_t from = token < m_trace->seqLen() ? byteOfToken(token) : line.end();
    if (token >= m_trace->seqLen() || byteOfToken(token + 1) < line.begin() || from >= line.end())
        return;
    std::vector<ProseLine::Span> spans = line.spansOf(from, byteOfToken(token + 1), true);
    if ((spans.empty() || !(spans.front().width > 0)) && from >= line.begin()) {
        // A newline, blanks, or a token without text: a narrow box at its place.
        spans = line.spansOf(from, std::max(from + 1, byteOfToken(token + 1)));
        spans.resize(std::min<std::size_t>(spans.size(), 1));
        for (ProseLine::Span& span : spans)
            span = {line.isRightToLeft() ? span.x + span.width - kEmptyWidth : span.x, kEmptyWidth};
    }
    QColor wash = colour;
    wash.setAlphaF(isLocked ? 0.16F : 0.08F);
    painter.setPen(QPen(colour, isLocked ? 1.5 : 1, isLocked ? Qt::SolidLine : Qt::DotLine));
    painter.setBrush(wash);
    for (const ProseLine::Span& span : spans) {
        if (span.width > 0)
            painter.drawRoundedRect(
                QRectF(at.x() + span.x - 2.5, at.y() + 1.5, span.width + 5, kLineHeight - 3), 4, 4);
    }
}

void ProseView::paintOver(QPainter& painter, const ProseLine& line, const QPoint& at) const
{
    const Theme& theme = themeOf(palette());
    const TokenPair hovered = m_subject->hovered();
    const TokenPair locked = m_subject->locked();
    painter.setRenderHint(QPainter::Antialiasing);
    const auto box = [&](const std::optional<std::uint32_t>& token, const QColor& colour, bool isLocked) {
        if (token)
            paintBox(painter, line, at, *token, colour, isLocked);
    };
    if (hovered.query != locked.query)
        box(hovered.query, theme.query, false);
    if (hovered.key != locked.key)
        box(hovered.key, theme.key, false);
    if (hasFocus())
        box(m_cursor, theme.selected, false);
    box(locked.key, theme.key, true);
    box(locked.query, theme.query, true);
    painter.setRenderHint(QPainter::Antialiasing, false);
}

void ProseView::paintEvent(QPaintEvent* event)
{
    QPainter painter(viewport());
    const Theme& theme = themeOf(palette());
    painter.fillRect(event->rect(), theme.dock);
    forVisibleLines([&](const ProseLine& line, const QPoint& at) {
        paintUnder(painter, line, at);
        paintOver(painter, line, at);
        painter.setPen(theme.text);
        line.draw(painter, at, kLineHeight);
        return true;
    });
    painter.end();
    paintFocusFrame(*this);
}

} // namespace headwater
