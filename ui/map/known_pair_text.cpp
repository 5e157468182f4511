// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/known_pair_text.h"

#include "core/base/percent.h"
#include "ui/map/quantity_text.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

namespace headwater {

namespace {

QString stateWords(const char* text)
{
    return QCoreApplication::translate("knownPairText", text);
}

} // namespace

QString knownPairText(const KnownPair& pair)
{
    switch (pair.state) {
    case KnownPair::State::Exact:
        if (!pair.isRounded)
            return probabilityText(static_cast<double>(pair.value));
        // Just below one is not one.
        return QString::number(pair.value < 1 ? std::min(0.99, static_cast<double>(pair.value)) : 1.0, 'g',
                               2);
    case KnownPair::State::Recorded:
    case KnownPair::State::Peak:
        return probabilityText(static_cast<double>(pair.value));
    case KnownPair::State::BelowRecorded:
        return stateWords("not in its row's %1").arg(pair.recordedKeys);
    case KnownPair::State::InBlock:
        return stateWords("only its block is known");
    case KnownPair::State::NotKept:
        return stateWords("not kept");
    case KnownPair::State::None:
        break;
    }
    return stateWords("outside the head's window");
}

QString exactQuantityOf(const KnownPair& pair)
{
    return QStringLiteral("%1 · %2").arg(pair.isOfModel ? QStringLiteral("p_model")
                                                        : QStringLiteral("p_stream"),
                                         pair.isRounded ? stateWords("rounded keys") : stateWords("exact"));
}

QString atMostText(float bound)
{
    if (std::isnan(bound))
        return stateWords("not measured");
    return stateWords("at most %1").arg(QString::fromStdString(boundText(static_cast<double>(bound))));
}

} // namespace headwater
