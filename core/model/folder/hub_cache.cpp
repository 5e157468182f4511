// SPDX-License-Identifier: Apache-2.0
#include "core/model/folder/hub_cache.h"

#include "core/base/file_name.h"
#include "core/base/mapped_file.h"
#include "core/base/text.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fmt/format.h>
#include <iterator>
#include <tuple>
#include <utility>

// A cache, as huggingface_hub lays it out (docs: "Understand caching"):
//   models--org--name/refs/main              the commit that "main" was when it was last asked for
//   models--org--name/snapshots/<commit>/…   the repository's tree, of links to
//   models--org--name/blobs/<hash>           files; <hash>.incomplete while one is downloaded
namespace headwater {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kModels = "models--";
constexpr std::string_view kMain = "main";
constexpr std::size_t kShortestCommit = 7;
constexpr std::size_t kCommit = 40;
constexpr std::size_t kLongestName = 96;

/// A variable's value; a leading ~ is the home directory, as in huggingface_hub.
fs::path variable(const char* name)
{
    const char* const value = std::getenv(name);
    if (!value || !*value)
        return {};
    const char* const home = std::getenv("HOME");
    const std::string_view text = value;
    if (home && (text == "~" || text.starts_with("~/")))
        return fs::path(home) / fs::path(text.substr(std::min<std::size_t>(2, text.size())));
    return text;
}

bool doesExist(const fs::path& path)
{
    std::error_code failed;
    return fs::exists(path, failed);
}

bool isPlainWord(std::string_view word)
{
    const auto isPlain = [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
    };
    return !word.empty() && word.size() <= kLongestName && word.front() != '.' && word.front() != '-'
        && std::ranges::all_of(word, isPlain) && word.find("--") == std::string_view::npos
        && word.find("..") == std::string_view::npos;
}

bool isCommit(std::string_view word)
{
    return word.size() <= kCommit && word.size() >= kShortestCommit
        && std::ranges::all_of(word, [](unsigned char c) { return std::isxdigit(c) != 0; });
}

struct HubName {
    std::string_view model; ///< "org/name"
    std::string_view revision; ///< empty: not said
    std::string_view file; ///< behind it; empty: the whole
};

std::optional<HubName> parsed(std::string_view name)
{
    HubName out;
    const std::size_t first = name.find('/');
    const std::size_t second = first == std::string_view::npos ? first : name.find('/', first + 1);
    out.model = name.substr(0, second);
    if (second != std::string_view::npos) {
        out.file = name.substr(second + 1);
        if (out.file.empty() || out.file.front() == '/' || out.file.find("..") != std::string_view::npos)
            return std::nullopt;
    }
    if (const std::size_t at = out.model.find('@'); at != std::string_view::npos) {
        out.revision = out.model.substr(at + 1);
        out.model = out.model.substr(0, at);
        if (!isPlainWord(out.revision))
            return std::nullopt;
    }
    const std::size_t slash = out.model.find('/');
    const bool isPlain = slash == std::string_view::npos
        ? isPlainWord(out.model)
        : isPlainWord(out.model.substr(0, slash)) && isPlainWord(out.model.substr(slash + 1));
    return isPlain ? std::optional(out) : std::nullopt;
}

/// "models--org--name"
std::string folderOf(std::string_view model)
{
    std::string folder(kModels);
    for (const char c : model)
        folder += c == '/' ? std::string("--") : std::string(1, c);
    return folder;
}

/// The reverse; nothing for a folder of something else.
std::optional<std::string> modelOf(std::string_view folder)
{
    if (!folder.starts_with(kModels))
        return std::nullopt;
    std::string model(folder.substr(kModels.size()));
    if (const std::size_t at = model.find("--"); at != std::string::npos)
        model = fmt::format("{}/{}", model.substr(0, at), model.substr(at + 2));
    const auto name = parsed(model);
    return name && name->revision.empty() && name->file.empty() ? std::optional(model) : std::nullopt;
}

/// The commit that a name of the refs leads to; empty where there is none.
std::string commitOf(const fs::path& repository, std::string_view ref)
{
    constexpr std::size_t kMostBytes = 4096;
    const Result<std::string> text = readFile(repository / "refs" / ref, kMostBytes);
    const std::string commit = text ? text->substr(0, text->find_first_of(" \r\n")) : std::string();
    return isPlainWord(commit) ? commit : std::string();
}

std::vector<std::string> commitsIn(const fs::path& repository)
{
    std::vector<std::string> commits;
    std::error_code failed;
    for (fs::directory_iterator entry(repository / "snapshots", failed), end; !failed && entry != end;
         entry.increment(failed))
        if (entry->is_directory(failed))
            commits.push_back(entry->path().filename().string());
    std::ranges::sort(commits);
    return commits;
}

bool isDownloading(const fs::path& repository)
{
    std::error_code failed;
    for (fs::directory_iterator entry(repository / "blobs", failed), end; !failed && entry != end;
         entry.increment(failed))
        if (entry->path().extension() == ".incomplete")
            return true;
    return false;
}

/// The repository that a path of a snapshot belongs to.
std::optional<fs::path> repositoryOf(const fs::path& path)
{
    std::error_code failed;
    fs::path up = fs::absolute(path, failed).lexically_normal();
    for (; up.has_relative_path(); up = up.parent_path())
        if (up.parent_path().filename() == "snapshots"
            && modelOf(up.parent_path().parent_path().filename().string()))
            return up.parent_path().parent_path();
    return std::nullopt;
}

std::string getAgain(std::string_view model)
{
    return fmt::format("hf download {}", model);
}

/// The snapshot of a repository that a revision means.
Result<fs::path> snapshotOf(const fs::path& repository, std::string_view model, std::string_view revision)
{
    const std::vector<std::string> commits = commitsIn(repository);
    std::string commit = commitOf(repository, revision.empty() ? kMain : revision);
    if (commit.empty() && isCommit(revision)) {
        const auto matches = [&](const std::string& known) { return known.starts_with(revision); };
        if (std::ranges::count_if(commits, matches) == 1)
            commit = *std::ranges::find_if(commits, matches);
    }
    if (!commit.empty() && std::ranges::find(commits, commit) != commits.end())
        return repository / "snapshots" / commit;
    std::string known;
    for (const std::string& other : commits)
        known += fmt::format("{}{}@{}", known.empty() ? "" : ", ", model, other.substr(0, 12));
    return Error{ErrorCode::NotFound,
                 fmt::format("has no {} in {}; {}", revision.empty() ? kMain : printable(revision),
                             repository.string(),
                             known.empty() ? fmt::format("get it with: {}", getAgain(model))
                                           : fmt::format("it holds {}", known)),
                 std::string(model)};
}

} // namespace

std::string HubSnapshot::name() const
{
    return isMain ? model : fmt::format("{}@{}", model, commit);
}

fs::path hubCacheDirectory()
{
    for (const char* const name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"})
        if (fs::path path = variable(name); !path.empty())
            return path;
    if (const fs::path home = variable("HF_HOME"); !home.empty())
        return home / "hub";
    if (const fs::path cache = variable("XDG_CACHE_HOME"); !cache.empty())
        return cache / "huggingface" / "hub";
    return variable("HOME") / ".cache" / "huggingface" / "hub";
}

std::vector<HubSnapshot> hubSnapshots(const fs::path& cache)
{
    std::vector<HubSnapshot> snapshots;
    std::error_code failed;
    for (fs::directory_iterator entry(cache, failed), end; !failed && entry != end; entry.increment(failed)) {
        const std::optional<std::string> model = modelOf(entry->path().filename().string());
        if (!model)
            continue;
        const std::string main = commitOf(entry->path(), kMain);
        for (const std::string& commit : commitsIn(entry->path()))
            snapshots.push_back({*model, commit, commit == main, entry->path() / "snapshots" / commit});
    }
    std::ranges::sort(snapshots, {}, [](const HubSnapshot& snapshot) {
        return std::tuple(snapshot.model, !snapshot.isMain, snapshot.commit);
    });
    return snapshots;
}

bool isHubName(std::string_view name)
{
    return parsed(name).has_value();
}

Result<fs::path> findInHubCache(std::string_view name)
{
    const auto wanted = parsed(name);
    const fs::path cache = hubCacheDirectory();
    const fs::path repository = wanted ? cache / folderOf(wanted->model) : cache;
    if (!wanted || !doesExist(repository))
        return Error{
            ErrorCode::NotFound,
            fmt::format("no such file, and the Hub's cache {} has no model of that name; a model of the Hub "
                        "is got with: {} (HF_HUB_CACHE and HF_HOME say where the cache is)",
                        textOfPath(cache), getAgain(wanted ? wanted->model : "ORG/NAME")),
            printable(name.substr(0, 2 * kLongestName))};
    HEADWATER_TRY_ASSIGN(const fs::path snapshot, snapshotOf(repository, wanted->model, wanted->revision));
    if (wanted->file.empty())
        return snapshot;
    const fs::path file = snapshot / wanted->file;
    HEADWATER_TRY(checkLink(file));
    if (!doesExist(file))
        return Error{
            ErrorCode::NotFound,
            fmt::format("is not in the Hub's cache ({}); {}", textOfPath(file), howToGetTheRest(snapshot)),
            printable(name.substr(0, 2 * kLongestName))};
    return file;
}

std::optional<std::string> hubModelOf(const fs::path& path)
{
    const auto repository = repositoryOf(path);
    return repository ? modelOf(repository->filename().string()) : std::nullopt;
}

std::optional<Result<fs::path>> mainSnapshotOf(const fs::path& folder)
{
    std::error_code failed;
    fs::path named = fs::absolute(folder, failed).lexically_normal();
    if (!named.has_filename())
        named = named.parent_path();
    const auto model = modelOf(named.filename().string());
    if (!model || !doesExist(named / "snapshots"))
        return std::nullopt;
    return snapshotOf(named, *model, {});
}

std::string howToGetTheRest(const fs::path& folder)
{
    const auto repository = repositoryOf(folder);
    if (!repository)
        return "download it into that folder";
    const std::string again = getAgain(*modelOf(repository->filename().string()));
    return isDownloading(*repository)
        ? fmt::format("a download was begun and not finished; go on with: {}", again)
        : fmt::format("get it with: {}", again);
}

Result<void> checkLink(const fs::path& path)
{
    std::error_code failed;
    const bool leadsNowhere = fs::is_symlink(fs::symlink_status(path, failed))
        && fs::status(path, failed).type() == fs::file_type::not_found;
    if (!leadsNowhere)
        return {};
    const fs::path target = fs::read_symlink(path, failed);
    return Error{ErrorCode::NotFound,
                 fmt::format("is a link to {}, which is not there: {}", textOfPath(target),
                             howToGetTheRest(path.parent_path())),
                 path.string()};
}

} // namespace headwater
