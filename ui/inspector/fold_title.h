// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QPushButton>

namespace headwater {

/// The title of a part of the inspector, which folds it. A part has a state by default, which changes with
/// the room there is and with what is locked, until a person says otherwise.
class FoldTitle : public QPushButton {
    Q_OBJECT
public:
    FoldTitle(const QString& id, const QString& title, QWidget* parent);

    void setTitle(const QString& title);
    bool isFolded() const { return m_folded; }
    void setFoldedByDefault(bool folded);
    /// What a click and the palette do.
    void foldOrUnfold();

signals:
    void foldChanged();
    void unfolded(); ///< by a person, after foldChanged(): what is under it is to be read

private:
    void fold(bool folded);
    void showTitle();

    QString m_title;
    bool m_folded = false;
    bool m_isChosen = false;
};

} // namespace headwater
