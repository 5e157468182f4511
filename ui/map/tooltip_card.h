// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/map/quantity_text.h"
#include "ui/map/tooltip_content.h"

#include <QWidget>

namespace headwater {

/// The card that floats beside the cursor; transparent for the mouse.
class TooltipCard : public QWidget {
    Q_OBJECT
public:
    explicit TooltipCard(QWidget* parent);

    /// Shows `content` beside `cell` (in the parent's coordinates) without covering it.
    void showAt(const TooltipContent& content, const QRectF& cell);
    const TooltipContent& content() const { return m_content; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void placeBeside(const QRectF& cell);
    double paintTokenLine(QPainter& painter, double y, const TooltipContent::Line& line,
                          const QColor& colour) const;

    TooltipContent m_content;
};

} // namespace headwater
