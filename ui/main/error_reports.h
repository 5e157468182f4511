// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/text_encoding.h"
#include "ui/main/message_bar.h"

#include <QObject>
#include <QString>
#include <QStringList>

namespace headwater {

class CommandTable;
class FileSession;

/// What a window says went wrong, in its message bar: with what to do about it, and once.
class ErrorReports : public QObject {
    Q_OBJECT
public:
    ErrorReports(CommandTable& commands, FileSession& files, MessageBar& messages, QObject* parent);

    /// In the bar in place of what was said about `topic`; by itself the path, or the last command.
    void show(const Error& error, const QString& path = {}, const QString& topic = {});
    /// Part of the open trace cannot be read: said once, however many views want it.
    void showDamage(const Error& failure);
    /// Another trace: what was said of the one before may be said again.
    void forgetDamage() { m_toldDamage.clear(); }
    /// The prompt in `path` is of another encoding: the button that has the next run convert it.
    void offerConversion(const QString& path, const EncodingSign& sign);

signals:
    void shown(const headwater::Error& error); ///< scripts end with it

private:
    CommandTable& m_commands;
    FileSession& m_files;
    MessageBar& m_messages;
    QStringList m_toldDamage; ///< of the open trace
};

/// The button of a message that triggers a command.
MessageAction commandAction(CommandTable& commands, const QString& command, const QString& text);

} // namespace headwater
