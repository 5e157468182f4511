// SPDX-License-Identifier: Apache-2.0
#include "core/reading/text_search.h"

#include "core/reading/folded_text.h"

#include <algorithm>
#include <functional>

namespace headwater {

namespace {

constexpr std::size_t kStride = 64 * 1024;

/// The token whose bytes hold `byte`: the last that begins at or before it and is not empty there.
std::uint32_t tokenAtByte(std::span<const std::uint32_t> offsets, std::size_t byte)
{
    const auto after = std::upper_bound(offsets.begin(), offsets.end(), static_cast<std::uint32_t>(byte));
    return static_cast<std::uint32_t>(std::max<std::ptrdiff_t>(1, after - offsets.begin()) - 1);
}

/// Hits as they are found, in the order of the text.
class HitList {
public:
    HitList(std::span<const std::uint32_t> offsets, std::size_t limit)
        : m_offsets(offsets)
        , m_limit(limit)
    {
    }

    /// Bytes [begin, end) of the text; false once there are enough.
    bool add(std::size_t begin, std::size_t end)
    {
        const TokenRange span{tokenAtByte(m_offsets, begin), tokenAtByte(m_offsets, end - 1) + 1};
        ++m_hits.occurrences;
        std::vector<TokenRange>& spans = m_hits.spans;
        if (spans.empty() || spans.back().begin != span.begin)
            spans.push_back(span);
        else
            spans.back().end = std::max(spans.back().end, span.end);
        m_hits.isCut = spans.size() >= m_limit;
        return !m_hits.isCut;
    }

    TextHits take() { return std::move(m_hits); }

private:
    std::span<const std::uint32_t> m_offsets;
    std::size_t m_limit;
    TextHits m_hits;
};

using Searcher = std::boyer_moore_horspool_searcher<std::string_view::const_iterator>;

TextHits searchMatched(std::string_view text, std::span<const std::uint32_t> offsets, std::string_view needle,
                       std::size_t limit, const std::stop_token& stop)
{
    const Searcher searcher(needle.begin(), needle.end());
    HitList hits(offsets, limit);
    for (std::size_t begin = 0; begin < text.size() && !stop.stop_requested(); begin += kStride) {
        // A hit that begins in this stride may end in the next.
        const std::string_view stretch = text.substr(begin, kStride + needle.size() - 1);
        auto at = stretch.begin();
        while ((at = std::search(at, stretch.end(), searcher)) != stretch.end()) {
            const std::size_t byte = begin + static_cast<std::size_t>(at - stretch.begin());
            if (!hits.add(byte, byte + needle.size()))
                return hits.take();
            ++at;
        }
    }
    return hits.take();
}

TextHits searchFolded(std::string_view text, std::span<const std::uint32_t> offsets, std::string_view needle,
                      std::size_t limit, const std::stop_token& stop)
{
    const FoldedText sought(needle, 0, needle.size(), 0);
    const std::string_view folded = sought.bytes();
    const Searcher searcher(folded.begin(), folded.end());
    HitList hits(offsets, limit);
    for (std::size_t begin = 0; begin < text.size() && !stop.stop_requested();) {
        const FoldedText stretch(text, begin, begin + kStride, folded.size() - 1);
        const std::string_view bytes = stretch.bytes();
        auto at = bytes.begin();
        while ((at = std::search(at, bytes.end(), searcher)) != bytes.end()) {
            const auto from = static_cast<std::size_t>(at - bytes.begin());
            if (from >= stretch.ownSize())
                break; // the next stretch's own
            const std::size_t to = from + folded.size();
            if (stretch.areWhole(from, to) && !hits.add(stretch.origin(from), stretch.origin(to)))
                return hits.take();
            ++at;
        }
        begin = stretch.next();
    }
    return hits.take();
}

} // namespace

TextHits searchText(std::string_view text, std::span<const std::uint32_t> offsets, std::string_view needle,
                    LetterCase letterCase, std::size_t limit, std::stop_token stop)
{
    const bool isIgnored =
        letterCase == LetterCase::Ignored || (letterCase == LetterCase::Smart && !holdsCapital(needle));
    TextHits hits;
    // A folded text may be longer than its own: only what is looked for byte by byte has to be the shorter
    // one.
    if (!needle.empty() && offsets.size() >= 2 && limit > 0)
        hits = isIgnored ? searchFolded(text, offsets, needle, limit, stop)
                         : searchMatched(text, offsets, needle, limit, stop);
    hits.isCaseIgnored = isIgnored;
    return hits;
}

TextHits searchText(const Trace& trace, std::string_view needle, LetterCase letterCase, std::size_t limit,
                    std::stop_token stop)
{
    return searchText(trace.text(), trace.tokenOffsets(), needle, letterCase, limit, std::move(stop));
}

} // namespace headwater
