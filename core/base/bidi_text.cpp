// SPDX-License-Identifier: Apache-2.0
#include "core/base/bidi_text.h"

#include "core/base/text.h"

namespace headwater {

namespace {

/// The blocks of the scripts written from right to left, and the two marks that say so.
bool isRightToLeft(char32_t c)
{
    return (c >= 0x590 && c < 0x900) || c == 0x200F || (c >= 0xFB1D && c < 0xFE00)
        || (c >= 0xFE70 && c < 0xFEFF) || (c >= 0x10800 && c < 0x11000) || (c >= 0x1E800 && c < 0x1F000);
}

/// What joins two words of a stretch.
bool isBetweenWords(char32_t c)
{
    return c == U' ' || c == U'-' || (c >= U'0' && c <= U'9');
}

} // namespace

bool hasRightToLeft(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint step = codePointAt(text.substr(at));
        if (step.isValid && isRightToLeft(step.character))
            return true;
        at += step.bytes;
    }
    return false;
}

std::string isolated(std::string_view quotation)
{
    if (!hasRightToLeft(quotation))
        return std::string(quotation);
    return std::string(kFirstStrongIsolate).append(quotation).append(kPopIsolate);
}

std::string leftToRight(std::string_view sentence)
{
    if (!hasRightToLeft(sentence))
        return std::string(sentence);
    std::string out;
    int depth = 0;
    for (std::size_t at = 0; at < sentence.size();) {
        const CodePoint first = codePointAt(sentence.substr(at));
        depth += first.character == 0x2068 ? 1 : first.character == 0x2069 && depth > 0 ? -1 : 0;
        std::size_t end = at + first.bytes;
        if (depth > 0 || !isRightToLeft(first.character)) {
            out.append(sentence.substr(at, end - at));
            at = end;
            continue;
        }
        for (std::size_t next = end; next < sentence.size();) {
            const CodePoint step = codePointAt(sentence.substr(next));
            next += step.bytes;
            if (step.isValid && isRightToLeft(step.character))
                end = next;
            else if (!isBetweenWords(step.character))
                break;
        }
        out.append(isolated(sentence.substr(at, end - at)));
        at = end;
    }
    return out;
}

std::string withoutIsolates(std::string_view text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (text.substr(at).starts_with(kFirstStrongIsolate) || text.substr(at).starts_with(kPopIsolate)) {
            at += kPopIsolate.size();
            continue;
        }
        out += text[at++];
    }
    return out;
}

} // namespace headwater
