// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/trace/trace_file.h"
#include "core/trace/trace_place.h"

#include <chrono>
#include <filesystem>
#include <system_error>
#include <thread>

namespace headwater {

/// Reads a trace by `read()`, which gives a Result, and reads it again where a run took the file's place,
/// began to write it or ended meanwhile: what `read` met then is no fault of the file. A few times at most,
/// as runs begin and end seldom.
template <class Read> auto readUndisturbed(const std::filesystem::path& path, const Read& read)
{
    constexpr int kLooks = 5;
    // A run that replaces an unfinished trace removes it first.
    constexpr std::chrono::milliseconds kPause(10);
    const auto hasLog = [&path] {
        std::error_code error;
        return std::filesystem::exists(walPathOf(path), error);
    };
    for (int look = 1;; ++look) {
        const FileIdentity identity = identityOf(path);
        const bool hadLog = hasLog();
        auto result = read();
        const bool isBeingPlaced = look > 1 && !result && result.error().code == ErrorCode::NotFound;
        if (look == kLooks || (!isBeingPlaced && identityOf(path) == identity && hasLog() == hadLog))
            return result;
        std::this_thread::sleep_for(kPause);
    }
}

} // namespace headwater
