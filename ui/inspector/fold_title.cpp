// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/fold_title.h"

#include "ui/theme/fonts.h"

namespace headwater {

FoldTitle::FoldTitle(const QString& id, const QString& title, QWidget* parent)
    : QPushButton(parent)
    , m_title(title)
{
    setObjectName(id + QStringLiteral("Title"));
    setProperty("fold", true);
    setFont(titleFont());
    setFocusPolicy(Qt::TabFocus);
    setFlat(true);
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed); // a long title does not widen the window
    setToolTip(tr("Fold or unfold this part"));
    connect(this, &QPushButton::clicked, this, &FoldTitle::foldOrUnfold);
    showTitle();
}

void FoldTitle::setTitle(const QString& title)
{
    m_title = title;
    showTitle();
}

void FoldTitle::setFoldedByDefault(bool folded)
{
    if (!m_isChosen)
        fold(folded);
}

void FoldTitle::foldOrUnfold()
{
    m_isChosen = true;
    fold(!m_folded);
    if (!m_folded)
        emit unfolded();
}

void FoldTitle::fold(bool folded)
{
    if (folded == m_folded)
        return;
    m_folded = folded;
    showTitle();
    emit foldChanged();
}

void FoldTitle::showTitle()
{
    setText((m_folded ? QStringLiteral("▸ ") : QStringLiteral("▾ ")) + m_title.toUpper());
    setAccessibleName(m_title);
    setAccessibleDescription(m_folded ? tr("folded") : tr("unfolded"));
}

} // namespace headwater
