// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/rpc_channel.h"

#include "core/base/file_name.h"
#include "core/base/hash.h"

#include <cerrno>
#include <charconv>
#include <fmt/format.h>
#include <span>
#include <unistd.h>

namespace headwater {
namespace {

constexpr std::size_t kLargestHeader = 4096;
constexpr std::size_t kLargestBody = std::size_t{64} << 20;
constexpr int kServerError = -32000;

/// The value of Content-Length in a header block, nothing when it is missing or no number.
std::optional<std::size_t> contentLength(std::string_view header)
{
    constexpr std::string_view kName = "content-length:";
    while (!header.empty()) {
        const std::size_t end = std::min(header.find("\r\n"), header.size());
        std::string_view line = header.substr(0, end);
        header.remove_prefix(std::min(header.size(), end + 2));
        const bool named = line.size() > kName.size()
            && std::equal(kName.begin(), kName.end(), line.begin(), [](char expected, char found) {
                               return expected == (found >= 'A' && found <= 'Z' ? found - 'A' + 'a' : found);
                           });
        if (!named)
            continue;
        line.remove_prefix(kName.size());
        while (!line.empty() && line.front() == ' ')
            line.remove_prefix(1);
        std::size_t length = 0;
        const auto parsed = std::from_chars(line.data(), line.data() + line.size(), length);
        if (parsed.ec == std::errc() && parsed.ptr == line.data() + line.size())
            return length;
    }
    return std::nullopt;
}

} // namespace

bool RpcChannel::fill()
{
    char chunk[1 << 16];
    for (;;) {
        const ssize_t got = ::read(m_input, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        m_buffer.append(chunk, static_cast<std::size_t>(got));
        return true;
    }
}

Result<std::optional<nlohmann::json>> RpcChannel::receive()
{
    const auto broken = [](const std::string& what) {
        return Error{ErrorCode::BadFormat, what, "standard input"};
    };
    std::size_t headerEnd = 0;
    while ((headerEnd = m_buffer.find("\r\n\r\n")) == std::string::npos) {
        if (m_buffer.size() > kLargestHeader)
            return broken(fmt::format("a message header is longer than {} bytes", kLargestHeader));
        if (!fill())
            return std::optional<nlohmann::json>();
    }
    const std::optional<std::size_t> length =
        contentLength(std::string_view(m_buffer).substr(0, headerEnd + 2));
    if (!length || *length > kLargestBody)
        return broken(fmt::format("expected a Content-Length of at most {} bytes", kLargestBody));
    const std::size_t bodyBegin = headerEnd + 4;
    while (m_buffer.size() < bodyBegin + *length) {
        if (!fill())
            return std::optional<nlohmann::json>();
    }
    nlohmann::json message = nlohmann::json::parse(
        m_buffer.begin() + static_cast<std::ptrdiff_t>(bodyBegin),
        m_buffer.begin() + static_cast<std::ptrdiff_t>(bodyBegin + *length), nullptr, false);
    m_buffer.erase(0, bodyBegin + *length);
    return std::optional<nlohmann::json>(std::move(message));
}

bool RpcChannel::write(std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t wrote = ::write(m_output, bytes.data(), bytes.size());
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false; // the client is gone: the end of input will end us
        bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return true;
}

void RpcChannel::send(const nlohmann::json& message, std::string_view attachment)
{
    const std::string body = message.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    std::string header = fmt::format("Content-Length: {}\r\n", body.size());
    if (!attachment.empty())
        header += fmt::format("Attachment-Length: {}\r\nAttachment-Hash: {:016x}\r\n", attachment.size(),
                              xxh3(std::as_bytes(std::span(attachment))));
    const std::string framed = header + "\r\n" + body;
    const std::lock_guard lock(m_sending);
    if (write(framed))
        write(attachment);
}

void RpcChannel::reply(const nlohmann::json& id, nlohmann::json result, std::string_view attachment)
{
    send({{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}}, attachment);
}

void RpcChannel::replyError(const nlohmann::json& id, int code, const std::string& message,
                            nlohmann::json data)
{
    send({{"jsonrpc", "2.0"},
          {"id", id},
          {"error", {{"code", code}, {"message", message}, {"data", std::move(data)}}}});
}

void RpcChannel::replyError(const nlohmann::json& id, const Error& error, nlohmann::json more)
{
    more["code"] = nameOf(error.code);
    more["exit_code"] = exitCodeOf(error.code);
    more["context"] = textOfContext(error.context);
    replyError(id, kServerError, error.message, std::move(more));
}

void RpcChannel::notify(const char* method, nlohmann::json params)
{
    send({{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}});
}

} // namespace headwater
