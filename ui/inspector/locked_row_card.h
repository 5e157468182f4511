// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/state/subject.h"

#include <QFrame>
#include <QString>

class QLabel;

namespace headwater {

class RowOffer;
class ViewReader;
class WrappedLabel;

/// The locked row in words: head, number, and what follows it, with what the row itself gave to that; and the
/// offer to have the row computed, where that can be had.
class LockedRowCard : public QFrame {
    Q_OBJECT
public:
    LockedRowCard(Subject* subject, ViewReader* reader, QWidget* parent = nullptr);

    QString headText() const;
    QString rowText() const;
    /// Without markup: "“…magic number for Helsinki is” is followed by “7” (p 0.94, the model's first
    /// choice)".
    QString sentence() const { return m_sentence; }
    RowOffer* offer() const { return m_offer; }

protected:
    void changeEvent(QEvent* event) override;

private:
    void fill();

    Subject* m_subject;
    QLabel* m_head;
    QLabel* m_row;
    WrappedLabel* m_words;
    RowOffer* m_offer;
    QString m_sentence;
};

} // namespace headwater
