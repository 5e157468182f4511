// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/rpc_channel.h"

#include "core/base/file_name.h"

#include <cerrno>
#include <unistd.h>

namespace headwater {
namespace {

constexpr int kServerError = -32000;

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
        m_frames.append({chunk, static_cast<std::size_t>(got)});
        return true;
    }
}

Result<std::optional<nlohmann::json>> RpcChannel::receive()
{
    for (;;) {
        Result<std::optional<FramedMessage>> message = m_frames.next();
        if (!message)
            return message.error();
        if (*message)
            return std::optional<nlohmann::json>(std::move((*message)->body));
        if (!fill())
            return std::optional<nlohmann::json>();
    }
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
    const std::string bytes = framed(message, attachment);
    const std::lock_guard lock(m_sending);
    if (write(bytes))
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
