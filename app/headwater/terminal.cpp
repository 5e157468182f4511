// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/verb.h"
#include "core/base/text.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace headwater {
namespace {

std::atomic<bool> barOnScreen = false; // the terminal's state, not the program's

} // namespace

void printJson(const nlohmann::json& json)
{
    const std::string text = json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fputc('\n', stdout);
}

void printName(const std::filesystem::path& path)
{
    const std::string name = ::isatty(STDOUT_FILENO) == 0 ? path.string() : printable(path.string());
    std::fwrite(name.data(), 1, name.size(), stdout);
    std::fputc('\n', stdout);
}

ProgressSink terminalProgress()
{
    if (::isatty(STDERR_FILENO) == 0)
        return {};
    auto last = std::make_shared<std::chrono::steady_clock::time_point>();
    return [last](const Progress& progress) {
        constexpr auto kInterval = std::chrono::milliseconds(100);
        const auto now = std::chrono::steady_clock::now();
        if (progress.done < progress.total && now - *last < kInterval)
            return;
        *last = now;
        constexpr std::uint64_t kWidth = 30;
        const std::uint64_t filled = progress.total == 0 ? 0 : progress.done * kWidth / progress.total;
        const std::string left =
            progress.secondsLeft < 0 ? "" : ", " + humanSeconds(progress.secondsLeft) + " left";
        const std::string line = fmt::format("\r\x1b[K{:<10} [{}{}] {}/{} {}{}", progress.phase,
                                             std::string(filled, '#'), std::string(kWidth - filled, '.'),
                                             progress.done, progress.total, progress.unit, left);
        std::fwrite(line.data(), 1, line.size(), stderr);
        std::fflush(stderr);
        barOnScreen = true;
    };
}

void endTerminalProgress()
{
    if (barOnScreen.exchange(false))
        std::fputs("\r\x1b[K", stderr);
}

void printNotes(const std::vector<std::string>& notes)
{
    for (const std::string& note : notes)
        std::fprintf(stderr, "note: %s\n", note.c_str());
}

} // namespace headwater
