// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/interrupt.h"
#include "app/headwater/verb.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <unistd.h>

namespace headwater {
namespace {

/// Replaces this process by the explorer that was built or installed beside it.
Result<int> startExplorer(const std::string& file)
{
    std::error_code failed;
    const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", failed);
    const std::filesystem::path beside = self.parent_path() / "headwater-explorer";
    std::string program = beside.string();
    // What begins as an option or as a URI is a name here: it was taken as one.
    const bool isOdd = file.starts_with('-') || file.starts_with("file:");
    std::string argument = (isOdd ? "./" : "") + file;
    char* arguments[] = {program.data(), argument.empty() ? nullptr : argument.data(), nullptr};
    restoreDefaultSignals(); // they would outlive execv: the explorer would not hear Ctrl-C
    ::execv(program.c_str(), arguments);
    return Error{ErrorCode::Unavailable,
                 std::string("cannot start the explorer: ") + std::strerror(errno)
                     + "; was it built (HEADWATER_GUI=ON)?",
                 program};
}

} // namespace

void addGuiVerb(CLI::App& app, VerbAction& action)
{
    auto file = std::make_shared<std::string>();
    CLI::App* const verb = app.add_subcommand("gui", "start the explorer window, on a trace if one is given");
    verb->add_option("file", *file, "a trace (*.hwt), a model or a text")->transform(fileName());
    verb->callback([file, &action] { action = [file](const VerbContext&) { return startExplorer(*file); }; });
}

} // namespace headwater
