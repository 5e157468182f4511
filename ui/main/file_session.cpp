// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/file_session.h"

#include "ui/bridge/file_kind.h"
#include "ui/main/view_store.h"
#include "ui/run/prompt_editor.h"

#include <QFileInfo>
#include <QThreadPool>
#include <utility>

namespace headwater {

namespace {

struct Guessed {
    Result<FileGuess> guess;
    std::string text; ///< of a text small enough to edit
};

Guessed guessFile(const std::filesystem::path& path)
{
    Guessed guessed{classifyFile(path), {}};
    if (!guessed.guess || guessed.guess->kind != FileKind::Text)
        return guessed;
    if (guessed.guess->bytes > PromptEditor::kEditableBytes)
        return guessed;
    Result<std::string> text = readTextFile(path, PromptEditor::kEditableBytes);
    if (text)
        guessed.text = std::move(*text);
    else
        guessed.guess = text.error();
    return guessed;
}

} // namespace

FileSession::FileSession(ViewState& view, QObject* parent)
    : QObject(parent)
    , m_view(view)
    , m_guess(this)
    , m_opener(this)
{
    m_opener.setSideReader(loadView);
    connect(&m_guess, &BackgroundJob::runningChanged, this, &FileSession::busyChanged);
    connect(&m_opener, &TraceOpener::openingChanged, this, &FileSession::busyChanged);
    connect(&m_opener, &TraceOpener::failed, this, &FileSession::failed);
    connect(&m_opener, &TraceOpener::opened, this,
            [this](std::shared_ptr<const Trace> trace, const nlohmann::json& savedView) {
                m_following = false; // the user's own choice stays from now on
                take(std::move(trace), savedView);
            });
    connect(&m_opener, &TraceOpener::refreshed, this, [this](std::shared_ptr<const Trace> trace) {
        const bool same = m_view.trace() && m_view.trace()->path() == trace->path();
        if (same) {
            m_view.setTrace(std::move(trace), true);
            emit refreshed();
        } else if (m_following) {
            take(std::move(trace), {});
        }
    });
}

QString FileSession::path() const
{
    return m_view.trace() ? QString::fromStdString(m_view.trace()->path().string()) : QString();
}

bool FileSession::shows(const QString& path) const
{
    return m_view.trace() && QFileInfo(this->path()) == QFileInfo(path);
}

void FileSession::open(const QString& path)
{
    m_guess.start(
        [file = std::filesystem::path(path.toStdString())](std::stop_token) { return guessFile(file); },
        [this, path](Guessed guessed) {
            if (!guessed.guess) {
                emit failed(path, guessed.guess.error());
                return;
            }
            switch (guessed.guess->kind) {
            case FileKind::Trace:
                m_opener.open(path);
                break;
            case FileKind::Model:
                emit modelGiven(path);
                break;
            case FileKind::Text: {
                const QString text =
                    QString::fromUtf8(guessed.text.data(), static_cast<qsizetype>(guessed.text.size()));
                // A text that the editor would change (invalid UTF-8, NUL) stays a file, byte for byte.
                if (!text.isEmpty() && text.toStdString() == guessed.text && !text.contains(QChar(u'\0')))
                    emit textGiven(text);
                else
                    emit textFileGiven(path, static_cast<qint64>(guessed.guess->bytes));
                break;
            }
            }
        });
}

void FileSession::refresh(const QString& path)
{
    m_opener.refresh(path);
}

void FileSession::take(std::shared_ptr<const Trace> trace, const nlohmann::json& savedView)
{
    if (m_view.trace())
        emit aboutToClose();
    const QString path = QString::fromStdString(trace->path().string());
    m_view.setTrace(std::move(trace));
    remember(path);
    emit opened(savedView);
}

void FileSession::close()
{
    m_following = false;
    if (!m_view.trace())
        return;
    emit aboutToClose();
    m_view.setTrace(nullptr);
    emit closed();
}

void FileSession::remember(const QString& path)
{
    m_recent.removeAll(path);
    m_recent.prepend(path);
    m_recent = m_recent.mid(0, kMaxRecent);
    emit recentChanged();
}

void FileSession::forget(const QString& path)
{
    if (m_recent.removeAll(path) > 0)
        emit recentChanged();
}

void FileSession::setRecent(const QStringList& paths)
{
    m_recent = paths.mid(0, kMaxRecent);
    emit recentChanged();
}

void FileSession::saveView(const nlohmann::json& view)
{
    if (!m_view.trace())
        return;
    // Not a BackgroundJob: what is saved must outlive this window, and the program ends only when the pool is
    // idle. A view that cannot be saved is no loss worth a message.
    QThreadPool::globalInstance()->start([file = m_view.trace()->path(), view] {
        [[maybe_unused]] const Result<void> saved = headwater::saveView(file, view);
    });
}

} // namespace headwater
