// SPDX-License-Identifier: Apache-2.0
#include "core/select/stream_tile.h"

#include "core/select/fused_products.h"
#include "core/select/lanes.h"
#include "core/select/row_softmax.h"
#include "core/select/score_tile.h"

#include <algorithm>

namespace headwater {
namespace {

using KeyInterval = StreamScratch::KeyInterval;

/// The sampled rows of one query block against one interval's representative. Their order is all that counts,
/// and a cap of the scores keeps it.
struct Prober {
    const HeadShape& shape;
    const KeyValues& head;
    StreamProbe probe;
    std::uint32_t firstCandidate;
    std::uint32_t line;
    StreamScratch& scratch;

    float operator()(std::uint32_t low, std::uint32_t count) const
    {
        const std::uint32_t blockK = shape.grid.blockK;
        std::uint32_t key = (firstCandidate + low) * blockK;
        std::uint32_t numKeys = blockK;
        if (probe == StreamProbe::Middle) {
            key += count * blockK / 2;
            numKeys = 1;
        }
        scoreKeys(head.keys + key * head.keyStride, head.keyStride, numKeys, scratch.queries.data(), line,
                  head.headDim, scratch.scores.data());
        return rowMax(scratch.scores.data(), std::size_t(numKeys) * line);
    }
};

/// Packs the rows 1, 3, 5 … of the query block, rows in the lanes; the padding repeats the first of them,
/// which leaves every maximum as it is. Returns the line length.
std::uint32_t packSampledRows(const QueryTile& tile, std::uint32_t first, std::uint32_t numRows,
                              std::uint32_t dim, std::vector<float>& packed)
{
    const std::uint32_t sampled = std::max(1u, numRows / 2);
    const std::uint32_t line = paddedRows(sampled);
    packed.resize(std::size_t(dim) * line);
    for (std::uint32_t lane = 0; lane < line; ++lane) {
        const std::uint32_t row = first + (numRows > 1 ? 2 * (lane < sampled ? lane : 0) + 1 : 0);
        for (std::uint32_t i = 0; i < dim; ++i)
            packed[std::size_t(i) * line + lane] = tile.rows[row * tile.stride + i];
    }
    return line;
}

bool isBetter(const KeyInterval& a, const KeyInterval& b)
{
    return a.score > b.score || (a.score == b.score && a.low < b.low);
}

/// One round: halves every interval and keeps the best. Returns whether any interval is still longer than one
/// block.
bool refine(const Prober& prober, bool firstRound, StreamScratch& s)
{
    const std::size_t budget = s.intervals.size();
    s.children.clear();
    for (const KeyInterval& parent : s.intervals) {
        const std::uint32_t half = parent.count / 2;
        if (half > 0) {
            // The first half begins where its parent began: with that probe its score is known.
            const bool known = !firstRound && prober.probe == StreamProbe::First;
            s.children.push_back({parent.low, half, known ? parent.score : prober(parent.low, half)});
        }
        const bool same = half == 0 && !firstRound;
        const std::uint32_t rest = parent.count - half;
        s.children.push_back(
            {parent.low + half, rest, same ? parent.score : prober(parent.low + half, rest)});
    }
    if (s.children.size() > budget)
        std::nth_element(s.children.begin(), s.children.begin() + std::ptrdiff_t(budget), s.children.end(),
                         isBetter);
    s.children.resize(budget);
    std::sort(s.children.begin(), s.children.end(),
              [](const KeyInterval& a, const KeyInterval& b) { return a.low < b.low; });
    std::swap(s.intervals, s.children);
    return std::any_of(s.intervals.begin(), s.intervals.end(),
                       [](const KeyInterval& i) { return i.count > 1; });
}

} // namespace

void streamTile(const HeadShape& shape, const KeyValues& head, const QueryTile& tile, std::uint32_t keepKeys,
                StreamProbe probe, StreamScratch& scratch, BlockMask& mask)
{
    mask.reset();
    for (std::uint32_t first = 0; first < tile.numRows; first += shape.grid.blockQ) {
        const std::uint32_t queryBlock = (tile.firstRow + first) / shape.grid.blockQ;
        const AlwaysKept always = alwaysKept(shape.grid, queryBlock);
        const std::uint32_t candidates = always.recent > 1 ? always.recent - 1 : 0;
        const std::uint32_t budget =
            std::min(candidates, budgetBlocks(shape.grid, queryBlock, keepKeys) - always.count());
        if (always.recent > 0)
            mask.keyBlock.push_back(0);
        if (budget == candidates) {
            for (std::uint32_t block = 1; block < always.recent; ++block)
                mask.keyBlock.push_back(block);
        } else if (budget > 0) {
            const std::uint32_t numRows = std::min(shape.grid.blockQ, tile.numRows - first);
            const std::uint32_t line = packSampledRows(tile, first, numRows, head.headDim, scratch.queries);
            scratch.scores.resize(std::size_t(shape.grid.blockK) * line);
            scratch.intervals.clear();
            for (std::uint64_t i = 0; i < budget; ++i) {
                const auto low = static_cast<std::uint32_t>(i * candidates / budget);
                const auto end = static_cast<std::uint32_t>((i + 1) * candidates / budget);
                scratch.intervals.push_back({low, end - low, 0.0f});
            }
            const Prober prober{shape, head, probe, 1, line, scratch};
            for (bool firstRound = true; refine(prober, firstRound, scratch);)
                firstRound = false;
            for (const KeyInterval& interval : scratch.intervals)
                mask.keyBlock.push_back(1 + interval.low);
        }
        for (std::uint32_t block = always.recent; block < always.end; ++block)
            mask.keyBlock.push_back(block);
        mask.endQueryBlock();
    }
}

} // namespace headwater
