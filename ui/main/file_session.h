// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/text_encoding.h"
#include "ui/bridge/background_job.h"
#include "ui/bridge/trace_opener.h"
#include "ui/state/subject.h"

#include <QObject>
#include <QStringList>

namespace headwater {

/// Which file the window shows: opening by what a file is, following a growing trace, recent files, saved
/// views. All reading and writing happens in the background.
class FileSession : public QObject {
    Q_OBJECT
public:
    static constexpr int kMaxRecent = 12;

    FileSession(Subject& subject, QObject* parent = nullptr);

    /// A trace is opened; a model or a text is told by its signal, the text converted from `encoding`
    /// (toUtf8) unless that is empty.
    void open(const QString& path, const QString& encoding = {});
    /// `path` has a layer more. Shows it, unless the user has opened another trace since followRun(). Nothing
    /// else ends that: neither a file that cannot be opened nor a text for the next run.
    void refresh(const QString& path);
    /// From now on refresh() may replace what is shown.
    void followRun() { m_following = true; }
    bool isFollowingRun() const { return m_following; }
    void close();

    bool isBusy() const { return m_guess.isRunning() || m_opener.isOpening(); }
    QString path() const; ///< of the open trace, or empty
    /// Whether the open trace is that file, however the path is written.
    bool shows(const QString& path) const;

    const QStringList& recent() const { return m_recent; }
    void setRecent(const QStringList& paths);
    void forget(const QString& path);

    /// Keeps how the open trace is looked at, for the next time it is opened.
    void saveView(const nlohmann::json& view);

signals:
    /// The view state has the new trace. `savedView`: how it was last looked at, or null.
    void opened(const nlohmann::json& savedView);
    void refreshed();
    /// Before the view state loses its trace: the last moment to save the view.
    void aboutToClose();
    void closed();
    void modelGiven(const QString& path);
    void textGiven(const QString& text);
    /// A text that is no text for an editor: it is read, and converted from `encoding`, by the engine.
    void textFileGiven(const QString& path, qint64 bytes, const QString& encoding);
    /// What was given as a text can be converted.
    void encodingFound(const QString& path, const headwater::EncodingSign& sign);
    void failed(const QString& path, const headwater::Error& error);
    void busyChanged();
    void recentChanged();

private:
    void take(std::shared_ptr<const Trace> trace, const nlohmann::json& savedView);
    void remember(const QString& path);

    Subject& m_subject;
    BackgroundJob m_guess;
    TraceOpener m_opener;
    QStringList m_recent;
    bool m_following = false;
};

} // namespace headwater
