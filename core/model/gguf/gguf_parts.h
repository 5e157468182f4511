// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/mapped_file.h"
#include "core/base/result.h"
#include "core/model/gguf/gguf_reader.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace headwater {

/// A GGUF model in all its files: one, or the parts of a split one. Splitters (llama-gguf-split, gguf-py)
/// name part 2 of 3 "NAME-00002-of-00003.gguf" and let every part say split.no (from 0), split.count and
/// split.tensors.count; the first part holds the model's metadata.
struct GgufParts {
    GgufFile file; ///< the first part's metadata, every part's tensors
    std::vector<std::shared_ptr<const MappedFile>> mappings; ///< own what `file` points to
    std::string name; ///< the file's name without ".gguf" and without which part it is
    std::string headerSha256; ///< over the headers of all parts, one after the other
    std::uint64_t bytes = 0; ///< of all files
};

/// Opens the file and, where it is a part, the others beside it: any part names the model. Errors: NotFound
/// (a part that is not there), BadFormat (no GGUF file; a part that counts parts or tensors otherwise, holds
/// a tensor again or says something else of the model than the first).
Result<GgufParts> openGguf(const std::filesystem::path& path);

} // namespace headwater
