// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/known_pair_text.h"

#include "core/base/percent.h"
#include "ui/map/quantity_text.h"

#include <QCoreApplication>
#include <cmath>

namespace headwater {

namespace {

QString words(const char* text)
{
    return QCoreApplication::translate("knownPairText", text);
}

} // namespace

QString knownPairText(const KnownPair& pair)
{
    switch (pair.state) {
    case KnownPair::State::Exact:
        return pair.isRounded ? QString::number(static_cast<double>(pair.value), 'g', 2)
                              : probabilityText(static_cast<double>(pair.value));
    case KnownPair::State::Recorded:
    case KnownPair::State::Peak:
        return probabilityText(static_cast<double>(pair.value));
    case KnownPair::State::BelowRecorded:
        return words("not in its row's %1").arg(pair.recordedKeys);
    case KnownPair::State::InBlock:
        return words("only its block is known");
    case KnownPair::State::NotKept:
        return words("not kept");
    case KnownPair::State::None:
        break;
    }
    return words("outside the head's window");
}

QString exactQuantityOf(const KnownPair& pair)
{
    return QStringLiteral("%1 · %2").arg(pair.isOfModel ? QStringLiteral("p_model")
                                                        : QStringLiteral("p_stream"),
                                         pair.isRounded ? words("rounded keys") : words("exact"));
}

QString atMostText(float bound)
{
    if (std::isnan(bound))
        return words("not measured");
    return words("at most %1").arg(QString::fromStdString(boundText(static_cast<double>(bound))));
}

} // namespace headwater
