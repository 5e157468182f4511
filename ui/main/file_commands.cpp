// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/file_commands.h"

#include "core/base/data_paths.h"
#include "core/trace/trace_command.h"
#include "ui/bridge/path_text.h"
#include "ui/main/command_table.h"
#include "ui/main/error_reports.h"
#include "ui/main/file_session.h"
#include "ui/main/message_bar.h"
#include "ui/main/pages.h"
#include "ui/run/run_page.h"
#include "ui/state/subject.h"
#include "ui/theme/quoted_text.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QFileDialog>
#include <QFileInfo>

namespace headwater {

namespace {

constexpr const char* kSampleTrace = "samples/story.hwt";
constexpr int kRecentNameWidth = 320;
constexpr int kRecentFolderWidth = 320;

} // namespace

FileCommands::FileCommands(const Shell& shell, Pages& pages, QObject* parent)
    : QObject(parent)
    , m_shell(shell)
    , m_pages(pages)
{
    bind();
    wire();
}

void FileCommands::bind()
{
    m_shell.commands.bind(QStringLiteral("file.open"),
                          [this](const CommandArguments& arguments) -> Result<void> {
                              QString path = arguments.text("path");
                              if (path.isEmpty())
                                  path = chosenPath(QFileDialog::getOpenFileName(
                                      &m_shell.window, tr("Open a trace, a model or a text"), {},
                                      tr("Traces, models and texts (*.hwt *.gguf *.safetensors *.txt "
                                         "*.md);;Traces (*.hwt);;Models (*.gguf *.safetensors);;All "
                                         "files (*)")));
                              if (!path.isEmpty())
                                  m_shell.files.open(path, arguments.text("encoding"));
                              return {};
                          });
    m_shell.commands.bind(QStringLiteral("file.sample"), [this](const CommandArguments&) -> Result<void> {
        const std::filesystem::path sample = findResource(kSampleTrace);
        if (sample.empty())
            return Error{ErrorCode::NotFound, "the sample trace is not installed", kSampleTrace};
        m_shell.files.open(pathText(sample));
        return {};
    });
    m_shell.commands.bind(QStringLiteral("file.recent"),
                          [this](const CommandArguments& arguments) -> Result<void> {
                              HEADWATER_TRY_ASSIGN(const std::optional<qint64> number,
                                                   arguments.integer("number", 1, FileSession::kMaxRecent));
                              QStringList others = m_shell.files.recent();
                              others.removeAll(m_shell.files.path());
                              const qsizetype index = number.value_or(1) - 1;
                              if (index >= others.size())
                                  return unavailable(tr("no other trace was open lately"));
                              m_shell.files.open(others.at(index));
                              return {};
                          });
    for (int number = 1; number <= kRecentCommands; ++number)
        m_shell.commands.bind(recentCommand(number), [this, number](const CommandArguments&) -> Result<void> {
            if (number > m_shell.files.recent().size())
                return unavailable(tr("there are not so many recent traces"));
            m_shell.files.open(m_shell.files.recent().at(number - 1));
            return {};
        });
    m_shell.commands.bind(QStringLiteral("file.close"), [this](const CommandArguments&) -> Result<void> {
        m_shell.files.close();
        return {};
    });
    m_shell.commands.bind(QStringLiteral("file.quit"), [this](const CommandArguments&) -> Result<void> {
        m_shell.window.close();
        return {};
    });
    m_shell.commands.bind(
        QStringLiteral("edit.copy_command"), [this](const CommandArguments&) -> Result<void> {
            if (!m_shell.subject.trace())
                return unavailable(tr("no trace is open"));
            const QString command = QString::fromStdString(commandOf(m_shell.subject.trace()->meta()));
            if (command.isEmpty())
                return unavailable(tr("this trace does not say which command made it"));
            QApplication::clipboard()->setText(command);
            m_shell.messages.say(MessageBar::Kind::Notice, tr("Copied: %1").arg(command));
            return {};
        });
}

void FileCommands::wire()
{
    connect(&m_shell.files, &FileSession::modelGiven, this, [this](const QString& path) {
        m_shell.form.setModel(path);
        m_pages.show(Pages::Page::Run);
        m_shell.form.focusModel();
    });
    connect(&m_shell.files, &FileSession::textGiven, this, [this](const QString& text) {
        m_shell.form.setPromptText(text);
        m_pages.show(Pages::Page::Run);
    });
    connect(&m_shell.files, &FileSession::textFileGiven, this,
            [this](const QString& path, qint64 bytes, const QString& encoding) {
                m_shell.form.setPromptFile(path, bytes, encoding);
                m_pages.show(Pages::Page::Run);
            });
    connect(&m_shell.files, &FileSession::encodingFound, this,
            [this](const QString& path, const EncodingSign& sign) {
                m_shell.errors.offerConversion(path, sign);
            });
    connect(&m_shell.files, &FileSession::failed, this,
            [this](const QString& path, const Error& error) { m_shell.errors.show(error, path); });
    connect(&m_shell.files, &FileSession::recentChanged, this, &FileCommands::showRecent);
}

void FileCommands::showRecent()
{
    const QFontMetrics metrics = m_shell.window.fontMetrics();
    for (int number = 1; number <= kRecentCommands; ++number) {
        QAction* const action = m_shell.commands.action(recentCommand(number));
        const bool isThere = number <= m_shell.files.recent().size();
        action->setVisible(isThere);
        if (!isThere)
            continue;
        const QFileInfo file(m_shell.files.recent().at(number - 1));
        const QString name = metrics.elidedText(file.fileName(), Qt::ElideMiddle, kRecentNameWidth);
        const QString folder = metrics.elidedText(file.path(), Qt::ElideMiddle, kRecentFolderWidth);
        action->setText(leftToRight(QStringLiteral("%1   %2").arg(name, folder))
                            .replace(QLatin1Char('&'), QLatin1String("&&")));
        action->setToolTip(leftToRight(file.filePath()));
    }
}

} // namespace headwater
