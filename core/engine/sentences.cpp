// SPDX-License-Identifier: Apache-2.0
#include "core/engine/sentences.h"

namespace headwater {
namespace {

constexpr std::size_t kShortest = 10;

bool isSpace(char character)
{
    return character == ' ' || character == '\n' || character == '\t' || character == '\r';
}

} // namespace

std::vector<std::uint32_t> sentenceOffsets(std::string_view text)
{
    std::vector<std::uint32_t> offsets{0};
    const auto endsAt = [&](std::size_t i) {
        const char character = text[i];
        if (character == '.' || character == '?' || character == '!')
            return i + 1 < text.size() && isSpace(text[i + 1]);
        return character == '\n' && i + 1 < text.size() && text[i + 1] == '\n';
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!endsAt(i))
            continue;
        std::size_t next = i + 1;
        while (next < text.size() && isSpace(text[next]))
            ++next;
        if (next < text.size() && i + 1 - offsets.back() >= kShortest)
            offsets.push_back(static_cast<std::uint32_t>(next));
        i = next - 1;
    }
    if (offsets.size() > 1 && text.size() - offsets.back() < kShortest)
        offsets.pop_back();
    if (!text.empty())
        offsets.push_back(static_cast<std::uint32_t>(text.size()));
    return offsets;
}

} // namespace headwater
