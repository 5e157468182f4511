// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/message_text.h"

#include "ui/theme/quoted_text.h"

#include <QMimeData>
#include <QTextDocument>
#include <QTextDocumentFragment>
#include <QTextOption>
#include <algorithm>
#include <cmath>
#include <memory>

namespace headwater {

namespace {

constexpr int kLeastWidth = 120;
constexpr int kMeasured = 400; ///< letters: a line of more is wider than any window

} // namespace

MessageText::MessageText(const QString& text, QWidget* parent)
    : QTextEdit(parent)
{
    setProperty("words", true);
    setReadOnly(true);
    setTextInteractionFlags(Qt::TextSelectableByMouse);
    setFocusPolicy(Qt::ClickFocus);
    setFrameShape(QFrame::NoFrame);
    setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    document()->setDocumentMargin(0);
    // A sentence of ours keeps its order whatever it quotes; Qt would take the direction of its first letter.
    QTextOption option = document()->defaultTextOption();
    option.setTextDirection(Qt::LeftToRight);
    document()->setDefaultTextOption(option);
    setPlainText(leftToRight(text)); // paths and file contents are not markup
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

QString MessageText::text() const
{
    return withoutIsolates(toPlainText());
}

QMimeData* MessageText::createMimeDataFromSelection() const
{
    auto* const copied = new QMimeData;
    copied->setText(withoutIsolates(textCursor().selection().toPlainText()));
    return copied;
}

/// Of all its lines.
int MessageText::wholeHeight(int width) const
{
    const std::unique_ptr<QTextDocument> measured(document()->clone());
    measured->setDefaultFont(font());
    measured->setTextWidth(std::max(1, width));
    return static_cast<int>(std::ceil(measured->size().height()));
}

int MessageText::mostHeight() const
{
    return kMostLines * fontMetrics().lineSpacing() + 1;
}

int MessageText::heightForWidth(int width) const
{
    return std::min(mostHeight(), wholeHeight(width));
}

void MessageText::resizeEvent(QResizeEvent* event)
{
    // Left to itself a bar comes while the place is still small, and stays, as words beside it need a line
    // more.
    setVerticalScrollBarPolicy(wholeHeight(width()) > mostHeight() ? Qt::ScrollBarAsNeeded
                                                                   : Qt::ScrollBarAlwaysOff);
    QTextEdit::resizeEvent(event);
}

QSize MessageText::sizeHint() const
{
    const int width = fontMetrics().horizontalAdvance(text().left(kMeasured));
    return {width, heightForWidth(width)};
}

QSize MessageText::minimumSizeHint() const
{
    return {std::min(kLeastWidth, sizeHint().width()), fontMetrics().lineSpacing()};
}

} // namespace headwater
