// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/parallel/progress.h"

#include <filesystem>
#include <stop_token>
#include <vector>

namespace headwater {

/// What `headwater verify` found: every damaged place by name. Empty: the trace is whole.
struct VerifyReport {
    bool isOpened = true; ///< false: the one damage says why the file could not be opened as a trace; nothing
                          ///< else was looked at
    bool sealed = false;
    std::uint64_t blobsChecked = 0;
    std::uint64_t bytesChecked = 0;
    int finishedLayers = 0;
    std::vector<Error> damage;
};

/// Reads and checks everything in a trace: hashes, the seal, SQLite's own integrity, and the meaning of every
/// index.
Result<VerifyReport> verifyTrace(const std::filesystem::path& path, const ProgressSink& progress = {},
                                 std::stop_token stop = {});

} // namespace headwater
