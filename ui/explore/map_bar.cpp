// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/explore/map_bar.h"

#include "ui/main/action_button.h"
#include "ui/main/command_table.h"
#include "ui/map/quantity_text.h"
#include "ui/state/subject.h"
#include "ui/theme/fonts.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QStyle>
#include <QToolButton>

namespace headwater {

namespace {

constexpr int kHeight = 36;
constexpr int kSpacing = 4;
constexpr int kGroupGap = 12; ///< between the head, the modes, the masks

} // namespace

MapBar::MapBar(CommandTable& commands, const Subject& subject, QWidget* parent)
    : QFrame(parent)
    , m_subject(subject)
    , m_head(new QLabel(this))
    , m_preview(new QLabel(tr("preview"), this))
    , m_export(makeActionButton(commands, QStringLiteral("file.export"), tr("Export…"), this))
{
    setObjectName(QStringLiteral("map_bar"));
    setAccessibleName(tr("Map"));
    setFixedHeight(kHeight);
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    m_head->setObjectName(QStringLiteral("map_head"));
    m_head->setAccessibleName(tr("The head that the map shows"));
    m_head->setFont(wordsFont(13, QFont::DemiBold));
    m_preview->setObjectName(QStringLiteral("map_preview"));
    m_preview->setAccessibleName(tr("The head is only hovered"));
    m_preview->setProperty("role", QStringLiteral("dim"));
    auto* const row = new QHBoxLayout(this);
    row->setContentsMargins(kGroupGap, 0, kGroupGap, 0);
    row->setSpacing(kSpacing);
    row->addWidget(m_head);
    row->addWidget(m_preview);
    row->addSpacing(kGroupGap);
    const auto add = [&](const char* id, const QString& text) {
        QToolButton* const button = makeActionButton(commands, QLatin1String(id), text, this);
        row->addWidget(button);
        return button;
    };
    add("view.mode.max", tr("Max"));
    add("view.mode.count", tr("Count"));
    add("view.mode.missed", tr("Missed"));
    row->addSpacing(kGroupGap);
    m_sinks = add("view.mask.sinks", tr("Mask sink"));
    m_diagonal = add("view.mask.diagonal", tr("Mask diagonal"));
    row->addStretch(1);
    row->addWidget(m_export);
    connect(&subject, &Subject::shownHeadChanged, this, &MapBar::showHead);
    connect(&subject, &Subject::headChanged, this, &MapBar::showHead);
    connect(&subject, &Subject::traceChanged, this, &MapBar::showHead);
    showHead();
}

void MapBar::showHead()
{
    m_head->setText(m_subject.trace() ? headLabel(m_subject.shownHead()) : QString());
    m_preview->setVisible(m_subject.shownHead() != m_subject.head());
    showParts();
}

void MapBar::resizeEvent(QResizeEvent* event)
{
    QFrame::resizeEvent(event);
    showParts();
}

QSize MapBar::minimumSizeHint() const
{
    return {0, kHeight};
}

void MapBar::showParts()
{
    for (const Room room : {Room::All, Room::NoExport, Room::ShortWords, Room::Least}) {
        fit(room);
        if (layout()->minimumSize().width() <= width())
            return;
    }
}

void MapBar::fit(Room room)
{
    m_export->setVisible(room < Room::NoExport); // it is in the menu, too
    m_sinks->setText(room < Room::ShortWords ? tr("Mask sink") : tr("Sink"));
    m_diagonal->setText(room < Room::ShortWords ? tr("Mask diagonal") : tr("Diagonal"));
    setCompact(room == Room::Least);
}

void MapBar::setCompact(bool isCompact)
{
    if (isCompact == property("compact").toBool())
        return;
    setProperty("compact", isCompact);
    const int margin = isCompact ? kSpacing : kGroupGap;
    layout()->setContentsMargins(margin, 0, margin, 0);
    for (QToolButton* const button : findChildren<QToolButton*>()) {
        button->style()->unpolish(button);
        button->style()->polish(button);
        button->updateGeometry(); // it asks for another width now
    }
}

} // namespace headwater
