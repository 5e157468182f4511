// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/mapped_file.h"
#include "core/base/result.h"
#include "core/model/folder/safetensors_reader.h"
#include "core/model/json_value.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

inline constexpr const char* kWholeWeights = "model.safetensors";
inline constexpr const char* kWeightsIndex = "model.safetensors.index.json";

/// A model's folder as transformers writes it: config.json, and the tensors in model.safetensors or in the
/// shards that model.safetensors.index.json lists. Tensors and their file are borrowed from `files`.
struct ModelFolder {
    struct Tensor {
        const SafetensorsTensor* tensor = nullptr;
        const SafetensorsFile* file = nullptr;
    };

    std::string name; ///< the folder's own; of a snapshot in the Hub's cache "org/name"
    std::string configPath;
    JsonValue config; ///< an object
    std::string listPath; ///< the file that lists all tensors: the index, or the one file of weights
    std::uint64_t listOffset = 0; ///< where a tensor that is missing would be listed
    std::vector<SafetensorsFile> files; ///< in the order of their names
    std::vector<std::shared_ptr<const MappedFile>> mappings; ///< own what `files` point to
    std::map<std::string, Tensor, std::less<>> tensors; ///< of all files
    /// Over config.json, the index where there is one, and every file's header, one after the other.
    std::string headerSha256;
    std::uint64_t bytes = 0; ///< of these files

    const Tensor* find(std::string_view tensor) const;
};

/// Opens what lies in the folder; shards are plain file names in it, links among them are followed. Errors:
/// NotFound (no config.json, no weights, a shard or what a link leads to is not there), BadFormat (no JSON,
/// no safetensors, an index that lists a tensor which its shard lacks, leaves one out, or leads out of the
/// folder).
Result<std::shared_ptr<const ModelFolder>> openModelFolder(const std::filesystem::path& path);

} // namespace headwater
