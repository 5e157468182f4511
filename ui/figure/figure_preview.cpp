// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/figure/figure_preview.h"

#include "ui/theme/theme.h"

#include <QPainter>

namespace headwater {

namespace {

constexpr int kFrame = 1; ///< a line around the page: it may be as white as what it stands on

} // namespace

FigurePreview::FigurePreview(QWidget* parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void FigurePreview::show(const QImage& page)
{
    m_page = page;
    setFixedSize(sizeHint());
    update();
}

QSize FigurePreview::sizeHint() const
{
    const QSizeF size = m_page.deviceIndependentSize();
    return QSize(qCeil(size.width()), qCeil(size.height())) + QSize(2 * kFrame, 2 * kFrame);
}

void FigurePreview::paintEvent(QPaintEvent*)
{
    if (m_page.isNull())
        return;
    QPainter painter(this);
    painter.setPen(themeOf(palette()).line);
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
    painter.drawImage(QPointF(kFrame, kFrame), m_page);
}

} // namespace headwater
