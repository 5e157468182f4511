// SPDX-License-Identifier: Apache-2.0
#include "core/figure/figure_length.h"

#include <array>
#include <charconv>
#include <fmt/format.h>

namespace headwater {

namespace {

constexpr double kSmallestMm = 10;
constexpr double kLargestMm = 2000;

struct Unit {
    std::string_view name;
    double mm;
};
constexpr std::array kUnits{Unit{"mm", 1}, Unit{"cm", 10}, Unit{"in", kMmPerInch},
                            Unit{"pt", kMmPerInch / 72}, Unit{"px", kMmPerInch / 96}};

} // namespace

Result<double> parseLengthMm(std::string_view text)
{
    double number = 0;
    const char* const last = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), last, number);
    if (error == std::errc()) {
        std::string_view unit(rest, static_cast<std::size_t>(last - rest));
        while (unit.starts_with(' '))
            unit.remove_prefix(1);
        for (const Unit& known : kUnits) {
            const double mm = number * known.mm;
            if (unit == known.name && mm >= kSmallestMm && mm <= kLargestMm)
                return mm;
            if (unit == known.name)
                return Error{ErrorCode::InvalidArgument,
                             fmt::format("length '{}' is not within 10 mm and 2 m", text),
                             {}};
        }
    }
    return Error{
        ErrorCode::InvalidArgument,
        fmt::format("length '{}' is not a number with a unit: mm, cm, in, pt or px, as in 7.7cm", text),
        {}};
}

} // namespace headwater
