// SPDX-License-Identifier: Apache-2.0
#include "core/figure/svg_ids.h"

#include <array>
#include <map>

namespace headwater {

namespace {

constexpr std::array<std::string_view, 8> kCounted{"surface", "image",  "mask",    "clip",
                                                   "linear",  "radial", "pattern", "filter"};

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// The name at `at` when an id begins there: a counted word right after a quote, '#' or '(', followed by a
/// digit.
std::string_view countedWordAt(std::string_view svg, std::size_t at)
{
    for (const std::string_view word : kCounted) {
        if (svg.substr(at).starts_with(word) && at + word.size() < svg.size()
            && isDigit(svg[at + word.size()]))
            return word;
    }
    return {};
}

} // namespace

std::string renumberSvgIds(std::string_view svg)
{
    std::string out;
    out.reserve(svg.size());
    std::map<std::string, std::size_t, std::less<>> numbers;
    std::size_t at = 0;
    while (at < svg.size()) {
        out += svg[at];
        const bool mayBegin = svg[at] == '"' || svg[at] == '#';
        ++at;
        if (!mayBegin)
            continue;
        const std::string_view word = countedWordAt(svg, at);
        if (word.empty())
            continue;
        std::size_t end = at + word.size();
        while (end < svg.size() && isDigit(svg[end]))
            ++end;
        const auto [it, isNew] =
            numbers.try_emplace(std::string(svg.substr(at, end - at)), numbers.size() + 1);
        out.append(word).append(std::to_string(it->second));
        at = end;
    }
    return out;
}

} // namespace headwater
