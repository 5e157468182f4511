// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/error_reports.h"

#include "ui/main/command_table.h"
#include "ui/main/error_remedies.h"
#include "ui/main/file_session.h"
#include "ui/theme/quoted_text.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>

namespace headwater {

namespace {

/// What was asked for could not be done: the line goes with the next thing that can.
QString aboutCommand()
{
    return QStringLiteral("command");
}

} // namespace

MessageAction commandAction(CommandTable& commands, const QString& command, const QString& text)
{
    return {QString(command).replace(QLatin1Char('.'), QLatin1Char('_')), text,
            [&commands, command] { commands.action(command)->trigger(); }};
}

ErrorReports::ErrorReports(CommandTable& commands, FileSession& files, MessageBar& messages, QObject* parent)
    : QObject(parent)
    , m_commands(commands)
    , m_files(files)
    , m_messages(messages)
{
    connect(&commands, &CommandTable::failed, this, [this](const Error& error) { show(error); });
    connect(&commands, &CommandTable::succeeded, this, [this] { m_messages.clear(aboutCommand()); });
}

void ErrorReports::show(const Error& error, const QString& path, const QString& topic)
{
    const QString text = QString::fromStdString(error.text());
    const bool named = path.isEmpty() || withoutIsolates(text).contains(path);
    const QString whole = named ? text : path + QStringLiteral(": ") + text;
    std::vector<MessageAction> actions;
    for (const Remedy& remedy : remediesFor(error, path)) {
        if (m_commands.action(remedy.command)->isEnabled() && actions.empty())
            actions.push_back(commandAction(m_commands, remedy.command, remedy.text));
    }
    if (m_files.recent().contains(path))
        actions.push_back({QStringLiteral("error_forget"), tr("Take it off the list"),
                           [this, path] { m_files.forget(path); }});
    if (actions.empty())
        actions.push_back({QStringLiteral("error_copy"), tr("Copy the message"),
                           [whole] { QApplication::clipboard()->setText(withoutIsolates(whole)); }});
    m_messages.say(MessageBar::Kind::Error, whole, std::move(actions),
                   !topic.isEmpty()     ? topic
                       : path.isEmpty() ? aboutCommand()
                                        : path);
    emit shown(error);
}

void ErrorReports::offerConversion(const QString& path, const EncodingSign& sign)
{
    const QString from = QString::fromStdString(sign.name);
    const QString text = sign.isUtf8
        ? tr("%1 begins with a byte-order mark, which would be a token of the prompt").arg(path)
        : tr("%1 is %2: the models here read UTF-8").arg(path, QString::fromStdString(sign.what));
    m_messages.say(MessageBar::Kind::Caution, text,
                   {{QStringLiteral("convert_prompt"),
                     sign.isUtf8 ? tr("Leave it out") : tr("Convert from %1").arg(from),
                     [this, path, from] {
                         m_messages.clear(path);
                         m_files.open(path, from);
                     }}},
                   path);
}

void ErrorReports::showDamage(const Error& failure)
{
    const QString text = QString::fromStdString(failure.text());
    if (m_toldDamage.contains(text))
        return;
    m_toldDamage.append(text);
    show(failure, m_files.path(), m_files.path() + QLatin1Char('\n') + text); // beside other damage
}

} // namespace headwater
