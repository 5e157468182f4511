// SPDX-License-Identifier: Apache-2.0
#include "core/figure/figure_length.h"

#include <array>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <vector>

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

// The columns of the venues' LaTeX styles; Nature's of its guide to authors.
constexpr std::array kPageWidths{PageWidth{"acl", "ACL, one column", 77},
                                 PageWidth{"acl-full", "ACL, both columns", 160},
                                 PageWidth{"neurips", "NeurIPS, the text", 5.5 * kMmPerInch},
                                 PageWidth{"icml", "ICML, one column", 3.25 * kMmPerInch},
                                 PageWidth{"icml-full", "ICML, both columns", 6.75 * kMmPerInch},
                                 PageWidth{"nature", "Nature, one column", 89},
                                 PageWidth{"nature-full", "Nature, both columns", 183}};

} // namespace

std::span<const PageWidth> pageWidths()
{
    return kPageWidths;
}

Result<double> parseLengthMm(std::string_view text)
{
    for (const PageWidth& width : kPageWidths) {
        if (text == width.name)
            return width.mm;
    }
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
    std::vector<std::string_view> names;
    for (const PageWidth& width : kPageWidths)
        names.push_back(width.name);
    return Error{
        ErrorCode::InvalidArgument,
        fmt::format("length '{}' is not a number with a unit: mm, cm, in, pt or px, as in 7.7cm, nor a page "
                    "width: {}",
                    text, fmt::join(names, ", ")),
        {}};
}

} // namespace headwater
