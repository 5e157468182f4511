// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/message_bar.h"

#include "ui/main/message_text.h"
#include "ui/theme/quoted_text.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStringList>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

namespace headwater {

namespace {

constexpr int kWordsRoom = 4; ///< pixels: words that just fit wrap
constexpr const char* kWordsName = "message_text";

QString topicOf(MessageBar::Kind kind, const QString& text, const QString& topic)
{
    if (!topic.isEmpty())
        return topic;
    return kind == MessageBar::Kind::Notice ? QStringLiteral("notice") : text;
}

} // namespace

MessageBar::MessageBar(QWidget* parent)
    : QFrame(parent)
    , m_cards(new QVBoxLayout(this))
{
    setObjectName(QStringLiteral("message_bar"));
    setAccessibleName(tr("Message"));
    // The cards stand a little off the window's edge, and their margin goes away with them.
    m_cards->setContentsMargins(8, 8, 8, 0);
    m_cards->setSpacing(4);
    hide();
}

QWidget* MessageBar::makeCard(Kind kind, const QString& text, std::vector<MessageAction> actions,
                              const QString& topic)
{
    auto* const card = new QFrame(this);
    card->setObjectName(QStringLiteral("message_card"));
    card->setProperty("card", true);
    auto* const sign = new QLabel(card);
    sign->setObjectName(QStringLiteral("message_sign"));
    sign->setText(kind == Kind::Notice ? QStringLiteral("●") : QStringLiteral("▲"));
    sign->setProperty("role", kind == Kind::Notice ? QStringLiteral("good") : QStringLiteral("caution"));
    auto* const words = new MessageText(text, card);
    words->setObjectName(QLatin1String(kWordsName));
    words->setAccessibleName(text);
    auto* const row = new QHBoxLayout(card);
    row->setContentsMargins(12, 8, 8, 8);
    row->setSpacing(10);
    // What can be done stands at the first line, however many there are.
    row->addWidget(sign, 0, Qt::AlignTop);
    row->addWidget(words, 1, Qt::AlignVCenter);
    for (MessageAction& action : actions) {
        auto* const button = new QPushButton(action.text, card);
        button->setFocusPolicy(Qt::TabFocus); // a click leaves the keyboard where it is
        button->setObjectName(action.id);
        button->setAccessibleName(action.text);
        connect(button, &QPushButton::clicked, this, [this, topic, run = std::move(action.run)] {
            const auto chosen = run; // the line and its buttons go first
            clear(topic);
            chosen();
        });
        row->addWidget(button, 0, Qt::AlignTop);
    }
    auto* const close = new QToolButton(card);
    close->setFocusPolicy(Qt::TabFocus);
    close->setProperty("square", true);
    close->setObjectName(QStringLiteral("message_close"));
    close->setAccessibleName(tr("Close the message"));
    close->setText(QStringLiteral("✕"));
    close->setToolTip(tr("Close"));
    connect(close, &QToolButton::clicked, this, [this, topic] { clear(topic); });
    row->addWidget(close, 0, Qt::AlignTop);
    sign->setFixedHeight(close->sizeHint().height());
    return card;
}

MessageBar::Kind MessageBar::kind() const
{
    return m_lines.empty() ? Kind::Notice : m_lines.front().kind;
}

QString MessageBar::text() const
{
    QStringList texts;
    for (const Line& line : m_lines)
        texts.append(withoutIsolates(line.text));
    return texts.join(QLatin1Char('\n'));
}

void MessageBar::say(Kind kind, const QString& text, std::vector<MessageAction> actions, const QString& topic)
{
    const QString about = topicOf(kind, text, topic);
    clear(about);
    QWidget* const card = makeCard(kind, text, std::move(actions), about);
    m_cards->insertWidget(0, card);
    m_lines.insert(m_lines.begin(), Line{kind, about, text, card});
    if (m_lines.size() > kMostLines)
        clear(QString(m_lines.back().topic));
    setAccessibleDescription(withoutIsolates(text));
    card->show(); // a layout shows what it is given later, in a bar that is visible already
    show();
    emit linesChanged();
}

QSize MessageBar::sizeWithin(int width) const
{
    const QMargins margins = m_cards->contentsMargins();
    int wanted = 0;
    for (const Line& line : m_lines) {
        const auto* const words = line.card->findChild<MessageText*>(QLatin1String(kWordsName));
        // Wrapped words ask for less than their line: the line itself counts.
        const int rest = line.card->sizeHint().width() - words->sizeHint().width();
        wanted = std::max(wanted, rest + words->fontMetrics().horizontalAdvance(line.text) + kWordsRoom);
    }
    const int given = std::min(width, wanted + margins.left() + margins.right());
    m_cards->activate();
    const int height = m_cards->hasHeightForWidth() ? m_cards->totalHeightForWidth(given)
                                                    : m_cards->totalSizeHint().height();
    return {given, height};
}

template <class Which> void MessageBar::remove(Which which)
{
    for (auto line = m_lines.begin(); line != m_lines.end();) {
        if (!which(*line)) {
            ++line;
            continue;
        }
        line->card->hide();
        line->card->setObjectName(QString()); // nobody finds what is going away
        for (QPushButton* const button : line->card->findChildren<QPushButton*>())
            button->setObjectName(QString());
        line->card->deleteLater(); // it may hold the button whose click is being handled
        line = m_lines.erase(line);
    }
    setVisible(!m_lines.empty());
    emit linesChanged();
}

void MessageBar::clear(const QString& topic)
{
    remove([&topic](const Line& line) { return line.topic == topic; });
}

void MessageBar::clear()
{
    remove([](const Line&) { return true; });
}

} // namespace headwater
