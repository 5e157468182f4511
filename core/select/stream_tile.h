// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/select/keep_blocks.h"

#include <vector>

namespace headwater {

/// Memory of streamTile(), one a worker; about 8 · budget blocks · 16 bytes and one block of scores.
struct StreamScratch {
    /// An interval of candidate key blocks [low, low + count) and the score of its representative.
    struct KeyInterval {
        std::uint32_t low = 0;
        std::uint32_t count = 0;
        float score = 0;
    };
    std::vector<KeyInterval> intervals;
    std::vector<KeyInterval> children;
    std::vector<float> queries;
    std::vector<float> scores;
};

/// Chooses the key blocks of one tile by the published method: refinement of intervals as in HiP
/// (algorithm.md §2.2, our own implementation). Candidates are the blocks that are not always kept, so they
/// all lie before the query block. K of them are kept, K the budget less the always-kept blocks: K even
/// intervals are halved until each is one block, and in every round the K best of the 2 K halves live on,
/// ties to the earlier one. A half's score is the largest q·k of the rows 1, 3, 5 … of the query block (its
/// only row where there is one) with the keys of the half's first block (StreamProbe::First) or with its
/// middle token (StreamProbe::Middle). K >= candidates keeps them all. Only global heads; keepPeak is not
/// looked at (the scores of what was not probed are unknown). Cost: query blocks · 2 K · log2(candidates / K)
/// · blockQ / 2 · blockK · headDim multiply-adds.
void streamTile(const HeadShape& shape, const KeyValues& head, const QueryTile& tile, std::uint32_t keepKeys,
                StreamProbe probe, StreamScratch& scratch, BlockMask& mask);

} // namespace headwater
