// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace headwater {

/// How shares are written as percentages: one rule for the window, figures and the command line.
/// - Kept mass is rounded down and missed mass up, so that neither flatters and both make a hundred.
/// - Any other share (content, sink share, density, pruned, agreement) is rounded to the nearest figure, but
///   what is not all, but for 5e-7, never reads 100.
/// - A share with an interval is rounded to the nearest figure at the interval's decimals: one, or two where
///   the half width is below a tenth of a percent. Its half width and its ends are rounded outwards, so that
///   what is printed contains the true interval, but for a float's rounding (5e-7).
enum class Rounding { Down, Nearest, Up };

/// "96.4" of 0.964; "unknown" of NaN. What lies within a float's rounding (5e-7) of a figure counts as that
/// figure.
std::string percentFigure(double share, Rounding rounding, int decimals = 1);

/// A share with its interval, all four with the same decimals: "90.99", "0.03", "90.96", "91.02" of
/// 0.9099 in [0.9097, 0.9101]. [mean - half, mean + half] and [lo, hi] both contain the true interval, but
/// for 5e-7 of a share.
/// Unknown numbers are "unknown".
struct PercentInterval {
    std::string mean;
    std::string half;
    std::string lo;
    std::string hi;
};
PercentInterval percentInterval(double mean, double lo, double hi);

/// The same of the rest, 1 - share: its mean and that of percentInterval make a hundred as printed.
PercentInterval percentIntervalOfRest(double mean, double lo, double hi);

/// An upper bound of a probability: three significant figures, rounded up, so that what is printed bounds
/// too. "0" for none, "unknown" of NaN.
std::string boundText(double bound);

} // namespace headwater
