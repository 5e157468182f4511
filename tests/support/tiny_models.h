// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "support/reference_data.h"

#include <algorithm>
#include <string>
#include <vector>

namespace headwater::test {

/// The tiny models of python/reference/make_architectures.py.
struct TinyModels {
    std::vector<std::string> gguf; ///< names; each has its config.json too
    std::vector<std::string> folders; ///< names of those whose folders hold weights
};

inline TinyModels tinyModels()
{
    TinyModels models;
    for (const auto& entry :
         std::filesystem::directory_iterator(sourcePath("tests/data/reference/architectures"))) {
        if (entry.path().extension() == ".gguf")
            models.gguf.push_back(entry.path().stem().string());
        else if (std::filesystem::exists(entry.path() / "model.safetensors")
                 || std::filesystem::exists(entry.path() / "model.safetensors.index.json"))
            models.folders.push_back(entry.path().filename().string());
    }
    std::ranges::sort(models.gguf);
    std::ranges::sort(models.folders);
    return models;
}

} // namespace headwater::test
