// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/quantity_text.h"

#include "core/trace/trace_quantity.h"

#include <QCoreApplication>
#include <cmath>

namespace headwater {

QString headLabel(HeadId head)
{
    return QStringLiteral("L%1 · H%2").arg(head.layer).arg(head.head);
}

QString quantityOf(const Trace& trace, const HeadInfo& info)
{
    return QString::fromLatin1(blockQuantity(trace, info));
}

QString tokenRowQuantityOf(const Trace& trace)
{
    return QString::fromLatin1(tokenRowQuantity(trace));
}

QString quantityAndSelection(const Trace& trace, const HeadInfo& info)
{
    QString selection = QStringLiteral("exact");
    if (info.selection == Selection::Tree)
        selection = QStringLiteral("tree");
    else if (info.selection == Selection::Stream)
        selection = QStringLiteral("stream");
    if (info.kind != HeadKind::Global)
        selection = QCoreApplication::translate("quantityText", "window");
    return QStringLiteral("%1 · %2").arg(quantityOf(trace, info), selection);
}

QString probabilityText(double value)
{
    if (std::isnan(value))
        return QCoreApplication::translate("quantityText", "unknown");
    if (value == 0)
        return QStringLiteral("0");
    // Just below one is not one.
    if (value < 1 && value >= 0.9995)
        return QString::number(std::floor(value * 1e4) / 1e4, 'f', 4);
    if (value >= 0.001)
        return QString::number(value, 'f', value >= 0.0995 ? 3 : 4);
    return QString::number(value, 'e', 1).replace(QLatin1String("e-0"), QLatin1String("e-"));
}

} // namespace headwater
