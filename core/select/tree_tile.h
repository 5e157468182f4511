// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/select/content_tree.h"
#include "core/select/keep_blocks.h"

#include <memory>

namespace headwater {

/// W: nodes a row keeps at every inner level; M: causal keys a row opens (the last leaf opens whole).
struct TreeBeam {
    std::uint32_t nodes = 16;
    std::uint32_t keys = 1024;
};

/// Memory of treeTile(), one a worker; about 256 · (beam.keys + W · branching + a leaf) · 8 bytes.
class TreeScratch {
public:
    TreeScratch();
    ~TreeScratch();
    TreeScratch(TreeScratch&&) noexcept;
    TreeScratch& operator=(TreeScratch&&) noexcept;

    struct Buffers;
    Buffers& buffers() { return *m_buffers; }

private:
    std::unique_ptr<Buffers> m_buffers;
};

/// Chooses the key blocks of one tile by the content tree of its KV head (pseudo-code: fidelity.md, study 3).
/// Every row descends by itself: a node scores q·μ + ½ Σ q²σ² + log n, n its keys up to the end of the row's
/// query block; the best W live on at each level, the leaves are opened by falling score until M causal keys
/// are open, ties to the lower node; the rest is estimated by the scores of what was left. Keys opened get
/// their exact scores, normalised by exact and estimated together, and vote their probabilities into the key
/// blocks of the query block. The always-kept and then the heaviest blocks stay; there are no extras
/// (keepPeak: the probabilities of what was not opened are unknown). Rows are grouped by node, inside the
/// tile. Cost: rows · (2 · b · W · L + M) · headDim multiply-adds. Only global heads; tree.length() must be
/// at least the tile's last row + 1.
void treeTile(const HeadShape& shape, const ContentTree& tree, const QueryTile& tile, std::uint32_t keepKeys,
              const TreeBeam& beam, TreeScratch& scratch, BlockMask& mask);

} // namespace headwater
