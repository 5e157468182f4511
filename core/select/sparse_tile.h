// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/select/keep_blocks.h"
#include "core/select/tile_record.h"

#include <memory>

namespace headwater {

/// Memory of sparseTile(), one a worker; about 1024 · max(blockQ, 16) · 4 bytes and a line a kept block.
class SparseScratch {
public:
    SparseScratch();
    ~SparseScratch();
    SparseScratch(SparseScratch&&) noexcept;
    SparseScratch& operator=(SparseScratch&&) noexcept;

    struct Buffers;
    Buffers& buffers() { return *m_buffers; }

private:
    std::unique_ptr<Buffers> m_buffers;
};

/// Attention of one tile over the blocks of `mask` alone, causal (and windowed) inside them, renormalised
/// over them. The output is what a propagated forward needs; NaN for a row without one finite score. With
/// `record` it also says what the rows read, with the normaliser `kept`: masses and peaks are shares of the
/// kept keys, lse covers the kept keys, missed and missedPeak are NaN. (Propagated `exact` passes no record:
/// exactTile() has made the true one.) With `lse` alone, the record's log-sum-exp of every row. Shape: lse
/// [tile.numRows]. Cost: 4 · rows · kept keys · headDim FLOP.
void sparseTile(const HeadShape& shape, const KeyValues& head, const QueryTile& tile, const BlockMask& mask,
                SparseScratch& scratch, const TileOutput& output, TileRecord* record, float* lse = nullptr);

} // namespace headwater
