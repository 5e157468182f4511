// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/view_store.h"

#include "core/base/hash.h"

#include <QString>
#include <cstdlib>
#include <fstream>
#include <span>

namespace headwater {

namespace {

constexpr std::uintmax_t kMaxBytes = 64 * 1024;

std::filesystem::path stateDirectory()
{
    const char* const xdg = std::getenv("XDG_STATE_HOME");
    if (xdg && *xdg == '/')
        return std::filesystem::path(xdg) / "headwater";
    const char* const home = std::getenv("HOME");
    return std::filesystem::path(home && *home ? home : "/") / ".local/state/headwater";
}

} // namespace

std::filesystem::path viewFileOf(const std::filesystem::path& trace)
{
    std::error_code failed;
    const std::filesystem::path whole = std::filesystem::weakly_canonical(trace, failed);
    const std::string name = (failed ? trace : whole).string();
    const QString hash =
        QString::number(xxh3(std::as_bytes(std::span(name))), 16).rightJustified(16, QLatin1Char('0'));
    return stateDirectory() / "views" / (hash.toStdString() + ".json");
}

nlohmann::json loadView(const std::filesystem::path& trace)
{
    const std::filesystem::path path = viewFileOf(trace);
    std::error_code failed;
    if (!std::filesystem::is_regular_file(path, failed)
        || std::filesystem::file_size(path, failed) > kMaxBytes)
        return {};
    std::ifstream file(path);
    nlohmann::json view = nlohmann::json::parse(file, nullptr, false);
    return view.is_object() ? view : nlohmann::json();
}

Result<void> saveView(const std::filesystem::path& trace, const nlohmann::json& view)
{
    const std::filesystem::path path = viewFileOf(trace);
    std::error_code failed;
    std::filesystem::create_directories(path.parent_path(), failed);
    const std::filesystem::path fresh = path.string() + ".new";
    {
        std::ofstream file(fresh, std::ios::trunc);
        file << view.dump(1) << '\n';
        if (!file.flush())
            return Error{ErrorCode::Io, "the view could not be saved", fresh.string()};
    }
    std::filesystem::rename(fresh, path, failed);
    if (failed)
        return Error{ErrorCode::Io, "the view could not be saved: " + failed.message(), path.string()};
    return {};
}

} // namespace headwater
