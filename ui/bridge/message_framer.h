// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QByteArray>
#include <nlohmann/json.hpp>
#include <optional>

namespace headwater {

/// Cuts a byte stream into the messages of docs/engine_protocol.md (Content-Length framing) and back.
/// The stream comes from another process: every length is checked.
class MessageFramer {
public:
    static constexpr qsizetype kMaxHeader = 4096;
    static constexpr qsizetype kMaxBody = qsizetype{64} << 20;

    void append(const QByteArray& bytes) { m_buffer.append(bytes); }

    /// The next whole message; nothing while it is incomplete. Errors: BadFormat (header, length, not JSON):
    /// after the first one the stream cannot be trusted any more.
    Result<std::optional<nlohmann::json>> next();

    static QByteArray frame(const nlohmann::json& message);

private:
    QByteArray m_buffer;
};

} // namespace headwater
