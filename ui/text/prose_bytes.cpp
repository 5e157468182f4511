// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/text/prose_bytes.h"

#include "core/base/bidi_text.h"
#include "core/base/text.h"

namespace headwater {

namespace {

/// Control characters would draw nothing, and bidirectional controls would move their neighbours.
bool mustEscape(char32_t c)
{
    return c != U'\n' && c != U'\t' && (c < 0x20 || (c >= 0x7F && c < 0xA0) || isBidiControl(c));
}

} // namespace

ProseStep stepAt(std::string_view bytes, std::size_t at)
{
    const CodePoint point = codePointAt(bytes.substr(at));
    return {point.character, point.bytes, !point.isValid || mustEscape(point.character)};
}

QString escapeOf(const ProseStep& step)
{
    const bool isByte = step.bytes == 1;
    return QStringLiteral("\\%1%2")
        .arg(isByte ? QLatin1Char('x') : QLatin1Char('u'))
        .arg(static_cast<uint>(step.character), isByte ? 2 : 4, 16, QLatin1Char('0'));
}

} // namespace headwater
