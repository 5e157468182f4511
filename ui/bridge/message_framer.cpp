// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/message_framer.h"

#include <QByteArrayView>
#include <QList>

namespace headwater {

namespace {

Error broken(const std::string& found)
{
    return Error{ErrorCode::BadFormat,
                 found + ": the engine's output does not follow docs/engine_protocol.md", "engine"};
}

/// The length a header announces, -1 when it announces none.
qsizetype announcedLength(const QByteArray& header)
{
    for (const QByteArray& line : header.split('\n')) {
        const qsizetype colon = line.indexOf(':');
        if (colon < 0 || line.left(colon).trimmed().toLower() != "content-length")
            continue;
        bool number = false;
        const qlonglong length = line.mid(colon + 1).trimmed().toLongLong(&number);
        return number && length >= 0 ? static_cast<qsizetype>(length) : -1;
    }
    return -1;
}

} // namespace

Result<std::optional<nlohmann::json>> MessageFramer::next()
{
    const qsizetype end = m_buffer.indexOf("\r\n\r\n");
    if (end < 0) {
        if (m_buffer.size() > kMaxHeader)
            return broken("no message begins in " + std::to_string(m_buffer.size()) + " bytes");
        return std::optional<nlohmann::json>();
    }
    if (end > kMaxHeader)
        return broken("a header of " + std::to_string(end) + " bytes");
    const qsizetype length = announcedLength(m_buffer.left(end));
    if (length < 0)
        return broken("a header without a Content-Length");
    if (length > kMaxBody)
        return broken("a message of " + std::to_string(length) + " bytes");
    const qsizetype begin = end + 4;
    if (m_buffer.size() - begin < length)
        return std::optional<nlohmann::json>();
    const char* const body = m_buffer.constData() + begin;
    nlohmann::json message = nlohmann::json::parse(body, body + length, nullptr, false);
    m_buffer.remove(0, begin + length);
    if (message.is_discarded() || !message.is_object())
        return broken("a message that is not a JSON object");
    return std::optional<nlohmann::json>(std::move(message));
}

QByteArray MessageFramer::frame(const nlohmann::json& message)
{
    const std::string body = message.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    QByteArray bytes =
        "Content-Length: " + QByteArray::number(static_cast<qulonglong>(body.size())) + "\r\n\r\n";
    bytes.append(body.data(), static_cast<qsizetype>(body.size()));
    return bytes;
}

} // namespace headwater
