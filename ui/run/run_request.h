// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <nlohmann/json.hpp>

namespace headwater {

/// What the window asks the engine to run: the parameters of `run` in docs/engine_protocol.md. A value at its
/// default is not sent, so that the engine's own rule decides.
struct RunRequest {
    QString model = QStringLiteral("builtin:needle");
    QString text; ///< used when promptFile is empty; builtin:needle without either runs a prompt of its own
    QString promptFile;
    QString output; ///< path of the trace
    QString chat = QStringLiteral("auto");
    QString encoding = QStringLiteral("auto"); ///< of promptFile
    QString textTokens = QStringLiteral("auto");
    QString select = QStringLiteral("auto");
    QString propagation = QStringLiteral("auto");
    int keepKeys = 512;
    double keepPeak = -1; ///< negative: the engine's rule
    int blockQ = 0; ///< 0: by length
    int blockK = 0;
    int generate = 16;
    QString predictions = QStringLiteral("auto");
    bool check = false;
    bool keepSession = true; ///< where the engine's estimate allows it: exact rows then need no other forward

    bool hasPrompt() const { return !promptFile.isEmpty() || !text.isEmpty(); }
};

nlohmann::json paramsOf(const RunRequest& request);

/// A new file name for the trace of a run: in the user's data directory, from the model's name and the time.
QString defaultTracePath(const QString& model);

} // namespace headwater
