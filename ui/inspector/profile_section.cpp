// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/profile_section.h"

#include <QVBoxLayout>

namespace headwater {

ProfileSection::ProfileSection(Subject* subject, ViewReader* reader, QWidget* parent)
    : QWidget(parent)
    , m_title(new FoldTitle(QStringLiteral("profile"), tr("Profile"), this))
    , m_row(new ProfileChart(ProfileChart::Of::Row, subject, reader, this))
    , m_key(new ProfileChart(ProfileChart::Of::Key, subject, reader, this))
{
    setObjectName(QStringLiteral("profileSection"));
    setAccessibleName(tr("Profile"));
    auto* const column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(m_title);
    column->addWidget(m_row);
    column->addWidget(m_key);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    connect(m_title, &FoldTitle::foldChanged, this, &ProfileSection::read);
    read();
}

void ProfileSection::setHasRoom(bool hasRoom)
{
    if (hasRoom == m_hasRoom)
        return;
    m_hasRoom = hasRoom;
    read();
}

void ProfileSection::read()
{
    setVisible(m_hasRoom && (m_row->token() || m_key->token()));
    m_row->read(m_hasRoom && !m_title->isFolded());
    m_key->read(m_hasRoom && !m_title->isFolded());
    emit heightChanged();
}

} // namespace headwater
