// SPDX-License-Identifier: Apache-2.0
#include "core/figure/figure_length.h"

#include <array>
#include <charconv>
#include <fmt/format.h>
#include <optional>

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

std::optional<std::uint32_t> parsePosition(std::string_view text)
{
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

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

Result<TokenRange> parseTokenRange(std::string_view text, std::uint32_t seqLen)
{
    const Error wrong{ErrorCode::InvalidArgument,
                      fmt::format("token range '{}' is not A:B with 0 <= A < B <= {}", text, seqLen),
                      {}};
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos)
        return wrong;
    const std::string_view first = text.substr(0, colon);
    const std::string_view last = text.substr(colon + 1);
    const auto begin = first.empty() ? std::optional<std::uint32_t>(0) : parsePosition(first);
    const auto end = last.empty() ? std::optional<std::uint32_t>(seqLen) : parsePosition(last);
    if (!begin || !end || *begin >= *end || *end > seqLen)
        return wrong;
    return TokenRange{*begin, *end};
}

} // namespace headwater
