// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/model/model_config.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace headwater {

/// What is known of a model before it is loaded: its config and the headers of its files are read, no
/// tokenizer and no weights.
struct ModelLook {
    std::string name; ///< as loadModel() takes it
    std::string revision; ///< of the Hub's cache: the commit
    std::string title; ///< what the model calls itself; empty: unknown
    std::filesystem::path path; ///< file or folder; empty: built in, or not found
    std::string container; ///< "GGUF", "safetensors", "built in"; empty: unknown
    std::string architecture; ///< as the container spells it; empty: unknown
    std::string storedAs; ///< types with a tenth of its elements at least, most first: "Q8_0 + Q4_K"
    std::uint64_t bytes = 0; ///< on disk, of all its files as far as they were found
    std::uint64_t parameters = 0; ///< 0: unknown
    std::optional<ModelConfig> config; ///< where it runs; without its name
    /// Why it does not run. Nothing: architecture, sizes, files and the types and shapes of all tensors are
    /// such as run; a tokenizer that this version cannot compute, or a tied unembedding that is another one,
    /// shows only when it is loaded.
    std::optional<Error> refusal;

    bool runs() const { return !refusal; }
};

/// Looks at what `--model` names. Cost: headers alone (of a GGUF file its vocabulary too): milliseconds on a
/// local disk, and as long as the disk takes otherwise.
ModelLook lookAtModel(const std::string& name);

/// Every model of the Hub's cache, by name; of a repository of GGUF files each of them. What was looked at
/// when `stop` came is returned. Cost: a look at each.
std::vector<ModelLook> lookAtHubCache(std::stop_token stop);

/// "gemma3 · Q4_K · 241 MiB · 18 layers of 4 heads · 32 768 tokens", as far as it is known.
std::string describe(const ModelLook& look);

} // namespace headwater
