// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/trace/trace_part.h"

#include <cstdint>
#include <filesystem>
#include <shared_mutex>
#include <string_view>

namespace headwater {

/// Which file stands at a path, whatever its name.
struct FileIdentity {
    std::uint64_t device = 0;
    std::uint64_t number = 0;
    std::int64_t born = 0; ///< ns since 1970: a removed file's number is given away; 0 where no system tells

    bool operator==(const FileIdentity&) const = default;
};

/// All zero when there is none.
FileIdentity identityOf(const std::filesystem::path& path);

/// Puts a new trace, given by its first bytes, in its place: written to NAME.part beside it, synced, and
/// renamed. An older single file stays until then; one with companions is removed just before, for they would
/// be taken for the new trace's own. A NAME.part that a killed run left is taken over. Errors: CannotCreate
/// (there is no such folder, there is a file and not `replace`, it is no trace, another program has it open
/// or creates it), Io (also a full disk).
Result<FileIdentity> putTrace(const std::filesystem::path& path, std::string_view bytes, bool replace);

/// While it lives no trace of this process is put in its place. A reader needs it between opening a file and
/// taking SQLite's lock: between processes the locks of the log's index do the rest, but threads of one share
/// them.
std::shared_lock<std::shared_mutex> keepPlaces();

/// Keeps other writers away from a trace that stands at `path` for as long as the result lives. Errors:
/// CannotCreate (no such folder, another program has the trace open, or makes or goes on with it).
Result<TracePart> claimTrace(const std::filesystem::path& path);

/// Refuses to write anything but a trace over one: an export into its own input must not cost the run.
/// Errors: CannotCreate. It closes a descriptor of the file, so a process that reads that trace loses its
/// locks.
Result<void> refuseTracePlace(const std::filesystem::path& path);

} // namespace headwater
