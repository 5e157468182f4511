// SPDX-License-Identifier: Apache-2.0
#include "core/model/model_path.h"

#include "core/base/file_name.h"
#include "core/base/text.h"
#include "core/model/builtin/builtin_needle.h"
#include "core/model/fetch/known_models.h"
#include "core/model/folder/hub_cache.h"
#include "core/model/folder/model_folder.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace headwater {
namespace {

constexpr std::size_t kMostEntries = 10'000;
constexpr std::size_t kMostNamed = 8;

/// "-00002-of-00003.gguf": a part that is not the first.
bool isLaterPart(std::string_view name)
{
    constexpr std::string_view kFirst = "-00001-of-00003.gguf";
    if (name.size() < kFirst.size())
        return false;
    const std::string_view end = name.substr(name.size() - kFirst.size());
    for (std::size_t i = 0; i < kFirst.size(); ++i) {
        const bool isDigit = std::isdigit(static_cast<unsigned char>(kFirst[i])) != 0;
        if (isDigit ? std::isdigit(static_cast<unsigned char>(end[i])) == 0 : end[i] != kFirst[i])
            return false;
    }
    return end.substr(1, 5) != "00001";
}

/// A word that is neither a file nor a known name is most likely the latter, misspelt.
Error unknownName(const std::string& name)
{
    std::vector<std::string_view> names{kBuiltinNeedleName};
    for (const FetchableModel& model : fetchableModels())
        names.push_back(model.name);
    return {
        ErrorCode::NotFound,
        fmt::format("is no file and no known model; expected the path of a GGUF file or of a model's folder, "
                    "org/name of a model in the Hub's cache ({}), or {}",
                    textOfPath(hubCacheDirectory()), fmt::join(names, " or ")),
        printable(name.substr(0, 80))};
}

} // namespace

bool hasSafetensors(const std::filesystem::path& folder)
{
    std::error_code failed;
    return std::filesystem::exists(std::filesystem::symlink_status(folder / kWholeWeights, failed))
        || std::filesystem::exists(std::filesystem::symlink_status(folder / kWeightsIndex, failed));
}

std::vector<std::filesystem::path> ggufModelsIn(const std::filesystem::path& folder)
{
    std::vector<std::filesystem::path> found;
    std::error_code failed;
    std::size_t entries = 0;
    using Walk = std::filesystem::recursive_directory_iterator;
    Walk entry(folder, std::filesystem::directory_options::skip_permission_denied, failed);
    for (; !failed && entry != Walk() && ++entries < kMostEntries; entry.increment(failed)) {
        if (entry.depth() > 0)
            entry.disable_recursion_pending();
        const std::string name = entry->path().filename().string();
        if (entry->path().extension() == ".gguf" && !isLaterPart(name) && !name.starts_with("mmproj"))
            found.push_back(entry->path().lexically_relative(folder));
    }
    std::ranges::sort(found);
    return found;
}

Result<ModelPath> modelPathOf(const std::filesystem::path& path)
{
    HEADWATER_TRY(checkLink(path));
    std::error_code failed;
    if (!std::filesystem::is_directory(path, failed)) {
        const std::filesystem::path folder =
            path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
        const bool isOfFolder =
            path.extension() == ".safetensors" && std::filesystem::exists(folder / "config.json", failed);
        return ModelPath{isOfFolder ? folder : path, isOfFolder, {}};
    }
    if (!path.has_filename()) // "folder/"
        return modelPathOf(path.parent_path());
    if (hasSafetensors(path))
        return ModelPath{path, true, {}};
    if (const auto snapshot = mainSnapshotOf(path)) {
        HEADWATER_TRY_ASSIGN(const std::filesystem::path main, *snapshot);
        return modelPathOf(main);
    }
    const std::vector<std::filesystem::path> models = ggufModelsIn(path);
    if (models.empty()) // what it lacks is said where it is read
        return ModelPath{path, true, {}};
    if (models.size() == 1) {
        HEADWATER_TRY(checkLink(path / models.front()));
        return ModelPath{path / models.front(), false, {}};
    }
    std::vector<std::string> names;
    for (const std::filesystem::path& model : models)
        names.push_back(textOfPath(model));
    const std::size_t rest = names.size() - std::min(names.size(), kMostNamed);
    names.resize(names.size() - rest);
    return Error{ErrorCode::NotFound,
                 fmt::format("holds {} GGUF models, expected one: name it with its file, {}{}", models.size(),
                             fmt::join(names, ", "), rest > 0 ? fmt::format(" and {} more", rest) : ""),
                 path.string()};
}

Result<ModelPath> findModelPath(const std::string& name)
{
    HEADWATER_TRY_ASSIGN(const std::filesystem::path path, pathOfArgument(name));
    std::error_code failed;
    const std::filesystem::file_status status = std::filesystem::symlink_status(path, failed);
    const bool isOfHub = isHubName(name);
    const auto cached =
        isOfHub ? findInHubCache(name) : Result<std::filesystem::path>(Error{ErrorCode::NotFound, {}, {}});
    if (std::filesystem::exists(status)) {
        HEADWATER_TRY_ASSIGN(ModelPath found, modelPathOf(path));
        if (cached)
            found.warnings.push_back(fmt::format(
                "{}: what lies at this path is read, not the model of that name in the Hub's cache ({})",
                printable(name), textOfPath(*cached)));
        return found;
    }
    if (cached)
        return modelPathOf(*cached);
    if (!path.has_parent_path() && status.type() == std::filesystem::file_type::not_found)
        return unknownName(name);
    if (isOfHub && !path.is_absolute())
        return cached.error();
    return ModelPath{path, false, {}}; // that it is not there is said where it is read
}

} // namespace headwater
