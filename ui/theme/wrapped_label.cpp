// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/wrapped_label.h"

#include <QStyleOption>
#include <QStylePainter>
#include <algorithm>

namespace headwater {

namespace {

constexpr int kUsualLetters = 60; ///< of a line where nobody says how wide it is
constexpr int kLeastLetters = 6;

/// As a text layout has it: a line feed in it is a character of its own, not a new line.
QString laidOutText(QString text)
{
    return text.replace(QLatin1Char('\n'), QChar(QChar::LineSeparator));
}

/// A text without so many characters of its middle: what it begins with says what it is about, and its end
/// why.
QString withoutMiddle(const QString& text, int characters)
{
    qsizetype begin = (text.size() - characters) / 2;
    qsizetype end = begin + characters;
    if (begin > 0 && text.at(begin - 1).isHighSurrogate())
        --begin;
    if (end < text.size() && text.at(end).isLowSurrogate())
        ++end;
    return text.left(begin) + QChar(0x2026) + text.mid(end);
}

} // namespace

WrappedLabel::WrappedLabel(QWidget* parent)
    : QLabel(parent)
{
    setTextFormat(Qt::PlainText);
    setWordWrap(true);
}

void WrappedLabel::setLines(int least, int most)
{
    m_least = least;
    m_most = std::max(least, most);
    updateGeometry();
}

void WrappedLabel::setParts(const QList<QTextLayout::FormatRange>& parts)
{
    m_parts = parts;
    update();
}

void WrappedLabel::setGivingWay(int begin, int length)
{
    m_givingBegin = begin;
    m_givingLength = length;
    update();
}

int WrappedLabel::chrome(Qt::Orientation orientation) const
{
    const QMargins margins = contentsMargins();
    return 2 * margin()
        + (orientation == Qt::Horizontal ? margins.left() + margins.right()
                                         : margins.top() + margins.bottom());
}

/// Lays out as many lines as may be shown, and one more where there is more to say; gives their number.
int WrappedLabel::layOut(QTextLayout& layout, int width) const
{
    QTextOption option(alignment() & Qt::AlignHorizontal_Mask);
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    option.setTextDirection(Qt::LeftToRight); // a sentence of ours, whatever it quotes first
    layout.setTextOption(option);
    layout.setFont(font());
    const int spacing = fontMetrics().lineSpacing();
    int lines = 0;
    layout.beginLayout();
    for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
        line.setLineWidth(std::max(1, width));
        line.setPosition(QPointF(0, lines * spacing));
        if (++lines > m_most)
            break;
    }
    layout.endLayout();
    return lines;
}

bool WrappedLabel::isTooLong(const QString& text, int width) const
{
    QTextLayout layout(text);
    return layOut(layout, width) > m_most;
}

/// The text without so many characters of the part that gives way.
WrappedLabel::Shown WrappedLabel::shortenedBy(int characters) const
{
    Shown shown{laidOutText(text()), m_parts};
    if (characters == 0)
        return shown;
    const int dropped = characters - 1; // an ellipsis takes one place
    shown.text.replace(m_givingBegin, characters, QChar(0x2026));
    for (QTextLayout::FormatRange& part : shown.parts) {
        if (part.start >= m_givingBegin + characters)
            part.start -= dropped;
    }
    return shown;
}

/// What is shown in a width: all of it; or with less of the part that gives way; or without its middle.
WrappedLabel::Shown WrappedLabel::shownIn(int width) const
{
    Shown shown = shortenedBy(0);
    if (!isTooLong(shown.text, width))
        return shown;
    // The least number in (least, most] for which it is short enough, or `most`.
    const auto leastThatFits = [this, width](int most, const auto& textOf) {
        int least = 0;
        while (most - least > 1) {
            const int middle = least + (most - least) / 2;
            (isTooLong(textOf(middle), width) ? least : most) = middle;
        }
        return most;
    };
    shown = shortenedBy(
        leastThatFits(m_givingLength, [this](int characters) { return shortenedBy(characters).text; }));
    if (!isTooLong(shown.text, width))
        return shown;
    const auto cut = [&shown](int characters) { return withoutMiddle(shown.text, characters); };
    return {cut(leastThatFits(static_cast<int>(shown.text.size()), cut)), {}};
}

int WrappedLabel::heightForWidth(int width) const
{
    int lines = m_most;
    if (m_least < m_most) {
        QTextLayout layout(laidOutText(text()));
        lines = std::clamp(layOut(layout, width - chrome(Qt::Horizontal)), m_least, m_most);
    }
    return lines * fontMetrics().lineSpacing() + chrome(Qt::Vertical);
}

QSize WrappedLabel::sizeHint() const
{
    const int letter = fontMetrics().averageCharWidth();
    const int wanted = std::min(fontMetrics().horizontalAdvance(text().left(kUsualLetters * 4)) + letter,
                                kUsualLetters * letter);
    const int width = std::max(wanted, kLeastLetters * letter) + chrome(Qt::Horizontal);
    return {width, heightForWidth(width)};
}

QSize WrappedLabel::minimumSizeHint() const
{
    return {kLeastLetters * fontMetrics().averageCharWidth() + chrome(Qt::Horizontal),
            m_least * fontMetrics().lineSpacing() + chrome(Qt::Vertical)};
}

void WrappedLabel::paintEvent(QPaintEvent*)
{
    QStylePainter painter(this);
    drawFrame(&painter);
    QStyleOption option;
    option.initFrom(this);
    const QRect place = contentsRect().marginsRemoved({margin(), margin(), margin(), margin()});
    const Shown shown = shownIn(place.width());
    QTextLayout layout(shown.text);
    layout.setFormats(shown.parts);
    const int height = std::min(layOut(layout, place.width()), m_most) * fontMetrics().lineSpacing();
    const int spare = std::max(0, place.height() - height);
    const int top = alignment() & Qt::AlignVCenter ? spare / 2 : alignment() & Qt::AlignBottom ? spare : 0;
    painter.setPen(option.palette.color(foregroundRole()));
    layout.draw(&painter, QPointF(place.left(), place.top() + top));
}

} // namespace headwater
