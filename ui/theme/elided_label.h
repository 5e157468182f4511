// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QLabel>

namespace headwater {

/// A line of text that ends in an ellipsis where its place is too narrow. text() stays whole; the tooltip is
/// the owner's.
class ElidedLabel : public QLabel {
public:
    using QLabel::QLabel;

    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
};

} // namespace headwater
