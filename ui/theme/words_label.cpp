// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/words_label.h"

#include "ui/theme/quoted_text.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMenu>

namespace headwater {

WordsLabel::WordsLabel(const QString& sentence, QWidget* parent)
    : QLabel(leftToRight(sentence), parent)
{
    setTextFormat(Qt::PlainText); // paths and file contents are not markup
    setWordWrap(true);
    setTextInteractionFlags(Qt::TextSelectableByMouse);
}

void WordsLabel::copySelected() const
{
    if (hasSelectedText())
        QApplication::clipboard()->setText(withoutIsolates(selectedText()));
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
        QApplication::clipboard()->setText(withoutIsolates(selectedText()), QClipboard::Selection);
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
