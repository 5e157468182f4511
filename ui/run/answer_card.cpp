// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/answer_card.h"

#include "ui/run/answer_session.h"
#include "ui/theme/fonts.h"
#include "ui/theme/wrapped_label.h"

#include <QFontMetrics>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QStyle>
#include <QTextCursor>
#include <QVBoxLayout>

namespace headwater {

namespace {

constexpr int kLines = 6; ///< more scroll

} // namespace

AnswerCard::AnswerCard(AnswerSession& session, QWidget* parent)
    : QFrame(parent)
    , m_session(session)
{
    setObjectName(QStringLiteral("run_answer"));
    setAccessibleName(tr("The answer, which is not recorded"));
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    auto* const title = new QLabel(tr("ANSWER, NOT RECORDED"), this);
    title->setProperty("role", QStringLiteral("title"));
    layout->addWidget(title);
    m_text = new QPlainTextEdit(this);
    m_text->setObjectName(QStringLiteral("run_answer_text"));
    m_text->setAccessibleName(tr("The answer"));
    m_text->setReadOnly(true);
    m_text->setTabChangesFocus(true);
    m_text->setFont(tokensFont(12));
    m_text->setFixedHeight(kLines * QFontMetrics(m_text->font()).lineSpacing() + 12);
    layout->addWidget(m_text);
    m_state = new WrappedLabel(this);
    m_state->setObjectName(QStringLiteral("run_answer_state"));
    layout->addWidget(m_state);
    connect(&session, &AnswerSession::changed, this, &AnswerCard::update);
    update();
}

void AnswerCard::update()
{
    setVisible(!m_session.state().isEmpty());
    // Only what is new is added: what is selected stays so, and a long answer costs no more at its end.
    const QString shown = m_text->toPlainText();
    const QString& text = m_session.text();
    if (!text.startsWith(shown) || shown.isEmpty())
        m_text->setPlainText(text);
    else if (text.size() > shown.size()) {
        QScrollBar* const bar = m_text->verticalScrollBar();
        const bool follows = bar->value() == bar->maximum(); // who has scrolled up reads there
        QTextCursor end(m_text->document());
        end.movePosition(QTextCursor::End);
        end.insertText(text.mid(shown.size()));
        if (follows)
            bar->setValue(bar->maximum());
    }
    m_state->setText(m_session.state());
    m_state->setToolTip(m_session.state());
    m_state->setProperty("role", m_session.hasFailed() ? QStringLiteral("caution") : QStringLiteral("dim"));
    m_state->style()->unpolish(m_state);
    m_state->style()->polish(m_state);
}

} // namespace headwater
