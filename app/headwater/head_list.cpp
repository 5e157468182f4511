// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/head_list.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <optional>
#include <set>
#include <string>

namespace headwater {
namespace {

/// No model has more layers, or heads in a layer: a range beyond it is a slip.
constexpr int kMostNumber = 65535;

std::optional<int> numberOf(std::string_view text)
{
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > kMostNumber)
        return std::nullopt;
    return value;
}

/// The numbers of "0,3,7-9"; nothing for "all".
Result<std::optional<std::set<int>>> numbersOf(std::string_view option, std::string_view text)
{
    if (text == "all")
        return std::optional<std::set<int>>();
    std::set<int> numbers;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t comma = std::min(text.find(',', begin), text.size());
        const std::string_view part = text.substr(begin, comma - begin);
        const std::size_t dash = part.find('-');
        const std::optional<int> first = numberOf(part.substr(0, dash));
        const std::optional<int> last =
            dash == std::string_view::npos ? first : numberOf(part.substr(dash + 1));
        if (!first || !last || *first > *last) {
            return Error{ErrorCode::InvalidArgument,
                         fmt::format("{} '{}' is not a number, a list as 0,3,7-9, or all", option, text),
                         {}};
        }
        for (int number = *first; number <= *last; ++number)
            numbers.insert(number);
        begin = comma + 1;
    }
    return std::optional(std::move(numbers));
}

} // namespace

Result<std::vector<HeadId>> headsNamed(const Trace& trace, std::string_view layers, std::string_view heads)
{
    HEADWATER_TRY_ASSIGN(const std::optional<std::set<int>> wantedLayers, numbersOf("--layer", layers));
    HEADWATER_TRY_ASSIGN(const std::optional<std::set<int>> wantedHeads, numbersOf("--head", heads));
    std::vector<HeadId> named;
    std::set<int> foundLayers;
    std::set<HeadId> found;
    for (const HeadInfo& info : trace.heads()) {
        if ((wantedLayers && !wantedLayers->contains(info.layer))
            || (wantedHeads && !wantedHeads->contains(info.head)))
            continue;
        named.push_back({info.layer, info.head});
        foundLayers.insert(info.layer);
        found.insert(named.back());
    }
    const auto missing = [&](const std::string& what) {
        return Error{ErrorCode::NotFound, what + " is not in the trace", trace.path().string()};
    };
    // What was named by its number must be there, in every layer that was named by its number.
    for (const int layer : wantedLayers.value_or(std::set<int>())) {
        if (wantedHeads) {
            for (const int head : *wantedHeads) {
                if (!found.contains({layer, head}))
                    return missing(fmt::format("layer {}, head {}", layer, head));
            }
        } else if (!foundLayers.contains(layer)) {
            return missing(fmt::format("layer {}", layer));
        }
    }
    for (const int head : wantedHeads.value_or(std::set<int>())) {
        const auto isIt = [head](HeadId one) { return one.head == head; };
        if (std::none_of(named.begin(), named.end(), isIt))
            return missing(fmt::format("head {} of any layer", head));
    }
    if (named.empty())
        return Error{ErrorCode::NotFound, "the trace has no finished head yet", trace.path().string()};
    return named;
}

} // namespace headwater
