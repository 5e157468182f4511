// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/quantity_text.h"

#include "core/record/kind_names.h"
#include "core/record/quantity.h"
#include "core/trace/trace_quantity.h"

#include <QCoreApplication>
#include <algorithm>
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
    // Of a number "exact" says that a session has given it: a selection is named as one.
    const QString selection = info.kind == HeadKind::Global
        ? QCoreApplication::translate("quantityText", "selection %1")
              .arg(QLatin1String(nameOf(info.selection)))
        : QCoreApplication::translate("quantityText", "window");
    return QStringLiteral("%1 · %2").arg(quantityOf(trace, info), selection);
}

QString exactQuantityText(bool isOfModel, bool isRounded)
{
    return QStringLiteral("%1 · %2").arg(QLatin1String(wholeRowQuantity(!isOfModel)),
                                         isRounded
                                             ? QCoreApplication::translate("quantityText", "rounded keys")
                                             : QCoreApplication::translate("quantityText", "exact"));
}

QString rowQuantityOf(const Trace& trace, const HeadInfo& info, RowSource source)
{
    switch (source) {
    case RowSource::Blocks:
        return quantityOf(trace, info);
    case RowSource::Recorded:
        return tokenRowQuantityOf(trace);
    case RowSource::Exact:
    case RowSource::Rounded:
        break;
    }
    return exactQuantityText(!isPropagated(trace), source == RowSource::Rounded);
}

QString probabilityText(double value, RowSource source)
{
    if (source != RowSource::Rounded || std::isnan(value) || value == 0)
        return probabilityText(value);
    // Just below one is not one.
    return QString::number(value < 1 ? std::min(0.99, value) : 1.0, 'g', 2)
        .replace(QLatin1String("e-0"), QLatin1String("e-"));
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
