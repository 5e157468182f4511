// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/locked_row_card.h"

#include "ui/inspector/next_word.h"
#include "ui/inspector/row_offer.h"
#include "ui/map/quantity_text.h"
#include "ui/theme/fonts.h"
#include "ui/theme/quoted_text.h"
#include "ui/theme/theme.h"
#include "ui/theme/wrapped_label.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace headwater {

namespace {

constexpr std::uint32_t kContext = 8; ///< tokens before the row's own
constexpr int kLines = 2; ///< of the sentence, whatever its tokens are like: the lists below it stay
constexpr int kMostLetters = 24; ///< of a token in it

/// Of a token that is as long as a line: what tells it apart.
QString shortWord(const QString& word)
{
    return shortened(word, kMostLetters);
}

QTextLayout::FormatRange coloured(const QString& sentence, const QString& part, const QColor& colour)
{
    QTextLayout::FormatRange range;
    range.start = static_cast<int>(sentence.size());
    range.length = static_cast<int>(part.size());
    range.format.setForeground(colour);
    return range;
}

} // namespace

LockedRowCard::LockedRowCard(Subject* subject, ViewReader* reader, QWidget* parent)
    : QFrame(parent)
    , m_subject(subject)
    , m_head(new QLabel(this))
    , m_row(new QLabel(this))
    , m_words(new WrappedLabel(this))
    , m_offer(new RowOffer(subject, reader, this))
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
    m_words->setAccessibleName(tr("What follows the locked row"));
    m_words->setLines(kLines, kLines);
    m_words->setProperty("role", QStringLiteral("dim"));
    auto* const column = new QVBoxLayout(this);
    column->setContentsMargins(14, 10, 12, 10);
    column->setSpacing(4);
    auto* const row = new QHBoxLayout;
    row->addWidget(m_head, 1);
    row->addWidget(m_offer);
    row->addWidget(m_row);
    column->addLayout(row);
    column->addWidget(m_words);
    column->addWidget(m_offer->words());
    connect(subject, &Subject::traceChanged, this, &LockedRowCard::fill);
    connect(subject, &Subject::shownHeadChanged, this, &LockedRowCard::fill);
    connect(subject, &Subject::lockedChanged, this, &LockedRowCard::fill);
    connect(subject, &Subject::predictionsChanged, this, &LockedRowCard::fill);
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
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    const std::optional<std::uint32_t> row = m_subject->locked().query;
    const Theme& theme = themeOf(palette());
    m_head->setText(trace ? headLabel(m_subject->shownHead()) : QString());
    if (!trace || !row || *row >= trace->seqLen()) {
        m_row->hide();
        m_sentence = tr("Click a cell of the map or a word of the text to lock a row.");
        m_words->setText(m_sentence);
        m_words->setParts({});
        m_words->setGivingWay(0, 0);
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
    const QString next = isLast ? QString() : wordOf(trace->tokenText(*row + 1));
    const QString follows = isLast ? tr("” is the last") : tr("” is followed by ");
    const std::shared_ptr<const Predictions> predictions = m_subject->predictions();
    const QString choice = predictions ? choiceText(*trace, *predictions, *row) : QString();
    m_sentence = QStringLiteral("“") + before + word + follows
        + (isLast ? QString() : QStringLiteral("“%1”").arg(next)) + choice;
    // Of what is shown the text before the row's own token is the first to go. With that token it is one
    // quotation.
    const QString quotation = isolated(before + shortWord(word));
    const qsizetype opening = quotation.startsWith(QChar(0x2068)) ? 1 : 0;
    QString shown = QStringLiteral("“") + quotation.left(opening);
    QList<QTextLayout::FormatRange> parts;
    m_words->setGivingWay(static_cast<int>(shown.size()), static_cast<int>(before.size()));
    shown += before;
    parts.append(coloured(shown, shortWord(word), theme.query));
    shown += quotation.mid(opening + before.size()) + follows;
    const QString shownNext = isLast ? QString() : QStringLiteral("“%1”").arg(isolated(shortWord(next)));
    parts.append(coloured(shown, shownNext, theme.query));
    m_words->setText(shown + shownNext + choice);
    m_words->setParts(parts);
    const QString missing = trace->hasPredictions() || !choice.isEmpty()
        ? QString()
        : tr("\nWhat the row gave to it is not in this trace: a run with --predictions on keeps it, an open "
             "session computes it.");
    m_words->setToolTip(leftToRight(m_sentence) + missing);
    m_words->setAccessibleDescription(m_sentence);
}

void LockedRowCard::changeEvent(QEvent* event)
{
    QFrame::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        fill();
}

} // namespace headwater
