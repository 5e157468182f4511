// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QLabel>

namespace headwater {

/// A line of text that ends in an ellipsis where its place is too narrow: it never asks for room that its
/// place does not have. text() stays whole; the tooltip is the owner's.
class ElidedLabel : public QLabel {
public:
    explicit ElidedLabel(QWidget* parent = nullptr, Qt::TextElideMode mode = Qt::ElideRight);

    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Qt::TextElideMode m_mode;
};

} // namespace headwater
