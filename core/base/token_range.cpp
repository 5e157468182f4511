// SPDX-License-Identifier: Apache-2.0
#include "core/base/token_range.h"

#include <charconv>
#include <fmt/format.h>
#include <optional>

namespace headwater {
namespace {

std::optional<std::uint32_t> parsePosition(std::string_view text)
{
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

} // namespace

Result<TokenRange> parseTokenRange(std::string_view text, std::uint32_t seqLen)
{
    const Error wrong{ErrorCode::InvalidArgument,
                      fmt::format("token range '{}' is not A:B with 0 <= A < B <= {}", text, seqLen),
                      {}};
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos)
        return wrong;
    const std::string_view first = text.substr(0, colon);
    const std::string_view last = text.substr(colon + 1);
    const auto begin = first.empty() ? std::optional<std::uint32_t>(0) : parsePosition(first);
    const auto end = last.empty() ? std::optional<std::uint32_t>(seqLen) : parsePosition(last);
    if (!begin || !end || *begin >= *end || *end > seqLen)
        return wrong;
    return TokenRange{*begin, *end};
}

Result<TokenRange> parseTokens(std::string_view text, std::uint32_t seqLen)
{
    if (text.find(':') != std::string_view::npos)
        return parseTokenRange(text, seqLen);
    const std::optional<std::uint32_t> token = parsePosition(text);
    if (!token || *token >= seqLen)
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("'{}' is neither a token below {} nor a range A:B of them", text, seqLen),
                     {}};
    return TokenRange{*token, *token + 1};
}

} // namespace headwater
