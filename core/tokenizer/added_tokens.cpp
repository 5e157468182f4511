// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/added_tokens.h"

#include "core/base/text.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <unicode/uchar.h>

namespace headwater {

namespace {

/// White_Space of Unicode.
bool isSpace(char32_t c)
{
    return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680
        || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F
        || c == 0x3000;
}

/// What a word is made of (UTS 18).
bool isWordCharacter(char32_t c)
{
    return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_ALPHABETIC)
        || u_getCombiningClass(static_cast<UChar32>(c)) != 0
        || (U_GET_GC_MASK(static_cast<UChar32>(c)) & (U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK)) != 0
        || u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_JOIN_CONTROL);
}

/// The code point that ends before byte `end`.
CodePoint codePointBefore(std::string_view text, std::size_t end)
{
    std::size_t begin = end - 1;
    while (begin > 0 && end - begin < 4 && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80)
        --begin;
    const CodePoint point = codePointAt(text.substr(begin, end - begin));
    return point.bytes == end - begin ? point : codePointAt(text.substr(end - 1, 1));
}

/// Applies a token's rule to a match; false where it is none. Shape: the match may begin at `from` first.
bool applyRule(const AddedTokenRule& rule, std::string_view text, std::size_t from, AddedTokens::Match& match)
{
    std::size_t begin = match.start;
    std::size_t end = begin + match.length;
    if (rule.isWord
        && ((begin > 0 && isWordCharacter(codePointBefore(text, begin).character))
            || (end < text.size() && isWordCharacter(codePointAt(text.substr(end)).character))))
        return false;
    while (rule.stripsLeft && begin > from && isSpace(codePointBefore(text, begin).character))
        begin -= codePointBefore(text, begin).bytes;
    while (rule.stripsRight && end < text.size() && isSpace(codePointAt(text.substr(end)).character))
        end += codePointAt(text.substr(end)).bytes;
    match.start = static_cast<std::uint32_t>(begin);
    match.length = static_cast<std::uint32_t>(end - begin);
    return true;
}

} // namespace

void AddedTokens::add(std::string spelling, std::int32_t id, const AddedTokenRule& rule)
{
    if (spelling.empty())
        return;
    const auto length = static_cast<std::uint32_t>(spelling.size());
    m_startsWith[static_cast<unsigned char>(spelling[0])] = true;
    const auto place = std::ranges::lower_bound(m_lengths, length, std::greater<>{});
    if (place == m_lengths.end() || *place != length)
        m_lengths.insert(place, length);
    m_ids.emplace(std::move(spelling), id);
    if (rule.stripsLeft || rule.stripsRight || rule.isWord)
        m_rules.emplace(id, rule);
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
    std::size_t done = 0; // what a match before has taken
    for (std::size_t i = 0; i < text.size();) {
        std::optional<Match> longest;
        matchAt(text, i, [&longest](const Match& match) {
            longest = match;
            return false;
        });
        if (!longest) {
            ++i;
            continue;
        }
        i += longest->length;
        const auto rule = m_rules.find(longest->id);
        if (rule != m_rules.end() && !applyRule(rule->second, text, done, *longest))
            continue;
        done = longest->start + longest->length;
        i = std::max(i, done);
        matches.push_back(*longest);
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
