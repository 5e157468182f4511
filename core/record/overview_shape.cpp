// SPDX-License-Identifier: Apache-2.0
#include "core/record/overview_shape.h"

#include <algorithm>
#include <bit>

namespace headwater {
namespace {

constexpr std::uint32_t kMapSide = 1024;

std::uint32_t levelOf(std::uint32_t seqLen, std::uint32_t side)
{
    return static_cast<std::uint32_t>(std::countr_zero(std::bit_ceil((seqLen + side - 1) / side)));
}

} // namespace

std::vector<OverviewShape> overviewShapes(const BlockGrid& grid)
{
    const auto finest = static_cast<std::uint32_t>(std::countr_zero(std::max(grid.blockQ, grid.blockK)));
    std::vector<OverviewShape> shapes;
    for (const std::uint32_t wanted : {kThumbnailSide, kMapSide}) {
        const std::uint32_t level = std::max(finest, levelOf(grid.seqLen, wanted));
        const std::uint32_t cells = (grid.seqLen - 1) / (1u << level) + 1;
        const std::uint32_t side = std::bit_ceil(cells);
        if (shapes.empty() || side > shapes.back().side)
            shapes.push_back({side, level});
    }
    return shapes;
}

} // namespace headwater
