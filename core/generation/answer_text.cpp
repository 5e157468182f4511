// SPDX-License-Identifier: Apache-2.0
#include "core/generation/answer_text.h"

#include <algorithm>

namespace headwater {
namespace {

/// Bytes of the sequence that a byte begins in UTF-8; 1 for those that begin none.
std::size_t sequenceBytes(unsigned char lead)
{
    if (lead >= 0xC2 && lead <= 0xDF)
        return 2;
    if ((lead & 0xF0) == 0xE0)
        return 3;
    return lead >= 0xF0 && lead <= 0xF4 ? 4 : 1;
}

/// Where a sequence begins that the text's end cuts short; the end where none does.
std::size_t endOfWholeSequences(std::string_view text)
{
    constexpr std::size_t kLongest = 4;
    for (std::size_t back = 1; back < kLongest && back <= text.size(); ++back) {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if ((byte & 0xC0) != 0x80) // not one that goes on
            return sequenceBytes(byte) > back ? text.size() - back : text.size();
    }
    return text.size();
}

} // namespace

AnswerText::AnswerText(std::vector<std::string> stops)
    : m_stops(std::move(stops))
{
    for (const std::string& stop : m_stops)
        m_longest = std::max(m_longest, stop.size());
}

std::string AnswerText::add(std::string_view bytes)
{
    // A stop string may begin in what came before, not where it was shown.
    const std::size_t from = std::max(m_shown, m_whole.size() - std::min(m_whole.size(), m_longest));
    m_whole += bytes;
    std::size_t first = std::string::npos;
    for (const std::string& stop : m_stops) {
        const std::size_t found = m_whole.find(stop, from);
        if (found < first) {
            first = found;
            m_stoppedBy = stop;
        }
    }
    if (first != std::string::npos) {
        m_whole.resize(first);
        return finish();
    }
    const std::string_view sure(m_whole.data(), beginOfPossibleStop());
    return shownUpTo(std::max(m_shown, endOfWholeSequences(sure)));
}

std::string AnswerText::finish()
{
    return shownUpTo(m_whole.size());
}

std::size_t AnswerText::beginOfPossibleStop() const
{
    const std::string_view whole = m_whole;
    std::size_t begin = whole.size() - std::min(whole.size() - m_shown, m_longest);
    const auto mayGoOn = [&](std::string_view end) {
        return std::ranges::any_of(m_stops, [&](std::string_view stop) { return stop.starts_with(end); });
    };
    while (begin < whole.size() && !mayGoOn(whole.substr(begin)))
        ++begin;
    return begin;
}

std::string AnswerText::shownUpTo(std::size_t end)
{
    std::string shown = m_whole.substr(m_shown, end - m_shown);
    m_shown = end;
    return shown;
}

} // namespace headwater
