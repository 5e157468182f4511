// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/words_label.h"

#include "ui/theme/quoted_text.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMenu>

namespace headwater {

namespace {

constexpr QChar kLeftToRightMark(0x200E);

/// Qt's text documents take a paragraph's direction from its first letter, inside of an isolate too.
QString shownOf(const QString& sentence)
{
    const QString shown = leftToRight(sentence);
    return shown == withoutIsolates(shown) ? shown : kLeftToRightMark + shown;
}

} // namespace

WordsLabel::WordsLabel(const QString& sentence, QWidget* parent)
    : QLabel(shownOf(sentence), parent)
{
    setTextFormat(Qt::PlainText); // paths and file contents are not markup
    setWordWrap(true);
    setTextInteractionFlags(Qt::TextSelectableByMouse);
}

QString WordsLabel::cleanSelection() const
{
    const QString selected = selectedText();
    const bool isMarked = selectionStart() == 0 && selected.startsWith(kLeftToRightMark);
    return withoutIsolates(isMarked ? selected.mid(1) : selected);
}

void WordsLabel::copySelected() const
{
    if (hasSelectedText())
        QApplication::clipboard()->setText(cleanSelection());
}

bool WordsLabel::event(QEvent* event)
{
    if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->matches(QKeySequence::Copy)) {
        copySelected();
        return true;
    }
    const bool isTaken = QLabel::event(event);
    // What is selected is offered to the middle button at once.
    if (event->type() == QEvent::MouseButtonRelease && hasSelectedText()
        && QApplication::clipboard()->supportsSelection())
        QApplication::clipboard()->setText(cleanSelection(), QClipboard::Selection);
    return isTaken;
}

void WordsLabel::contextMenuEvent(QContextMenuEvent* event)
{
    auto* const menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    QAction* const copy = menu->addAction(tr("Copy"), this, &WordsLabel::copySelected);
    copy->setEnabled(hasSelectedText());
    menu->addAction(tr("Select all"), this, [this] { setSelection(0, static_cast<int>(text().size())); });
    menu->popup(event->globalPos());
}

} // namespace headwater
