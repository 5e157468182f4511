// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/verdict/verdict_card.h"

#include "core/trace/trace_reader.h"
#include "ui/bridge/json_access.h"
#include "ui/theme/percent_text.h"
#include "ui/theme/wrapped_label.h"
#include "ui/verdict/verdict_text.h"

#include <QFocusEvent>
#include <QKeyEvent>
#include <QLabel>
#include <QStyle>
#include <QVBoxLayout>

namespace headwater {

namespace {

constexpr int kWidth = 420;
constexpr int kMostLines = 8; ///< of what a model has said or a run has noted; all of it is in the tooltip

QString notesOf(const Trace& trace)
{
    QStringList notes;
    const nlohmann::json& list = jsonMember(trace.meta(), "notes");
    if (list.is_array()) {
        for (const nlohmann::json& note : list) {
            if (note.is_string())
                notes.append(QString::fromStdString(note.get<std::string>()));
        }
    }
    return notes.join(QLatin1Char('\n'));
}

} // namespace

VerdictCard::VerdictCard(QWidget* window)
    : QFrame(window)
{
    setObjectName(QStringLiteral("verdict_card"));
    setAccessibleName(tr("How far to trust this map"));
    setProperty("card", true);
    setFocusPolicy(Qt::ClickFocus);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 12, 16, 14);
    layout->setSpacing(8);
    const auto line = [&](const char* name, const char* role) {
        auto* const label = new WrappedLabel(this);
        label->setObjectName(QLatin1String(name));
        label->setProperty("role", QLatin1String(role));
        label->setLines(1, kMostLines);
        label->setFixedWidth(kWidth);
        layout->addWidget(label);
        return label;
    };
    m_number = line("verdict_number", "number");
    m_held = line("verdict_held", "");
    m_behaviour = line("verdict_behaviour", "");
    m_budget = line("verdict_budget", "dim");
    m_notes = line("verdict_notes", "caution");
    hide();
}

void VerdictCard::showFor(const Trace& trace, const VerdictText& verdict, const QPoint& corner)
{
    m_number->setText(verdict.number);
    m_held->setText(verdict.held);
    m_behaviour->setText(verdict.behaviour);
    QString budget;
    if (!trace.heads().empty())
        budget = budgetOf(trace.heads().front()) + QStringLiteral(" · ");
    budget +=
        tr("%1 of the usable pairs of global heads pruned").arg(nearestPercentText(1 - verdict.keptFraction));
    m_budget->setText(budget);
    const QString notes = notesOf(trace);
    m_notes->setText(notes);
    m_notes->setVisible(!notes.isEmpty());
    for (QLabel* const words : {m_held, m_behaviour, m_budget, m_notes})
        words->setToolTip(words->text());
    setAccessibleDescription(verdict.held + QLatin1Char(' ') + verdict.behaviour);
    adjustSize();
    const int right = parentWidget()->width() - width() - 8;
    move(std::max(8, std::min(corner.x(), right)), corner.y());
    show();
    raise();
    setFocus(Qt::PopupFocusReason);
}

bool VerdictCard::event(QEvent* event)
{
    if (event->type() == QEvent::ShortcutOverride
        && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        event->accept();
        return true;
    }
    return QFrame::event(event);
}

void VerdictCard::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape)
        hide();
    else
        QFrame::keyPressEvent(event);
}

void VerdictCard::focusOutEvent(QFocusEvent* event)
{
    QFrame::focusOutEvent(event);
    hide();
}

} // namespace headwater
