// SPDX-License-Identifier: Apache-2.0
#include "core/base/whole_file.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <tuple>
#include <unistd.h>
#include <utility>

namespace headwater {
namespace {

/// NAME.part; where that would be longer than the system's names, without the name's beginning: names that
/// lie beside each other, as F.svg and F.svg.json, differ at their ends.
std::filesystem::path partOf(const std::filesystem::path& target)
{
    constexpr std::string_view kEnding = ".part";
    std::string name = target.filename().string();
    constexpr std::size_t kLongest = NAME_MAX - kEnding.size();
    if (name.size() > kLongest)
        name.erase(0, name.size() - kLongest);
    return target.parent_path() / (name += kEnding);
}

} // namespace

WholeFile::WholeFile(std::filesystem::path path, std::filesystem::path target, std::filesystem::path partial,
                     int descriptor)
    : m_path(std::move(path))
    , m_target(std::move(target))
    , m_partial(std::move(partial))
    , m_descriptor(descriptor)
{
}

WholeFile::WholeFile(WholeFile&& other) noexcept
    : m_path(std::move(other.m_path))
    , m_target(std::move(other.m_target))
    , m_partial(std::move(other.m_partial))
    , m_descriptor(std::exchange(other.m_descriptor, -1))
{
}

WholeFile& WholeFile::operator=(WholeFile&& other) noexcept
{
    std::swap(m_path, other.m_path);
    std::swap(m_target, other.m_target);
    std::swap(m_partial, other.m_partial);
    std::swap(m_descriptor, other.m_descriptor);
    return *this;
}

WholeFile::~WholeFile()
{
    if (m_descriptor < 0)
        return;
    ::close(m_descriptor);
    if (!m_partial.empty())
        ::unlink(m_partial.c_str());
}

Result<WholeFile> WholeFile::create(const std::filesystem::path& path)
{
    std::error_code failed;
    std::filesystem::path target = path;
    if (std::filesystem::is_symlink(path, failed)) {
        target = std::filesystem::canonical(path, failed);
        if (failed)
            target = path;
    }
    const std::filesystem::file_status status = std::filesystem::status(path, failed);
    const bool isDirect = std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);
    std::filesystem::path partial;
    if (!isDirect)
        partial = partOf(target);
    const std::filesystem::path& opened = isDirect ? path : partial;
    const int descriptor = ::open(opened.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor < 0)
        return Error{ErrorCode::CannotCreate, fmt::format("cannot be created: {}", std::strerror(errno)),
                     path.string()};
    // What others could not read they cannot read now.
    if (std::filesystem::is_regular_file(status))
        std::ignore = ::fchmod(descriptor, static_cast<mode_t>(status.permissions()) & 0777);
    return WholeFile(path, std::move(target), std::move(partial), descriptor);
}

Result<void> WholeFile::write(std::string_view bytes)
{
    const std::size_t wanted = bytes.size();
    while (!bytes.empty()) {
        const ssize_t wrote = ::write(m_descriptor, bytes.data(), bytes.size());
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return Error{ErrorCode::Io,
                         fmt::format("writing {} bytes failed: {}", wanted, std::strerror(errno)),
                         m_path.string()};
        bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return {};
}

Result<void> WholeFile::finish()
{
    const auto failed = [this](ErrorCode code, const char* what, int error) {
        if (!m_partial.empty())
            ::unlink(m_partial.c_str());
        return Error{code, fmt::format("{}: {}", what, std::strerror(error)), m_path.string()};
    };
    // Some file systems tell only here that the disk is full.
    if (::close(std::exchange(m_descriptor, -1)) != 0)
        return failed(ErrorCode::Io, "the last bytes could not be written", errno);
    if (!m_partial.empty() && ::rename(m_partial.c_str(), m_target.c_str()) != 0)
        return failed(ErrorCode::CannotCreate, "cannot be created", errno);
    return {};
}

Result<void> writeWholeFile(const std::filesystem::path& path, std::string_view bytes)
{
    HEADWATER_TRY_ASSIGN(WholeFile file, WholeFile::create(path));
    HEADWATER_TRY(file.write(bytes));
    return file.finish();
}

} // namespace headwater
