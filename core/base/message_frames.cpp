// SPDX-License-Identifier: Apache-2.0
#include "core/base/message_frames.h"

#include "core/base/hash.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <span>

namespace headwater {
namespace {

constexpr std::string_view kHeaderEnd = "\r\n\r\n";

std::string_view withoutSpace(std::string_view text)
{
    constexpr std::string_view kSpace = " \t\r";
    text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
    return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

bool isName(std::string_view found, std::string_view lowerCase)
{
    return std::equal(
        found.begin(), found.end(), lowerCase.begin(), lowerCase.end(), [](char one, char lower) {
            return lower == (one >= 'A' && one <= 'Z' ? static_cast<char>(one - 'A' + 'a') : one);
        });
}

/// The value of a header's field, by its name in lower case; nothing where it has none.
std::optional<std::string_view> fieldOf(std::string_view header, std::string_view name)
{
    while (!header.empty()) {
        const std::string_view line = header.substr(0, header.find('\n'));
        header.remove_prefix(std::min(header.size(), line.size() + 1));
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos && isName(withoutSpace(line.substr(0, colon)), name))
            return withoutSpace(line.substr(colon + 1));
    }
    return std::nullopt;
}

template <class Number> std::optional<Number> numberOf(std::optional<std::string_view> text, int base = 10)
{
    Number number = 0;
    if (!text)
        return std::nullopt;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number, base);
    if (error != std::errc() || end != text->data() + text->size())
        return std::nullopt;
    return number;
}

std::uint64_t hashOf(std::string_view bytes)
{
    return xxh3(std::as_bytes(std::span(bytes)));
}

} // namespace

std::string framed(const nlohmann::json& message, std::string_view attachment)
{
    const std::string body = message.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    std::string header = fmt::format("Content-Length: {}\r\n", body.size());
    if (!attachment.empty())
        header += fmt::format("Attachment-Length: {}\r\nAttachment-Hash: {:016x}\r\n", attachment.size(),
                              hashOf(attachment));
    return header + "\r\n" + body;
}

Error FrameReader::broken(const std::string& found) const
{
    return {ErrorCode::BadFormat, found + ", which does not follow docs/engine_protocol.md", m_source};
}

Result<std::optional<FramedMessage>> FrameReader::next()
{
    const std::size_t end = m_buffer.find(kHeaderEnd);
    if (end == std::string::npos && m_buffer.size() <= kLargestHeader)
        return std::optional<FramedMessage>();
    if (std::min(end, m_buffer.size()) > kLargestHeader)
        return broken(fmt::format("a header of more than {} bytes", kLargestHeader));
    const std::string_view header = std::string_view(m_buffer).substr(0, end);
    const auto length = numberOf<std::size_t>(fieldOf(header, "content-length"));
    if (!length)
        return broken("a header without a Content-Length");
    if (*length > kLargestBody)
        return broken(fmt::format("a message of {} bytes, expected at most {}", *length, kLargestBody));
    const auto announced = fieldOf(header, "attachment-length");
    const auto beside = announced ? numberOf<std::size_t>(announced) : std::optional<std::size_t>(0);
    if (!beside || *beside > m_largestAttachment)
        return broken(
            fmt::format("an attachment of {} bytes, expected at most {}", *announced, m_largestAttachment));
    const auto hash = numberOf<std::uint64_t>(fieldOf(header, "attachment-hash"), 16);
    const std::size_t begin = end + kHeaderEnd.size();
    if (m_buffer.size() - begin < *length + *beside)
        return std::optional<FramedMessage>();
    const char* const body = m_buffer.data() + begin;
    FramedMessage message{nlohmann::json::parse(body, body + *length, nullptr, false),
                          m_buffer.substr(begin + *length, *beside)};
    m_buffer.erase(0, begin + *length + *beside);
    if (announced && hash != hashOf(message.attachment))
        return broken("an attachment whose bytes are not those that were sent");
    return std::optional<FramedMessage>(std::move(message));
}

} // namespace headwater
