// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/locked_row_card.h"

#include "ui/heads/head_reads.h"
#include "ui/theme/fonts.h"
#include "ui/theme/quoted_text.h"
#include "ui/theme/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace headwater {

namespace {

constexpr std::uint32_t kContext = 8; ///< tokens before the row's own

QString wordOf(const Trace& trace, std::uint32_t token)
{
    const QString word = proseOf(trace.tokenText(token)).trimmed();
    return word.isEmpty() ? tokenLabel(trace.tokenText(token)) : word;
}

QString coloured(const QString& text, const QColor& colour)
{
    return QStringLiteral("<span style=\"color:%1\">%2</span>").arg(colour.name(), text.toHtmlEscaped());
}

} // namespace

LockedRowCard::LockedRowCard(ViewState* state, QWidget* parent)
    : QFrame(parent)
    , m_state(state)
    , m_head(new QLabel(this))
    , m_row(new QLabel(this))
    , m_words(new QLabel(this))
{
    setObjectName(QStringLiteral("lockedRowCard"));
    setAccessibleName(tr("Locked row"));
    setProperty("card", true);
    m_head->setObjectName(QStringLiteral("lockedRowHead"));
    m_head->setAccessibleName(tr("Shown head"));
    m_head->setFont(wordsFont(13, QFont::DemiBold));
    m_row->setObjectName(QStringLiteral("lockedRowNumber"));
    m_row->setAccessibleName(tr("Locked row's number"));
    m_row->setProperty("pill", true);
    m_words->setObjectName(QStringLiteral("lockedRowWords"));
    m_words->setAccessibleName(tr("What the locked row predicts"));
    m_words->setTextFormat(Qt::RichText);
    m_words->setWordWrap(true);
    m_words->setProperty("role", QStringLiteral("dim"));
    auto* const column = new QVBoxLayout(this);
    column->setContentsMargins(14, 10, 12, 10);
    column->setSpacing(4);
    auto* const row = new QHBoxLayout;
    row->addWidget(m_head, 1);
    row->addWidget(m_row);
    column->addLayout(row);
    column->addWidget(m_words);
    connect(state, &ViewState::traceChanged, this, &LockedRowCard::fill);
    connect(state, &ViewState::shownHeadChanged, this, &LockedRowCard::fill);
    connect(state, &ViewState::lockedChanged, this, &LockedRowCard::fill);
    fill();
}

QString LockedRowCard::headText() const
{
    return m_head->text();
}

QString LockedRowCard::rowText() const
{
    return m_row->text();
}

void LockedRowCard::fill()
{
    const std::shared_ptr<const Trace> trace = m_state->trace();
    const std::optional<std::uint32_t> row = m_state->locked().query;
    const Theme& theme = themeOf(palette());
    m_head->setText(trace ? headLabel(m_state->shownHead()) : QString());
    if (!trace || !row || *row >= trace->seqLen()) {
        m_row->hide();
        m_sentence = tr("Click a cell of the map or a word of the text to lock a row.");
        m_words->setText(m_sentence);
        return;
    }
    m_row->setText(tr("row %1").arg(thousandsOf(*row)));
    m_row->show();
    const std::uint32_t begin = *row > kContext ? *row - kContext : 0;
    const auto offsets = trace->tokenOffsets();
    // The text's own bytes: whether a blank stands before the row's token is the text's to say.
    QString before = proseOf(trace->text().substr(offsets[begin], offsets[*row] - offsets[begin]));
    QString word = proseOf(trace->tokenText(*row));
    if (word.trimmed().isEmpty())
        word = QLatin1Char(' ') + tokenLabel(trace->tokenText(*row));
    const bool isApart = before.endsWith(QLatin1Char(' ')) || word.startsWith(QLatin1Char(' '));
    before = before.trimmed();
    word = word.trimmed();
    if (begin > 0)
        before.prepend(QChar(0x2026));
    if (isApart && !before.isEmpty())
        before.append(QLatin1Char(' '));
    const bool isLast = *row + 1 >= trace->seqLen();
    const QString next = isLast ? QString() : QStringLiteral("“%1”").arg(isolated(wordOf(*trace, *row + 1)));
    const QString predicts = isLast ? tr("predicts what comes after ") : tr("predicts ");
    const QString after = isLast ? QString() : tr(" after ");
    m_sentence = withoutIsolates(predicts + next + after + before + word);
    // The words before the row's and its own are one quotation.
    const QString quotation = isolated(before + word);
    const QString opening = quotation.left(quotation.indexOf(before + word));
    const QString closing = quotation.mid(opening.size() + before.size() + word.size());
    m_words->setText(predicts.toHtmlEscaped() + coloured(next, theme.query) + after.toHtmlEscaped() + opening
                     + before.toHtmlEscaped() + coloured(word, theme.query) + closing);
    m_words->setAccessibleDescription(m_sentence);
}

void LockedRowCard::changeEvent(QEvent* event)
{
    QFrame::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        fill();
}

} // namespace headwater
