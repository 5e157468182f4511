// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QLabel>

namespace headwater {

/// A sentence of ours that can be selected: it keeps its order whatever it quotes, and copies are clean of
/// the marks that see to that.
class WordsLabel : public QLabel {
    Q_OBJECT
public:
    explicit WordsLabel(const QString& sentence, QWidget* parent = nullptr);

    void copySelected() const;

protected:
    bool event(QEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    QString cleanSelection() const;
};

} // namespace headwater
