// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/text_search.h"

#include <algorithm>
#include <functional>

namespace headwater {

namespace {

constexpr std::size_t kStride = 64 * 1024;

char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
}

struct FoldedHash {
    std::size_t operator()(char byte) const { return static_cast<unsigned char>(lower(byte)); }
};
struct FoldedEqual {
    bool operator()(char a, char b) const { return lower(a) == lower(b); }
};

/// The token whose bytes hold `byte`: the last that begins at or before it and is not empty there.
std::uint32_t tokenAtByte(std::span<const std::uint32_t> offsets, std::size_t byte)
{
    const auto after = std::upper_bound(offsets.begin(), offsets.end(), static_cast<std::uint32_t>(byte));
    return static_cast<std::uint32_t>(std::max<std::ptrdiff_t>(1, after - offsets.begin()) - 1);
}

template <class Searcher>
TextHits searchWith(const Searcher& searcher, std::string_view text, std::span<const std::uint32_t> offsets,
                    std::size_t needleSize, std::size_t limit, const std::stop_token& stop)
{
    TextHits hits;
    for (std::size_t begin = 0; begin < text.size() && !stop.stop_requested(); begin += kStride) {
        // A hit that begins in this stride may end in the next.
        const std::size_t end = std::min(text.size(), begin + kStride + needleSize - 1);
        const char* const last = text.data() + end;
        const char* at = text.data() + begin;
        while ((at = std::search(at, last, searcher)) != last) {
            const auto byte = static_cast<std::size_t>(at - text.data());
            const TokenSpan span{tokenAtByte(offsets, byte), tokenAtByte(offsets, byte + needleSize - 1) + 1};
            ++hits.occurrences;
            if (hits.spans.empty() || hits.spans.back().begin != span.begin)
                hits.spans.push_back(span);
            else
                hits.spans.back().end = span.end;
            if (hits.spans.size() >= limit) {
                hits.isCut = true;
                return hits;
            }
            ++at;
        }
    }
    return hits;
}

} // namespace

TextHits searchText(std::string_view text, std::span<const std::uint32_t> offsets, std::string_view needle,
                    std::size_t limit, std::stop_token stop)
{
    if (needle.empty() || needle.size() > text.size() || offsets.size() < 2 || limit == 0)
        return {};
    const bool exactCase =
        std::any_of(needle.begin(), needle.end(), [](char byte) { return byte >= 'A' && byte <= 'Z'; });
    if (exactCase)
        return searchWith(std::boyer_moore_horspool_searcher(needle.begin(), needle.end()), text, offsets,
                          needle.size(), limit, stop);
    return searchWith(
        std::boyer_moore_horspool_searcher(needle.begin(), needle.end(), FoldedHash{}, FoldedEqual{}), text,
        offsets, needle.size(), limit, stop);
}

TextHits searchText(const Trace& trace, std::string_view needle, std::size_t limit, std::stop_token stop)
{
    return searchText(trace.text(), trace.tokenOffsets(), needle, limit, std::move(stop));
}

} // namespace headwater
