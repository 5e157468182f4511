// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/explore/map_bar.h"

#include "ui/main/action_button.h"
#include "ui/main/command_table.h"
#include "ui/map/quantity_text.h"
#include "ui/state/subject.h"
#include "ui/theme/fonts.h"

#include <QHBoxLayout>
#include <QLabel>
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
        row->addWidget(makeActionButton(commands, QLatin1String(id), text, this));
    };
    add("view.mode.max", tr("Max"));
    add("view.mode.count", tr("Count"));
    add("view.mode.missed", tr("Missed"));
    row->addSpacing(kGroupGap);
    add("view.mask.sinks", tr("Mask sink"));
    add("view.mask.diagonal", tr("Mask diagonal"));
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
    // The way to a figure is in the menu, too.
    const int needed =
        layout()->sizeHint().width() - (m_export->isHidden() ? 0 : m_export->width() + kSpacing);
    m_export->setVisible(width() >= needed + m_export->sizeHint().width() + kSpacing);
}

} // namespace headwater
