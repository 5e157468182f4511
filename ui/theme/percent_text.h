// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

namespace headwater {

/// A share as a percentage with one decimal, without its unit: "96.4". Rounded down, so that 99.96 % never
/// reads as a 100.0 that it is not, and so that every place which shows the share shows the same figures.
/// `share`: 1 is all. What lies within a float's rounding (5e-7) below a figure counts as that figure.
/// NaN gives "unknown".
QString percentFigure(double share);

/// The same with its unit: "96.4 %"; NaN gives "unknown".
QString percentText(double share);

/// The rest to a shown share, rounded up: a loss never reads smaller than it is, and beside
/// percentText(1 - share) the two make 100.0 %. NaN gives "unknown".
QString lostPercentText(double share);

} // namespace headwater
