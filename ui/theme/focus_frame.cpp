// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/focus_frame.h"

#include "ui/theme/theme.h"

#include <QAbstractScrollArea>
#include <QPainter>

namespace headwater {

void paintFocusFrame(const QAbstractScrollArea& view)
{
    if (!view.hasFocus())
        return;
    QPainter painter(view.viewport());
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(themeOf(view.palette()).selected, 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(QRectF(view.viewport()->rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
}

} // namespace headwater
