// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <span>
#include <string_view>

namespace headwater {

inline constexpr double kMmPerInch = 25.4;
inline constexpr double kPtPerMm = 72.0 / kMmPerInch;

/// A width that a venue's style prescribes.
struct PageWidth {
    std::string_view name; ///< "acl"
    std::string_view of; ///< "ACL, one column"
    double mm = 0;
};
std::span<const PageWidth> pageWidths();

/// "7.7cm", "77 mm", "3in", "218pt", "300px" (96 a inch), or a page width's name, in millimetres. Errors:
/// InvalidArgument (no number, unknown or missing unit, not within 10 mm to 2 m).
Result<double> parseLengthMm(std::string_view text);

} // namespace headwater
