// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/headwater_run.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QList>
#include <QProcess>

/// `headwater serve` as a client sees it (docs/engine_protocol.md).
namespace headwater::test {

class EngineProcess {
public:
    bool start(const QString& folder)
    {
        m_buffer.clear();
        notifications.clear();
        process.setWorkingDirectory(folder);
        process.start(headwaterProgram(), {"serve"});
        return process.waitForStarted();
    }

    /// Ends its input; its exit code, -1 where it does not end.
    int end()
    {
        process.closeWriteChannel();
        return process.waitForFinished(60000) ? process.exitCode() : -1;
    }

    void send(const QByteArray& body)
    {
        process.write("Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body);
    }

    void request(int id, const QString& method, const QJsonObject& params = {})
    {
        send(
            QJsonDocument(QJsonObject{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}})
                .toJson());
    }

    void cancel(int id)
    {
        send("{\"jsonrpc\":\"2.0\",\"method\":\"$/cancelRequest\",\"params\":{\"id\":"
             + QByteArray::number(id) + "}}");
    }

    /// The next message, an empty object when none comes; what follows its body goes to `attachment`, the
    /// hash that its header gives of it to `attachmentHash`.
    QJsonObject receive()
    {
        for (;;) {
            const qsizetype end = m_buffer.indexOf("\r\n\r\n");
            if (end >= 0) {
                const QByteArray header = m_buffer.left(end);
                const qsizetype length = field(header, "Content-Length").toLongLong();
                const qsizetype beside = field(header, "Attachment-Length").toLongLong();
                if (m_buffer.size() >= end + 4 + length + beside) {
                    const QJsonObject message =
                        QJsonDocument::fromJson(m_buffer.mid(end + 4, length)).object();
                    attachment = m_buffer.mid(end + 4 + length, beside);
                    attachmentHash = field(header, "Attachment-Hash");
                    m_buffer.remove(0, end + 4 + length + beside);
                    return message;
                }
            }
            if (!process.waitForReadyRead(60000))
                return {};
            m_buffer += process.readAllStandardOutput();
        }
    }

    /// The answer to `id`; notifications before it are kept.
    const QJsonObject answer(int id)
    {
        for (;;) {
            const QJsonObject message = receive();
            if (message.isEmpty() || message["id"].toInt(-1) == id)
                return message;
            notifications.append(message);
        }
    }

    static QString codeOf(const QJsonObject& message) { return message["error"]["data"]["code"].toString(); }

    QProcess process;
    QList<QJsonObject> notifications;
    QByteArray attachment;
    QByteArray attachmentHash;

private:
    static QByteArray field(const QByteArray& header, const QByteArray& name)
    {
        for (const QByteArray& line : header.split('\n'))
            if (line.startsWith(name + ": "))
                return line.mid(name.size() + 2).trimmed();
        return {};
    }

    QByteArray m_buffer;
};

} // namespace headwater::test
