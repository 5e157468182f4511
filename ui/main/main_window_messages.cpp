// SPDX-License-Identifier: GPL-3.0-or-later
// What the window says went wrong, where it stands, and when it goes.
#include "ui/main/error_remedies.h"
#include "ui/main/main_window.h"
#include "ui/main/message_bar.h"
#include "ui/map/map_pane.h"
#include "ui/map/map_view.h"
#include "ui/map/view_geometry.h"
#include "ui/theme/quoted_text.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace headwater {

namespace {

constexpr int kCaptionRoom = 160; ///< pixels from a locked key's mark to the end of its caption

/// What was asked for could not be done: the line goes with the next thing that can.
QString aboutCommand()
{
    return QStringLiteral("command");
}

} // namespace

void MainWindow::wireMessages()
{
    m_pages->installEventFilter(this);
    connect(m_messages, &MessageBar::linesChanged, this, &MainWindow::placeMessages);
    connect(&m_subject, &Subject::lockedChanged, this, &MainWindow::placeMessages);
    connect(&m_mapLook, &MapLook::viewportChanged, this, [this] { // with every frame of a pan
        if (!m_messages->isHidden())
            placeMessages(); // the locked key's caption moved
    });
    connect(&m_reader, &ViewReader::readFailed, this, &MainWindow::showDamage);
    connect(m_commands, &CommandTable::failed, this, [this](const Error& error) { showError(error); });
    connect(m_commands, &CommandTable::succeeded, this, [this] { m_messages->clear(aboutCommand()); });
}

void MainWindow::placeMessages()
{
    auto* const layout = static_cast<QVBoxLayout*>(centralWidget()->layout());
    if (m_pages->currentWidget() != m_map) {
        if (layout->indexOf(m_messages) < 0)
            layout->insertWidget(0, m_messages);
        return;
    }
    layout->removeWidget(m_messages);
    const QRect place = m_pages->geometry();
    const QSize size = m_messages->sizeWithin(place.width());
    // At the right, above the future; at the left where that would hide the locked key's caption.
    int left = place.right() + 1 - size.width();
    if (const std::optional<std::uint32_t> key = m_subject.locked().key) {
        const int at = place.left() + m_map->view()->x()
            + static_cast<int>(pixelAt(m_mapLook.viewport(), *key + 0.5, 0).x());
        if (at + kCaptionRoom > left && at - size.width() > place.left())
            left = place.left();
    }
    m_messages->setGeometry(left, place.top(), size.width(), size.height());
    m_messages->raise();
}

void MainWindow::showError(const Error& error, const QString& path, const QString& topic)
{
    const QString text = QString::fromStdString(error.text());
    const bool named = path.isEmpty() || withoutIsolates(text).contains(path);
    const QString whole = named ? text : path + QStringLiteral(": ") + text;
    std::vector<MessageAction> actions;
    for (const Remedy& remedy : remediesFor(error, path)) {
        if (m_commands->action(remedy.command)->isEnabled() && actions.empty())
            actions.push_back(commandAction(remedy.command, remedy.text));
    }
    if (m_files.recent().contains(path))
        actions.push_back({QStringLiteral("error_forget"), tr("Take it off the list"),
                           [this, path] { m_files.forget(path); }});
    if (actions.empty())
        actions.push_back({QStringLiteral("error_copy"), tr("Copy the message"),
                           [whole] { QApplication::clipboard()->setText(withoutIsolates(whole)); }});
    m_messages->say(MessageBar::Kind::Error, whole, std::move(actions),
                    !topic.isEmpty()     ? topic
                        : path.isEmpty() ? aboutCommand()
                                         : path);
    emit errorShown(error);
}

void MainWindow::offerConversion(const QString& path, const EncodingSign& sign)
{
    const QString from = QString::fromStdString(sign.name);
    const QString text = sign.isUtf8
        ? tr("%1 begins with a byte-order mark, which would be a token of the prompt").arg(path)
        : tr("%1 is %2: the models here read UTF-8").arg(path, QString::fromStdString(sign.what));
    m_messages->say(MessageBar::Kind::Caution, text,
                    {{QStringLiteral("convert_prompt"),
                      sign.isUtf8 ? tr("Leave it out") : tr("Convert from %1").arg(from),
                      [this, path, from] {
                          m_messages->clear(path);
                          m_files.open(path, from);
                      }}},
                    path);
}

void MainWindow::showDamage(const Error& failure)
{
    const QString text = QString::fromStdString(failure.text());
    if (m_toldDamage.contains(text))
        return;
    m_toldDamage.append(text);
    showError(failure, m_files.path(), m_files.path() + QLatin1Char('\n') + text); // beside other damage
}

} // namespace headwater
