// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <filesystem>
#include <string>
#include <vector>

namespace headwater {

/// Where a model lies that `--model` names.
struct ModelPath {
    std::filesystem::path path; ///< of a GGUF file (any part of a split one), or of a folder
    bool isFolder = false; ///< one as transformers writes it
    std::vector<std::string> warnings; ///< what else the name could mean
};

/// Looks for what a name that is neither built in nor fetched means: a path, and where nothing lies there a
/// model of the Hub's cache ("org/name", hub_cache.h). Of a folder without safetensors: the one GGUF model in
/// it; of a safetensors file: the folder with config.json that it lies in; of a repository's folder in a
/// cache: its main snapshot. Errors: InvalidArgument (no path), NotFound (what was searched; several GGUF
/// files, by name). Cost: a look at the file system, of a folder without safetensors its first 10 000
/// entries.
Result<ModelPath> findModelPath(const std::string& name);

/// The same of a path that is there.
Result<ModelPath> modelPathOf(const std::filesystem::path& path);

/// The GGUF models in a folder and one level below, sorted: of a split model its first part, no projectors
/// of images. Relative to the folder.
std::vector<std::filesystem::path> ggufModelsIn(const std::filesystem::path& folder);

/// Whether the folder has weights as transformers writes them, or lists them.
bool hasSafetensors(const std::filesystem::path& folder);

} // namespace headwater
