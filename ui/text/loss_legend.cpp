// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/text/loss_legend.h"

#include "ui/text/word_shade.h"
#include "ui/theme/fonts.h"

#include <QPainter>

namespace headwater {

namespace {

constexpr int kBar = 64; ///< pixels of the shades between the two words
constexpr int kGap = 5;
constexpr int kSteps = 16;
constexpr int kSwatch = 16; ///< of the hatch

} // namespace

LossLegend::LossLegend(MapLook* look, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
    , m_most(tr("≥ %1 nat").arg(kFullLoss))
    , m_unknown(tr("not computed yet"))
{
    setObjectName(QStringLiteral("lossLegend"));
    setAccessibleName(tr("Shades of losses: none at 0 nat, full from %1 nat on").arg(kFullLoss));
    setFont(wordsFont(11));
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    connect(look, &MapLook::coloursChanged, this, qOverload<>(&QWidget::update));
}

void LossLegend::setPartial(bool isPartial)
{
    if (isPartial == m_isPartial)
        return;
    m_isPartial = isPartial;
    setAccessibleDescription(isPartial ? tr("Hatched: %1").arg(m_unknown) : QString());
    updateGeometry();
    update();
}

QSize LossLegend::sizeHint() const
{
    const QFontMetrics metrics(font());
    const int scale =
        metrics.horizontalAdvance(QStringLiteral("0")) + metrics.horizontalAdvance(m_most) + kBar + 2 * kGap;
    const int unknown = m_isPartial ? 3 * kGap + kSwatch + metrics.horizontalAdvance(m_unknown) : 0;
    return {scale + unknown, metrics.height()};
}

void LossLegend::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const Theme& theme = themeOf(palette());
    const QFontMetrics metrics(font());
    painter.setFont(font());
    painter.setPen(theme.dim);
    const int left = metrics.horizontalAdvance(QStringLiteral("0")) + kGap;
    painter.drawText(rect(), Qt::AlignLeft | Qt::AlignVCenter, QStringLiteral("0"));
    painter.drawText(rect().adjusted(left + kBar + kGap, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, m_most);
    if (m_isPartial) {
        painter.drawText(rect(), Qt::AlignRight | Qt::AlignVCenter, m_unknown);
        const int swatch = width() - metrics.horizontalAdvance(m_unknown) - kGap - kSwatch;
        painter.fillRect(QRect(swatch, 2, kSwatch, height() - 4), unknownShade(theme));
    }
    for (int step = 0; step < kSteps; ++step) {
        const double share = (step + 0.5) / kSteps;
        painter.fillRect(QRectF(left + kBar * step / double(kSteps), 2, kBar / double(kSteps), height() - 4),
                         wordShade(theme, m_look->colours().map, share));
    }
}

} // namespace headwater
