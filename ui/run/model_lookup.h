// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QString>
#include <QStringList>
#include <memory>
#include <vector>

class QProcess;

namespace headwater {

/// What `headwater models --json` says of a model: headers were read, nothing was loaded.
struct SeenModel {
    QString name; ///< as the engine takes it
    QString description; ///< "gemma3 · Q8_0 + Q4_K · 241 MiB · …", or what it is for
    QString license;
    QString path; ///< empty: built in, or not found
    QString revision; ///< of the Hub's cache
    QString architecture;
    QString storedAs;
    quint64 bytes = 0;
    bool isPresent = false; ///< false: it is to be fetched
    bool isSeen = false; ///< something lies where the name leads
    bool runs = false;
    QString refusal; ///< why it does not run
};

/// Looks at models in a process of its own: neither the window nor the engine waits for a slow disk. A new
/// question takes the place of the one under way. Threads: the UI thread; nothing waits, except the
/// destructor (at most 2 s).
class ModelLookup : public QObject {
    Q_OBJECT
public:
    /// `program`: the command line's, which is the engine's too.
    explicit ModelLookup(QString program, QObject* parent = nullptr);
    ~ModelLookup() override;

    /// Of these names, or, without any, of all known models and those of the Hub's cache.
    void start(const QStringList& names = {});
    void cancel();
    bool isRunning() const { return m_process != nullptr; }

signals:
    void runningChanged();
    /// As asked for. Nothing where the program cannot be started or dies: the engine says so louder.
    void found(const std::vector<headwater::SeenModel>& models);

private:
    void end();

    QString m_program;
    QProcess* m_process = nullptr; ///< the question under way
};

} // namespace headwater
