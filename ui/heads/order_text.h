// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/reading/head_order.h"

#include <QString>

namespace headwater {

/// "96.4 %": the kept mass of a head as all lists show it, at its interval's decimals where it has one.
QString keptMassText(const Interval& kept);

/// The number a head is ordered by as people read it: "96.4 %", "3.21 nat", "1 204", "0.412"; "unknown".
QString orderValueText(HeadOrder order, const HeadInfo& info, double value);

/// How the values of an order are written and typed.
struct OrderUnit {
    QString suffix; ///< " %", " nat", " tokens"
    double scale = 1; ///< written = value · scale
    int decimals = 3;
    double most = 1; ///< of what may be typed, as written
};
OrderUnit unitOf(HeadOrder order);

} // namespace headwater
