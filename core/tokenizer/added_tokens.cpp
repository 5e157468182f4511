// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/added_tokens.h"

#include <algorithm>
#include <functional>
#include <map>

namespace headwater {

void AddedTokens::add(std::string spelling, std::int32_t id)
{
    if (spelling.empty())
        return;
    const auto length = static_cast<std::uint32_t>(spelling.size());
    m_startsWith[static_cast<unsigned char>(spelling[0])] = true;
    const auto place = std::ranges::lower_bound(m_lengths, length, std::greater<>{});
    if (place == m_lengths.end() || *place != length)
        m_lengths.insert(place, length);
    m_ids.emplace(std::move(spelling), id);
}

template <class Take> void AddedTokens::matchAt(std::string_view text, std::size_t start, Take take) const
{
    if (!m_startsWith[static_cast<unsigned char>(text[start])])
        return;
    for (const std::uint32_t length : m_lengths) {
        if (start + length > text.size())
            continue;
        const auto found = m_ids.find(text.substr(start, length));
        if (found != m_ids.end() && !take(Match{static_cast<std::uint32_t>(start), length, found->second}))
            return;
    }
}

std::vector<AddedTokens::Match> AddedTokens::findFromLeft(std::string_view text) const
{
    std::vector<Match> matches;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t before = matches.size();
        matchAt(text, i, [&matches](const Match& match) {
            matches.push_back(match);
            return false;
        });
        i += matches.size() > before ? matches.back().length : 1;
    }
    return matches;
}

std::vector<AddedTokens::Match> AddedTokens::find(std::string_view text) const
{
    std::map<std::uint32_t, Match> taken; // by start
    std::vector<Match> candidates;
    for (const std::uint32_t length : m_lengths) {
        candidates.clear();
        for (std::size_t gap = 0; gap + length <= text.size();) {
            const auto next = taken.lower_bound(static_cast<std::uint32_t>(gap));
            const std::size_t end = next == taken.end() ? text.size() : next->first;
            for (std::size_t start = gap; start + length <= end; ++start) {
                if (!m_startsWith[static_cast<unsigned char>(text[start])])
                    continue;
                const auto found = m_ids.find(text.substr(start, length));
                if (found != m_ids.end())
                    candidates.push_back({static_cast<std::uint32_t>(start), length, found->second});
            }
            gap = next == taken.end() ? text.size() : next->first + next->second.length;
        }
        // Of one length the lower id first, then the earlier place.
        std::ranges::stable_sort(candidates, {}, &Match::id);
        for (const Match& match : candidates) {
            const auto after = taken.lower_bound(match.start);
            if (after != taken.end() && after->first < match.start + length)
                continue;
            if (after != taken.begin()
                && std::prev(after)->first + std::prev(after)->second.length > match.start)
                continue;
            taken.emplace_hint(after, match.start, match);
        }
    }
    std::vector<Match> matches;
    for (const auto& entry : taken)
        matches.push_back(entry.second);
    return matches;
}

} // namespace headwater
