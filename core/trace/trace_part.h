// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <array>
#include <filesystem>
#include <string_view>

namespace headwater {

/// The first bytes of a file, as far as they tell a trace.
using TraceHead = std::array<char, 72>;
bool isTraceHead(const TraceHead& head);

/// A file beside a trace's place, in which one program at a time makes a new trace. Gone at the end of the
/// scope unless it was moved.
class TracePart {
public:
    /// Opens `path`, or takes over what a killed run left there. Errors: CannotCreate (another program is at
    /// it; what is there is neither empty nor a trace; the system's reason).
    static Result<TracePart> open(const std::filesystem::path& path);
    TracePart(TracePart&& other) noexcept;
    TracePart& operator=(TracePart&&) = delete;
    ~TracePart();

    /// Writes all of the file and syncs it. Errors: Io.
    Result<void> write(std::string_view bytes);
    /// Renames it to `target`, in the same folder, and syncs the folder. Errors: CannotCreate.
    Result<void> moveTo(const std::filesystem::path& target);

private:
    TracePart(std::filesystem::path path, int descriptor);

    std::filesystem::path m_path; ///< empty: moved
    int m_descriptor = -1; ///< holds the lock
};

} // namespace headwater
