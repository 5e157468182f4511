// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QByteArray>
#include <nlohmann/json.hpp>
#include <optional>

namespace headwater {

/// One message of the engine, and the numbers that came beside its JSON.
struct EngineMessage {
    nlohmann::json body; ///< an object
    QByteArray attachment; ///< its hash has been checked
};

/// Cuts a byte stream into the messages of docs/engine_protocol.md (Content-Length framing) and back.
/// The stream comes from another process: every length is checked.
class MessageFramer {
public:
    static constexpr qsizetype kMaxHeader = 4096;
    static constexpr qsizetype kMaxBody = qsizetype{64} << 20;
    static constexpr qsizetype kMaxAttachment = qsizetype{256} << 20;

    void append(const QByteArray& bytes) { m_buffer.append(bytes); }

    /// The next whole message; nothing while it is incomplete. Errors: BadFormat (header, length, hash, not
    /// JSON): after the first one the stream cannot be trusted any more.
    Result<std::optional<EngineMessage>> next();

    static QByteArray frame(const nlohmann::json& message);

private:
    QByteArray m_buffer;
};

} // namespace headwater
