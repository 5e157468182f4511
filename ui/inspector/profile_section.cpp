// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/profile_section.h"

#include "ui/theme/fonts.h"

#include <QPushButton>
#include <QVBoxLayout>

namespace headwater {

ProfileSection::ProfileSection(ViewState* state, MapTiles* tiles, QWidget* parent)
    : QWidget(parent)
    , m_title(new QPushButton(this))
    , m_row(new ProfileChart(ProfileChart::Of::Row, state, tiles, this))
    , m_key(new ProfileChart(ProfileChart::Of::Key, state, tiles, this))
{
    setObjectName(QStringLiteral("profileSection"));
    setAccessibleName(tr("Profile"));
    m_title->setObjectName(QStringLiteral("profileTitle"));
    m_title->setAccessibleName(tr("Profile"));
    m_title->setProperty("fold", true);
    m_title->setFont(titleFont());
    m_title->setFocusPolicy(Qt::TabFocus);
    m_title->setFlat(true);
    m_title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    m_title->setToolTip(tr("Fold or unfold the profiles over the whole text"));
    auto* const column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(m_title);
    column->addWidget(m_row);
    column->addWidget(m_key);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    connect(m_title, &QPushButton::clicked, this, [this] {
        m_isFoldChosen = true;
        fold(!m_folded);
    });
    connect(state, &ViewState::lockedChanged, this, &ProfileSection::read);
    connect(state, &ViewState::shownHeadChanged, this, &ProfileSection::read);
    connect(tiles, &MapTiles::sourceChanged, this, &ProfileSection::read);
    fold(false);
}

void ProfileSection::setFoldedByDefault(bool folded)
{
    if (!m_isFoldChosen && folded != m_folded)
        fold(folded);
}

void ProfileSection::setHasRoom(bool hasRoom)
{
    if (hasRoom == m_hasRoom)
        return;
    m_hasRoom = hasRoom;
    read();
}

void ProfileSection::fold(bool folded)
{
    m_folded = folded;
    m_title->setText((folded ? QStringLiteral("▸ ") : QStringLiteral("▾ ")) + tr("Profile").toUpper());
    m_title->setAccessibleDescription(folded ? tr("folded") : tr("unfolded"));
    read();
}

void ProfileSection::read()
{
    setVisible(m_hasRoom && (m_row->token() || m_key->token()));
    m_row->read(m_hasRoom && !m_folded);
    m_key->read(m_hasRoom && !m_folded);
    emit heightChanged();
}

} // namespace headwater
