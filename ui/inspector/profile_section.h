// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/inspector/fold_title.h"
#include "ui/inspector/profile_chart.h"

#include <QWidget>

namespace headwater {

/// The profiles of the locked row and the locked key over the whole sequence, under a title that folds them.
/// Folded charts read nothing. Hidden while nothing is locked.
class ProfileSection : public QWidget {
    Q_OBJECT
public:
    ProfileSection(Subject* subject, ViewReader* reader, QWidget* parent = nullptr);

    FoldTitle* title() const { return m_title; }
    ProfileChart* row() const { return m_row; }
    ProfileChart* key() const { return m_key; }
    /// False: hidden whatever is locked.
    void setHasRoom(bool hasRoom);
    /// Reads again what is locked, for the panel that is seen.
    void read();

signals:
    void heightChanged(); ///< folded or unfolded, or a chart came or went

private:
    FoldTitle* m_title;
    ProfileChart* m_row;
    ProfileChart* m_key;
    bool m_hasRoom = true;
};

} // namespace headwater
