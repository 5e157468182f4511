// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// A model as the Hub's cache has it: one commit of its repository, a folder of links to the files.
struct HubSnapshot {
    std::string model; ///< "org/name", or "name" of the oldest ones
    std::string commit; ///< as its folder is called
    bool isMain = false; ///< the cache's refs/main leads to it
    std::filesystem::path path; ///< the folder

    /// What loadModel() takes: "org/name" of main, else "org/name@commit".
    std::string name() const;
};

/// Where huggingface_hub keeps what it downloads: $HF_HUB_CACHE, $HUGGINGFACE_HUB_CACHE, $HF_HOME/hub,
/// $XDG_CACHE_HOME/huggingface/hub, ~/.cache/huggingface/hub, the first that is named. It need not be there.
std::filesystem::path hubCacheDirectory();

/// Every snapshot of every model in the cache, by name, main first. Cost: a look at each folder.
std::vector<HubSnapshot> hubSnapshots(const std::filesystem::path& cache);

/// "org/name", "name", with "@revision" and behind them "/a/file": it may name something in the cache.
bool isHubName(std::string_view name);

/// The folder, or the file in it, that such a name means. A revision is a name of the cache's refs ("main"
/// unless it is said), or a commit or its first seven digits at least. Errors: NotFound (what was looked
/// for and where, and how to get it).
Result<std::filesystem::path> findInHubCache(std::string_view name);

/// "org/name" of a path in one of its snapshots, or of such a snapshot; nothing elsewhere.
std::optional<std::string> hubModelOf(const std::filesystem::path& path);

/// The main snapshot of a repository's folder in a cache ("models--org--name"); nothing for other folders.
std::optional<Result<std::filesystem::path>> mainSnapshotOf(const std::filesystem::path& folder);

/// What to do about a file that is missing in a model's folder, in words: finish the download, or fetch it.
std::string howToGetTheRest(const std::filesystem::path& folder);

/// Fails for a link that leads nowhere, as a download that was not finished leaves one: NotFound.
Result<void> checkLink(const std::filesystem::path& path);

} // namespace headwater
