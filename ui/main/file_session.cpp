// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/file_session.h"

#include "core/base/text_encoding.h"
#include "ui/bridge/file_kind.h"
#include "ui/bridge/path_text.h"
#include "ui/main/view_store.h"
#include "ui/run/prompt_editor.h"

#include <QThreadPool>
#include <utility>

namespace headwater {

namespace {

struct Guessed {
    Result<FileGuess> guess;
    std::string text; ///< of a text small enough to edit
    std::optional<EncodingSign> encoding; ///< of a text that is to be offered for conversion
};

/// `encoding`: what a text is to be converted from; empty: it is taken as it is.
Guessed guessFile(const std::filesystem::path& path, const std::string& encoding)
{
    Guessed guessed{classifyFile(path), {}, {}};
    if (!guessed.guess || guessed.guess->kind != FileKind::Text)
        return guessed;
    if (encoding.empty())
        guessed.encoding = encodingOf(guessed.guess->head);
    if (guessed.guess->bytes > PromptEditor::kEditableBytes)
        return guessed;
    Result<std::string> text = readTextFile(path, PromptEditor::kEditableBytes);
    if (text && !encoding.empty())
        text = toUtf8(*text, encoding);
    if (text)
        guessed.text = std::move(*text);
    else
        guessed.guess = text.error();
    return guessed;
}

} // namespace

FileSession::FileSession(Subject& subject, QObject* parent)
    : QObject(parent)
    , m_subject(subject)
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
        const bool same = m_subject.trace() && m_subject.trace()->path() == trace->path();
        if (same) {
            m_subject.setTrace(std::move(trace), true);
            emit refreshed();
        } else if (m_following) {
            take(std::move(trace), {});
        }
    });
}

QString FileSession::path() const
{
    return m_subject.trace() ? pathText(m_subject.trace()->path()) : QString();
}

bool FileSession::shows(const QString& path) const
{
    std::error_code ignored;
    const std::filesystem::path file = pathOf(path);
    return m_subject.trace()
        && (m_subject.trace()->path() == file
            || std::filesystem::equivalent(m_subject.trace()->path(), file, ignored));
}

void FileSession::open(const QString& path, const QString& encoding)
{
    m_guess.start(
        [file = pathOf(path), from = encoding.toStdString()](std::stop_token) {
            return guessFile(file, from);
        },
        [this, path, encoding](Guessed guessed) {
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
                    emit textFileGiven(path, static_cast<qint64>(guessed.guess->bytes), encoding);
                if (guessed.encoding)
                    emit encodingFound(path, *guessed.encoding);
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
    if (m_subject.trace())
        emit aboutToClose();
    const QString path = pathText(trace->path());
    m_subject.setTrace(std::move(trace));
    remember(path);
    emit opened(savedView);
}

void FileSession::close()
{
    m_following = false;
    if (!m_subject.trace())
        return;
    emit aboutToClose();
    m_subject.setTrace(nullptr);
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
    if (!m_subject.trace())
        return;
    // Not a BackgroundJob: what is saved must outlive this window, and the program ends only when the pool is
    // idle. A view that cannot be saved is no loss worth a message.
    QThreadPool::globalInstance()->start([file = m_subject.trace()->path(), view] {
        [[maybe_unused]] const Result<void> saved = headwater::saveView(file, view);
    });
}

} // namespace headwater
