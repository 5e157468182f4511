// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QStringList>
#include <csignal>
#include <functional>
#include <sys/types.h>

/// Runs of the program under test, as a user's shell would start them.
namespace headwater::test {

inline QString headwaterProgram()
{
    return QStringLiteral(HEADWATER_BINARY_DIR "/bin/headwater");
}

struct Outcome {
    int code = -1; ///< of the process; -1 when it did not end, or not by itself
    QByteArray out;
    QByteArray err;

    /// The one JSON document on standard output; empty when there is none, or more.
    const QJsonObject json() const { return QJsonDocument::fromJson(out).object(); }
};

inline Outcome outcomeOf(QProcess& process)
{
    constexpr int kPatienceMs = 3'000'000; // ctest ends what hangs
    const bool ended = process.state() == QProcess::NotRunning || process.waitForFinished(kPatienceMs);
    if (!ended || process.exitStatus() != QProcess::NormalExit)
        return {-1, process.readAllStandardOutput(), process.readAllStandardError()};
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
}

/// Runs `headwater ARGUMENTS` in `folder`. `before` runs in the child first: what setrlimit or open sets.
inline Outcome runHeadwater(const QStringList& arguments, const QString& folder, const QByteArray& input = {},
                            const std::function<void()>& before = {})
{
    QProcess process;
    process.setWorkingDirectory(folder);
    if (before)
        process.setChildProcessModifier(before);
    process.start(headwaterProgram(), arguments);
    process.write(input);
    process.closeWriteChannel();
    return outcomeOf(process);
}

/// Sends a signal to the process unless it has ended: the number 0 would mean our own group.
inline void send(const QProcess& process, int signal)
{
    if (const qint64 id = process.processId(); id > 0)
        ::kill(static_cast<pid_t>(id), signal);
}

} // namespace headwater::test
