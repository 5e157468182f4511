// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ctime>
#include <fstream>
#include <string>

/// What this process takes, from the kernel's own counts.
namespace headwater {

/// Processor time in milliseconds: of the whole process, or of the calling thread alone
/// (CLOCK_THREAD_CPUTIME_ID). It tells of the program however busy the machine is.
inline double processorMilliseconds(clockid_t whose)
{
    timespec now{};
    clock_gettime(whose, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

/// Anonymous resident memory; 0 where the kernel does not tell.
inline double anonymousMebibytes()
{
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("RssAnon:"))
            return std::stod(line.substr(8)) / 1024;
    }
    return 0;
}

} // namespace headwater
