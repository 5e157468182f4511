// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/options/run_options.h"

#include <QString>

namespace headwater {

/// What the window asks the engine to run: a run's options, as the window begins with them.
struct RunRequest : RunOptions {
    RunRequest()
    {
        model = "builtin:needle"; // without a prompt it runs one of its own
        keepSession = true; // where the engine's estimate allows it: exact rows then need no other forward
    }

    int begunLayers = 0; ///< with `resume`: those that the trace holds already

    bool hasPrompt() const { return !promptFile.empty() || !prompt.empty() || !turns.empty(); }
};

/// A new file name for the trace of a run: in the user's data directory, from the model's name and the time.
QString defaultTracePath(const QString& model);

} // namespace headwater
