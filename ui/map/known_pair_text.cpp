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
        return probabilityText(static_cast<double>(pair.value),
                               pair.isRounded ? RowSource::Rounded : RowSource::Exact);
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
    return exactQuantityText(pair.isOfModel, pair.isRounded);
}

QString atMostText(float bound)
{
    if (std::isnan(bound))
        return stateWords("not measured");
    return stateWords("at most %1").arg(QString::fromStdString(boundText(static_cast<double>(bound))));
}

} // namespace headwater
