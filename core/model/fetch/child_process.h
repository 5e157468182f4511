// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <functional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace headwater {

struct ChildResult {
    int exitCode = 0; ///< 128 + signal when a signal ended it
    std::string output; ///< the last 64 KiB of its standard output and error
};

/// Runs a program found in PATH to its end, without a shell: no argument is ever interpreted. Its standard
/// input is empty; `environment` is added to ours. `tick` is called about four times a second from this
/// thread. When `stop` is requested the child's whole process group is asked to end (SIGTERM) and killed a
/// second later. The child inherits neither our signal mask nor what we ignore. Errors: Unavailable (no such
/// program), Cancelled, Internal (no pipe, no process).
Result<ChildResult> runChild(const std::vector<std::string>& arguments,
                             const std::vector<std::pair<std::string, std::string>>& environment,
                             const std::function<void()>& tick, std::stop_token stop);

} // namespace headwater
