// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/state/view_state.h"

#include <QFrame>
#include <QString>

class QLabel;

namespace headwater {

class WrappedLabel;

/// The locked row in words: head, number, and what follows it, with what the row itself gave to that.
class LockedRowCard : public QFrame {
    Q_OBJECT
public:
    explicit LockedRowCard(ViewState* state, QWidget* parent = nullptr);

    QString headText() const;
    QString rowText() const;
    /// Without markup: "“…magic number for Helsinki is” is followed by “7” (p 0.94, the model's first
    /// choice)".
    QString sentence() const { return m_sentence; }

protected:
    void changeEvent(QEvent* event) override;

private:
    void fill();

    ViewState* m_state;
    QLabel* m_head;
    QLabel* m_row;
    WrappedLabel* m_words;
    QString m_sentence;
};

} // namespace headwater
