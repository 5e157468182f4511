// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/inspector_section.h"

#include "ui/theme/fonts.h"
#include "ui/theme/wrapped_label.h"

#include <QStyle>
#include <QVBoxLayout>

namespace headwater {

namespace {

constexpr int kNoteLines = 4; ///< all of it is in the tooltip

} // namespace

InspectorSection::InspectorSection(const QString& id, const QString& title, const MassTableLook& look,
                                   QWidget* parent)
    : QWidget(parent)
    , m_title(new FoldTitle(id, title, this))
    , m_note(new WrappedLabel(this))
    , m_frame(new QFrame(this))
    , m_table(new MassTable(look, m_frame))
    , m_job(new BackgroundJob(this))
{
    setObjectName(id + QStringLiteral("Section"));
    setAccessibleName(title);
    m_note->setObjectName(id + QStringLiteral("Note"));
    m_note->setAccessibleName(tr("%1: what the masses are").arg(title));
    m_note->setProperty("role", QStringLiteral("dim"));
    m_note->setFont(wordsFont(11));
    m_note->setLines(1, kNoteLines);
    m_table->setObjectName(id + QStringLiteral("Table"));
    m_table->setAccessibleName(title);
    auto* const column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    column->addWidget(m_title);
    column->addWidget(m_note);
    column->addWidget(m_frame, 1);
    auto* const inside = new QVBoxLayout(m_frame);
    inside->setContentsMargins(0, 0, 0, 0);
    inside->addWidget(m_table);
    connect(m_title, &FoldTitle::foldChanged, this,
            [this] { say(note(), m_note->property("role") == QLatin1String("caution")); });
    say({}, false);
}

QString InspectorSection::note() const
{
    return m_note->text();
}

void InspectorSection::ask(const Question& question, const QString& subject)
{
    show();
    m_subject = subject;
    m_asked = question;
    if (m_shown == question)
        return;
    m_shown.reset();
    m_table->massModel()->setStale();
    say(tr("%1 · reading…").arg(subject), false);
}

void InspectorSection::answer(std::vector<MassRow> rows, const QString& note)
{
    m_shown = m_asked;
    m_table->massModel()->setRows(std::move(rows));
    say(m_subject + QStringLiteral(" · ") + note, false);
}

void InspectorSection::fail(const QString& note, bool isCaution)
{
    m_shown = m_asked;
    m_table->massModel()->setRows({});
    say(m_subject + QStringLiteral(" · ") + note, isCaution);
}

void InspectorSection::setFramed(bool isFramed)
{
    if (isFramed == this->isFramed())
        return;
    m_frame->setProperty("framed", isFramed);
    const int line = isFramed ? 1 : 0;
    m_frame->layout()->setContentsMargins(line, line, line, line);
    m_frame->style()->unpolish(m_frame);
    m_frame->style()->polish(m_frame);
}

void InspectorSection::clear()
{
    m_job->cancel();
    m_asked.reset();
    m_shown.reset();
    m_table->massModel()->setRows({});
    say({}, false);
    hide();
}

void InspectorSection::say(const QString& note, bool isCaution)
{
    m_note->setText(note);
    m_note->setToolTip(note);
    const QString role = isCaution ? QStringLiteral("caution") : QStringLiteral("dim");
    if (m_note->property("role").toString() != role) {
        m_note->setProperty("role", role);
        m_note->style()->unpolish(m_note);
        m_note->style()->polish(m_note);
    }
    m_note->setVisible(!note.isEmpty() && !m_title->isFolded());
    const bool isShown = m_table->massModel()->rowCount() > 0 && !m_title->isFolded();
    m_frame->setVisible(isShown);
    m_table->setVisible(isShown);
}

} // namespace headwater
