// SPDX-License-Identifier: Apache-2.0
#include "core/base/control_group.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <deque>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace headwater {
namespace {

namespace fs = std::filesystem;

using Pieces = std::vector<std::string>;

std::vector<std::string_view> split(std::string_view text, char separator)
{
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t end = text.find(separator);
        if (end != 0 && !text.empty())
            parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos)
            return parts;
        text.remove_prefix(end + 1);
    }
}

Pieces piecesOf(std::string_view path)
{
    const auto parts = split(path, '/');
    return {parts.begin(), parts.end()};
}

/// mountinfo writes white space and backslashes as \ooo.
std::string unescaped(std::string_view text)
{
    const auto isOctal = [](char c) { return c >= '0' && c <= '7'; };
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 3 < text.size() && isOctal(text[i + 1]) && isOctal(text[i + 2])
            && isOctal(text[i + 3])) {
            out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + text[i + 3] - '0');
            i += 3;
        } else {
            out += text[i];
        }
    }
    return out;
}

bool lists(std::string_view commaSeparated, std::string_view name)
{
    const auto parts = split(commaSeparated, ',');
    return std::find(parts.begin(), parts.end(), name) != parts.end();
}

/// A place where a hierarchy is mounted.
struct Mount {
    fs::path point;
    Pieces top; ///< the path, inside the hierarchy, of the group that is seen at `point`
};

/// Where the hierarchy is mounted: of v2, or that of a controller of v1.
std::vector<Mount> mountsOf(std::string_view mountInfo, bool isUnified, std::string_view controller,
                            const fs::path& root)
{
    std::vector<Mount> mounts;
    for (const std::string_view line : split(mountInfo, '\n')) {
        // id parent device root point options [optional…] - type source superoptions
        const auto fields = split(line, ' ');
        const auto dash = std::find(fields.begin(), fields.end(), "-");
        if (dash - fields.begin() < 6 || fields.end() - dash < 4)
            continue;
        const bool isOurs =
            isUnified ? dash[1] == "cgroup2" : dash[1] == "cgroup" && lists(dash[3], controller);
        if (isOurs)
            mounts.push_back(
                {root / fs::path(unescaped(fields[4])).relative_path(), piecesOf(unescaped(fields[3]))});
    }
    return mounts;
}

/// The group of `path` as it is seen at the mount; none where it lies outside of what is mounted, or where a
/// namespace hides its name ("/..").
std::optional<fs::path> visibleAt(const Mount& mount, const Pieces& path)
{
    if (path.size() < mount.top.size() || !std::equal(mount.top.begin(), mount.top.end(), path.begin()))
        return std::nullopt;
    fs::path folder = mount.point;
    for (auto piece = path.begin() + static_cast<std::ptrdiff_t>(mount.top.size()); piece != path.end();
         ++piece) {
        if (*piece == "..")
            return std::nullopt;
        folder /= *piece;
    }
    return folder;
}

/// The group below `top` that lists this process; `top` itself when none does: its limit may not be ours, but
/// a run that asks for more may well be killed by it.
fs::path folderOfThisProcess(const fs::path& top)
{
    constexpr std::size_t kMostGroups = 4096;
    const std::string own = std::to_string(::getpid());
    std::deque<fs::path> waiting{top};
    for (std::size_t seen = 0; !waiting.empty() && seen < kMostGroups; ++seen) {
        const fs::path folder = std::move(waiting.front());
        waiting.pop_front();
        const SystemText members = readSystemText(folder / "cgroup.procs");
        const auto lines = split(members.text, '\n');
        if (std::find(lines.begin(), lines.end(), own) != lines.end())
            return folder;
        std::error_code error;
        for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
             entry.increment(error)) {
            std::error_code unknown;
            if (entry->is_directory(unknown) && !entry->is_symlink(unknown))
                waiting.push_back(entry->path());
        }
    }
    return top;
}

/// From the group of `path` up to the top of the mount that shows the most of the way.
void appendGroups(std::vector<Mount> mounts, const std::optional<Pieces>& path, bool isUnified,
                  std::vector<ControlGroup>& groups)
{
    std::erase_if(mounts, [](const Mount& mount) {
        std::error_code error;
        return !fs::is_directory(mount.point, error); // hidden by another mount
    });
    if (mounts.empty())
        return;
    std::stable_sort(mounts.begin(), mounts.end(),
                     [](const Mount& a, const Mount& b) { return a.top.size() < b.top.size(); });
    const Mount* mount = &mounts.front();
    std::optional<fs::path> own;
    for (const Mount& tried : mounts) {
        if (path && (own = visibleAt(tried, *path))) {
            mount = &tried;
            break;
        }
    }
    fs::path folder = own ? *own : folderOfThisProcess(mount->point);
    for (;; folder = folder.parent_path()) {
        groups.push_back({folder, isUnified});
        if (folder == mount->point || folder == folder.parent_path())
            return;
    }
}

} // namespace

std::vector<ControlGroup> controlGroupsOf(std::string_view controller, const fs::path& root)
{
    const SystemText membership = readSystemText(root / "proc/self/cgroup");
    std::optional<Pieces> unified;
    std::optional<Pieces> own;
    for (const std::string_view line : split(membership.text, '\n')) {
        // id:controllers:path, 0::path for v2; the path may hold colons
        const std::size_t first = line.find(':');
        const std::size_t second = line.find(':', first == std::string_view::npos ? first : first + 1);
        if (second == std::string_view::npos)
            continue;
        const std::string_view controllers = line.substr(first + 1, second - first - 1);
        if (line.substr(0, first) == "0" && controllers.empty())
            unified = piecesOf(line.substr(second + 1));
        else if (lists(controllers, controller))
            own = piecesOf(line.substr(second + 1));
    }
    const SystemText mountInfo = readSystemText(root / "proc/self/mountinfo");
    std::vector<ControlGroup> groups;
    if (own || !membership.isThere())
        appendGroups(mountsOf(mountInfo.text, false, controller, root), own, false, groups);
    if (unified || !membership.isThere())
        appendGroups(mountsOf(mountInfo.text, true, controller, root), unified, true, groups);
    return groups;
}

bool SystemText::isThere() const
{
    return error == 0;
}

std::optional<std::uint64_t> SystemText::numberOf(std::string_view label) const
{
    for (const std::string_view line : split(text, '\n')) {
        if (!line.starts_with(label))
            continue;
        const std::string_view rest = line.substr(label.size());
        const std::size_t begin = rest.find_first_not_of(" \t");
        std::uint64_t number = 0;
        if (begin != std::string_view::npos
            && std::from_chars(rest.data() + begin, rest.data() + rest.size(), number).ec == std::errc())
            return number;
    }
    return std::nullopt;
}

SystemText readSystemText(const fs::path& path)
{
    SystemText read;
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) {
        read.error = errno;
        return read;
    }
    // Of a size that is not known before: it is read to its end, or to a bound that none of them reaches.
    constexpr std::size_t kMostBytes = std::size_t{16} << 20;
    char part[16384];
    while (read.text.size() < kMostBytes) {
        const ssize_t count = ::read(file, part, sizeof part);
        if (count == 0)
            break;
        if (count > 0) {
            read.text.append(part, static_cast<std::size_t>(count));
        } else if (errno != EINTR) {
            read.error = errno;
            break;
        }
    }
    ::close(file);
    return read;
}

std::optional<std::uint64_t> numberIn(std::string_view text)
{
    std::uint64_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view rest(parsed.ptr, static_cast<std::size_t>(text.data() + text.size() - parsed.ptr));
    if (parsed.ec != std::errc() || rest.find_first_not_of(" \t\n") != std::string_view::npos)
        return std::nullopt;
    return number;
}

} // namespace headwater
