// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/message_framer.h"

#include "core/base/hash.h"

#include <QList>
#include <span>

namespace headwater {

namespace {

Error broken(const std::string& found)
{
    return Error{ErrorCode::BadFormat,
                 found + ": the engine's output does not follow docs/engine_protocol.md", "engine"};
}

/// The value of a header field; null where it has none.
QByteArray fieldOf(const QByteArray& header, const char* name)
{
    for (const QByteArray& line : header.split('\n')) {
        const qsizetype colon = line.indexOf(':');
        if (colon >= 0 && line.left(colon).trimmed().toLower() == name)
            return line.mid(colon + 1).trimmed();
    }
    return {};
}

/// A length that a header announces; -1 where it is missing or no number.
qsizetype lengthOf(const QByteArray& header, const char* name)
{
    bool number = false;
    const qlonglong length = fieldOf(header, name).toLongLong(&number);
    return number && length >= 0 ? static_cast<qsizetype>(length) : -1;
}

} // namespace

Result<std::optional<EngineMessage>> MessageFramer::next()
{
    const qsizetype end = m_buffer.indexOf("\r\n\r\n");
    if (end < 0) {
        if (m_buffer.size() > kMaxHeader)
            return broken("no message begins in " + std::to_string(m_buffer.size()) + " bytes");
        return std::optional<EngineMessage>();
    }
    if (end > kMaxHeader)
        return broken("a header of " + std::to_string(end) + " bytes");
    const QByteArray header = m_buffer.left(end);
    const qsizetype length = lengthOf(header, "content-length");
    if (length < 0)
        return broken("a header without a Content-Length");
    if (length > kMaxBody)
        return broken("a message of " + std::to_string(length) + " bytes");
    const bool attached = !fieldOf(header, "attachment-length").isNull();
    const qsizetype beside = attached ? lengthOf(header, "attachment-length") : 0;
    if (beside < 0 || beside > kMaxAttachment)
        return broken("an attachment of " + fieldOf(header, "attachment-length").toStdString() + " bytes");
    const qsizetype begin = end + 4;
    if (m_buffer.size() - begin < length + beside)
        return std::optional<EngineMessage>();
    const char* const body = m_buffer.constData() + begin;
    EngineMessage message{nlohmann::json::parse(body, body + length, nullptr, false),
                          m_buffer.mid(begin + length, beside)};
    m_buffer.remove(0, begin + length + beside);
    if (message.body.is_discarded() || !message.body.is_object())
        return broken("a message that is not a JSON object");
    if (attached) {
        const std::uint64_t hash =
            xxh3(std::as_bytes(std::span(message.attachment.constData(), static_cast<std::size_t>(beside))));
        bool number = false;
        if (fieldOf(header, "attachment-hash").toULongLong(&number, 16) != hash || !number)
            return broken("an attachment whose bytes are not those that were sent");
    }
    return std::optional<EngineMessage>(std::move(message));
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
