// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

namespace headwater {

// Shares as the window writes them, by the one rule of core/base/percent.h. `share`: 1 is all. NaN gives
// "unknown".

/// Kept mass, with one decimal, rounded down: "96.4 %".
QString percentText(double share);

/// Missed mass, rounded up: beside percentText(1 - share) the two make 100.0 %.
QString lostPercentText(double share);

/// Any other share, to the nearest figure.
QString nearestPercentText(double share);

/// A share with its interval: "90.99 % ± 0.03".
QString plusMinusText(double mean, double lo, double hi);

/// Its mean alone, with the same decimals: "90.99 %".
QString meanOfIntervalText(double mean, double lo, double hi);

/// Its ends, rounded outwards: "90.96 to 91.02 %".
QString intervalText(double mean, double lo, double hi);

/// The mean and the ends of what it leaves: "9.01 %", "8.98 to 9.04 %".
QString lostMeanOfIntervalText(double mean, double lo, double hi);
QString lostIntervalText(double mean, double lo, double hi);

} // namespace headwater
