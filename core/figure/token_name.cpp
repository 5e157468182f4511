// SPDX-License-Identifier: Apache-2.0
#include "core/figure/token_name.h"

#include "core/base/text.h"
#include "core/figure/short_text.h"

#include <fmt/format.h>

namespace headwater {

namespace {

constexpr std::size_t kMostLabelBytes = 48;
constexpr std::size_t kMostLabelCharacters = 12;

} // namespace

std::string tokenName(const Trace& trace, std::uint32_t token)
{
    if (token >= trace.seqLen())
        return {};
    const std::string_view bytes = trace.tokenText(token);
    if (bytes.empty())
        return fmt::format("#{}", trace.tokenIds()[token]);
    std::string text = printable(bytes.substr(0, kMostLabelBytes));
    if (text.starts_with(' '))
        text.replace(0, 1, "␣");
    if (text.size() > 3 && text.ends_with(' '))
        text.replace(text.size() - 1, 1, "␣");
    return shortened(text, kMostLabelCharacters, TextCut::End);
}

} // namespace headwater
