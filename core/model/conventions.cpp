// SPDX-License-Identifier: Apache-2.0
#include "core/model/conventions.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <vector>

namespace headwater {

std::span<const Convention> conventions()
{
    using enum RotaryPairs;
    static const std::array kConventions = {
        Convention{Container::Gguf, "llama", &kLlama, Neighbours, {}},
        Convention{Container::Gguf, "qwen2", &kQwen2, Halves, {}},
        Convention{Container::Gguf, "qwen3", &kQwen3, Halves, {}},
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
