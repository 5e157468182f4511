// SPDX-License-Identifier: Apache-2.0
#include "core/model/conventions.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <vector>

namespace headwater {

namespace {

// Source of what GGUF leaves out: llama.cpp, llama_model::load_hparams.
constexpr UnsaidFact kGgufGemma2[] = {
    {Fact::WindowedLayers, 2}, {Fact::Window, 4096}, {Fact::ScoreCap, 50}, {Fact::LogitCap, 30}};
constexpr UnsaidFact kGgufGemma3[] = {{Fact::WindowedLayers, 6}, {Fact::LocalRopeBase, 10'000}};
constexpr UnsaidFact kGgufSmolLm3[] = {{Fact::RotatedLayers, 4}};
constexpr UnsaidFact kGgufMinistral3[] = {{Fact::YarnMscale, 1}};

} // namespace

std::span<const Convention> conventions()
{
    using enum RotaryPairs;
    static const std::array kConventions = {
        Convention{Container::Gguf, "llama", &kLlama, Neighbours, {}},
        Convention{Container::Gguf, "qwen2", &kQwen2, Halves, {}},
        Convention{Container::Gguf, "qwen3", &kQwen3, Halves, {}},
        Convention{Container::Gguf, "gemma2", &kGemma2, Halves, kGgufGemma2, 46},
        Convention{Container::Gguf, "gemma3", &kGemma3, Halves, kGgufGemma3, 62},
        Convention{Container::Gguf, "gemma4", &kGemma4, Halves, {}},
        Convention{Container::Gguf, "olmo2", &kOlmo2, Halves, {}},
        Convention{Container::Gguf, "smollm3", &kSmolLm3, Neighbours, kGgufSmolLm3},
        Convention{Container::Gguf, "mistral3", &kMinistral3, Neighbours, kGgufMinistral3},
    };
    return kConventions;
}

const Convention* findConvention(Container container, std::string_view name)
{
    const auto known = conventions();
    const auto found = std::ranges::find_if(known, [&](const Convention& convention) {
        return convention.container == container && convention.name == name;
    });
    return found == known.end() ? nullptr : &*found;
}

std::string namesThatRun(Container container)
{
    std::vector<std::string_view> names;
    for (const Convention& convention : conventions())
        if (convention.container == container)
            names.push_back(convention.name);
    return fmt::format("{}", fmt::join(names, ", "));
}

} // namespace headwater
