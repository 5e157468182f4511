// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/message_frames.h"
#include "core/base/result.h"

#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace headwater {

/// JSON-RPC 2.0 messages on two file descriptors (docs/engine_protocol.md). Sending is
/// thread-safe.
class RpcChannel {
public:
    RpcChannel(int input, int output)
        : m_input(input)
        , m_output(output)
    {
    }

    /// The next message; nothing at the end of input. Errors: BadFormat (framing is broken or too large: the
    /// connection is over). A body that is not JSON comes as a discarded value.
    Result<std::optional<nlohmann::json>> receive();

    int input() const { return m_input; }
    bool hasBuffered() const { return !m_frames.isEmpty(); }

    /// `attachment`: bytes that follow the body, counted and hashed in the header.
    void send(const nlohmann::json& message, std::string_view attachment = {});
    void reply(const nlohmann::json& id, nlohmann::json result, std::string_view attachment = {});
    void replyError(const nlohmann::json& id, int code, const std::string& message, nlohmann::json data);
    void replyError(const nlohmann::json& id, const Error& error,
                    nlohmann::json more = nlohmann::json::object());
    void notify(const char* method, nlohmann::json params);

private:
    bool fill();
    bool write(std::string_view bytes);

    int m_input;
    int m_output;
    FrameReader m_frames{"standard input", 0}; ///< clients send no attachments
    std::mutex m_sending;
};

} // namespace headwater
