// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/select/keep_blocks.h"
#include "core/select/tile_record.h"

#include <memory>

namespace headwater {

/// Memory of exactTile(), one a worker; grows to 2 · causal blocks · 1 KiB + 1 MiB and stays.
class ExactScratch {
public:
    ExactScratch();
    ~ExactScratch();
    ExactScratch(ExactScratch&&) noexcept;
    ExactScratch& operator=(ExactScratch&&) noexcept;

    struct Buffers;
    Buffers& buffers() { return *m_buffers; }

private:
    std::unique_ptr<Buffers> m_buffers;
};

/// Dense attention of one tile, and the true record of what its rows read: true block masses and peaks, row
/// log-sum-exp, missed mass. Global heads keep the heaviest blocks of `rule` (mass = mean over the query
/// block's rows of the probability in the key block; ties to the smaller index) and, as extras, every block
/// in which a row gives one key p >= rule.keepPeak. Sliding heads keep every block of their window; nothing
/// is missed.
///
/// One pass over the keys (online softmax, DESIGN §3 `exact`): the block sums are stored relative to a
/// running reference and normalised when the row's sum is complete. With output.data null only the record is
/// made. A row without one finite score (scores that overflow) has the output NaN. Cost: 4 · rows · keys ·
/// headDim FLOP (half of it without output), 2 KiB a key block of memory.
void exactTile(const HeadShape& shape, const KeyValues& head, const QueryTile& tile, const KeepRule& rule,
               ExactScratch& scratch, const TileOutput& output, TileRecord& record);

/// The output of exactTile() without the record, to the same bits: for forwards that nobody looks at. With
/// `lse` also the record's log-sum-exp of every row. Shape: lse [tile.numRows].
void denseTile(const HeadShape& shape, const KeyValues& head, const QueryTile& tile, ExactScratch& scratch,
               const TileOutput& output, float* lse = nullptr);

} // namespace headwater
