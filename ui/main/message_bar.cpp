// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/message_bar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>

namespace headwater {

MessageBar::MessageBar(QWidget* parent)
    : QFrame(parent)
{
    setObjectName(QStringLiteral("message_bar"));
    setAccessibleName(tr("Message"));
    // The card stands a little off the window's edge, and its margin goes away with it.
    auto* const outer = new QVBoxLayout(this);
    outer->setContentsMargins(8, 8, 8, 0);
    auto* const card = new QFrame(this);
    card->setProperty("card", true);
    outer->addWidget(card);
    m_sign = new QLabel(card);
    m_sign->setObjectName(QStringLiteral("message_sign"));
    m_text = new QLabel(card);
    m_text->setObjectName(QStringLiteral("message_text"));
    m_text->setTextFormat(Qt::PlainText); // paths and file contents are not markup
    m_text->setWordWrap(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_buttons = new QHBoxLayout;
    m_buttons->setSpacing(8);
    auto* const close = new QToolButton(card);
    close->setProperty("square", true);
    close->setObjectName(QStringLiteral("message_close"));
    close->setAccessibleName(tr("Close the message"));
    close->setText(QStringLiteral("✕"));
    close->setToolTip(tr("Close"));
    connect(close, &QToolButton::clicked, this, &MessageBar::clear);
    auto* const layout = new QHBoxLayout(card);
    layout->setContentsMargins(12, 8, 8, 8);
    layout->setSpacing(10);
    layout->addWidget(m_sign);
    layout->addWidget(m_text, 1);
    layout->addLayout(m_buttons);
    layout->addWidget(close);
    hide();
}

QString MessageBar::text() const
{
    return isHidden() ? QString() : m_text->text();
}

void MessageBar::say(Kind kind, const QString& text, std::vector<MessageAction> actions)
{
    m_kind = kind;
    m_sign->setText(kind == Kind::Notice ? QStringLiteral("●") : QStringLiteral("▲"));
    m_sign->setProperty("role", kind == Kind::Notice ? QStringLiteral("good") : QStringLiteral("caution"));
    m_sign->style()->unpolish(m_sign);
    m_sign->style()->polish(m_sign);
    m_text->setText(text);
    setAccessibleDescription(text);
    while (QLayoutItem* const item = m_buttons->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater(); // it may be the button whose click is being handled
        delete item;
    }
    for (MessageAction& action : actions) {
        auto* const button = new QPushButton(action.text, m_text->parentWidget());
        button->setObjectName(action.id);
        button->setAccessibleName(action.text);
        connect(button, &QPushButton::clicked, this, [this, run = std::move(action.run)] {
            clear();
            run();
        });
        m_buttons->addWidget(button);
        button->show(); // a layout shows what it is given later, in a bar that is visible already
    }
    show();
}

void MessageBar::clear()
{
    hide();
    m_text->clear();
}

} // namespace headwater
