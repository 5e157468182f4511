// SPDX-License-Identifier: Apache-2.0
#include "core/select/tree_tile.h"

#include "core/select/beam_pick.h"
#include "core/select/fused_products.h"
#include "core/select/lanes.h"
#include "core/select/leaf_votes.h"
#include "core/select/node_counts.h"
#include "core/select/scores.h"

#include <algorithm>
#include <cmath>

namespace headwater {

/// Shapes: R = kTileRows. features [R, 2 d]: the row times log2 e, then ½ ln 2 of its square, so that one
/// product with a node's mean and variance is its Gaussian score in units of log 2. scores and weights [R,
/// slots]: slot s of a row is child s % lanes of its (s / lanes)-th live node. live [R, beam].
struct TreeScratch::Buffers {
    std::vector<float> features;
    std::vector<float> scores;
    std::vector<float> weights;
    std::vector<std::uint32_t> live;
    std::vector<std::uint32_t> numLive;
    std::vector<float> rest;
    std::vector<const float*> rowsOfGroup;
    std::vector<float> products;
    RowGroups groups;
    NodeCounts counts;
    PickScratch pick;
    std::vector<std::uint32_t> picked;
    LeafVotes votes;
    std::vector<std::uint32_t> kept;
};

TreeScratch::TreeScratch()
    : m_buffers(std::make_unique<Buffers>())
{
}
TreeScratch::~TreeScratch() = default;
TreeScratch::TreeScratch(TreeScratch&&) noexcept = default;
TreeScratch& TreeScratch::operator=(TreeScratch&&) noexcept = default;

namespace {

/// Everything one tile's descent needs to know.
struct Descent {
    const HeadShape& shape;
    const ContentTree& tree;
    const QueryTile& tile;
    const TreeBeam& beam;
    std::uint32_t slots; ///< row stride of scores and weights
};

HEADWATER_LANE_KERNEL
void makeFeatures(const QueryTile& tile, std::uint32_t dim, float* features)
{
    for (std::uint32_t row = 0; row < tile.numRows; ++row)
        for (std::uint32_t i = 0; i < dim; ++i) {
            const float q = tile.rows[row * tile.stride + i] * lanes::kLog2E;
            features[row * 2 * dim + i] = q;
            features[row * 2 * dim + dim + i] = 0.5f * lanes::kLn2 * q * q;
        }
}

void prepare(const Descent& d, TreeScratch::Buffers& b)
{
    const std::uint32_t rows = d.tile.numRows;
    b.features.resize(std::size_t(rows) * 2 * d.tree.headDim());
    makeFeatures(d.tile, d.tree.headDim(), b.features.data());
    b.scores.resize(std::size_t(rows) * d.slots);
    b.weights.resize(std::size_t(rows) * d.slots);
    b.live.assign(std::size_t(rows) * d.beam.nodes, 0);
    b.numLive.assign(rows, 1);
    b.rest.assign(rows, lanes::kMinusInfinity);
    b.rowsOfGroup.resize(rows);
    b.products.resize(std::size_t(rows) * d.tree.lanes());
}

/// z of the children of every row's live nodes, into scores; at the leaf level their causal counts into
/// weights.
void scoreChildren(const Descent& d, std::uint32_t level, TreeScratch::Buffers& b)
{
    const TreeLevel& nodes = d.tree.levels()[level];
    const std::uint32_t lanes = d.tree.lanes();
    const std::uint32_t dim = d.tree.headDim();
    const bool isLeaf = level + 1 == d.tree.shape().levels;
    const std::uint32_t parents = nodes.numNodes / d.tree.shape().branching;
    b.groups.build(parents, d.tile.numRows, b.live.data(), d.beam.nodes, b.numLive.data());
    const std::size_t sizeOfParent = std::size_t(2) * dim * lanes;
    for (std::uint32_t parent = b.groups.next(0); parent < parents;) {
        const std::span<const RowSlot> members = b.groups.of(parent);
        const std::uint32_t next = b.groups.next(parent + 1);
        if (next < parents)
            prefetch(nodes.packed.data() + next * sizeOfParent, sizeOfParent);
        for (std::size_t i = 0; i < members.size(); ++i)
            b.rowsOfGroup[i] = b.features.data() + std::size_t(members[i].row) * 2 * dim;
        scorePackedKeys(b.rowsOfGroup.data(), static_cast<std::uint32_t>(members.size()),
                        nodes.packed.data() + parent * sizeOfParent, lanes, 2 * dim, d.tree.scoreCap(),
                        b.products.data());
        b.counts.count(d.shape.grid, d.tile, nodes, parent, d.tree.shape().branching, lanes);
        for (std::size_t i = 0; i < members.size(); ++i) {
            const std::uint32_t inTile = members[i].row / d.shape.grid.blockQ;
            const std::size_t at =
                std::size_t(members[i].row) * d.slots + std::size_t(members[i].slot) * lanes;
            addLines(b.products.data() + i * lanes, b.counts.log2Counts(inTile), lanes, b.scores.data() + at);
            if (isLeaf)
                std::copy_n(b.counts.counts(inTile), lanes, b.weights.data() + at);
        }
        parent = next;
    }
}

/// The best W children of every row live on; the others join the rest.
void keepBest(const Descent& d, TreeScratch::Buffers& b)
{
    const std::uint32_t lanes = d.tree.lanes();
    for (std::uint32_t row = 0; row < d.tile.numRows; ++row) {
        std::uint32_t* const live = b.live.data() + std::size_t(row) * d.beam.nodes;
        float* const scores = b.scores.data() + std::size_t(row) * d.slots;
        const std::uint32_t used = b.numLive[row] * lanes;
        pickHeaviest(scores, nullptr, used, static_cast<float>(d.beam.nodes), b.pick, b.picked);
        b.rest[row] = log2Add(b.rest[row], log2SumExp2(scores, used));
        b.kept.clear();
        for (const std::uint32_t slot : b.picked)
            b.kept.push_back(live[slot / lanes] * d.tree.shape().branching + slot % lanes);
        std::copy(b.kept.begin(), b.kept.end(), live);
        b.numLive[row] = static_cast<std::uint32_t>(b.kept.size());
    }
}

/// The leaves every row opens, as groups of rows a leaf.
void openLeaves(const Descent& d, TreeScratch::Buffers& b)
{
    const std::uint32_t lanes = d.tree.lanes();
    b.votes.begin(d.tree.leaves().numNodes);
    for (std::uint32_t row = 0; row < d.tile.numRows; ++row) {
        const std::uint32_t* const live = b.live.data() + std::size_t(row) * d.beam.nodes;
        float* const scores = b.scores.data() + std::size_t(row) * d.slots;
        const std::uint32_t used = b.numLive[row] * lanes;
        pickHeaviest(scores, b.weights.data() + std::size_t(row) * d.slots, used,
                     static_cast<float>(d.beam.keys), b.pick, b.picked);
        b.rest[row] = log2Add(b.rest[row], log2SumExp2(scores, used));
        for (const std::uint32_t slot : b.picked)
            b.votes.open(row, live[slot / lanes] * d.tree.shape().branching + slot % lanes);
    }
}

} // namespace

void treeTile(const HeadShape& shape, const ContentTree& tree, const QueryTile& tile, std::uint32_t keepKeys,
              const TreeBeam& beam, TreeScratch& scratch, BlockMask& mask)
{
    TreeScratch::Buffers& b = scratch.buffers();
    const TreeBeam used{std::max(1u, std::min(beam.nodes, tree.leaves().numNodes)), std::max(1u, beam.keys)};
    const std::uint32_t widest = tree.shape().levels > 1 ? used.nodes : 1;
    const Descent descent{shape, tree, tile, used, widest * tree.lanes()};
    prepare(descent, b);
    for (std::uint32_t level = 0; level < tree.shape().levels; ++level) {
        scoreChildren(descent, level, b);
        if (level + 1 < tree.shape().levels)
            keepBest(descent, b);
    }
    openLeaves(descent, b);
    b.votes.vote(shape, tree, tile, b.features.data(), b.rest.data());

    mask.reset();
    for (std::uint32_t row = 0; row < tile.numRows; row += shape.grid.blockQ) {
        const std::uint32_t queryBlock = (tile.firstRow + row) / shape.grid.blockQ;
        const std::uint32_t inTile = row / shape.grid.blockQ;
        b.kept.clear();
        keepHeaviest(shape.grid, queryBlock, keepKeys, b.votes.mass(inTile), true, b.kept);
        mask.keyBlock.insert(mask.keyBlock.end(), b.kept.begin(), b.kept.end());
        mask.endQueryBlock();
    }
}

} // namespace headwater
