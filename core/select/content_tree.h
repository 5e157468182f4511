// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/select/head_tile.h"

#include <cstdint>
#include <stop_token>
#include <vector>

namespace headwater {

class ThreadPool;

/// The shape of a content tree: `levels` levels of `branching` children a node, leaves of about 32 keys.
/// L = max(1, ceil(log32(T / 32))), or as asked; b = ceil((T / 32)^(1 / L)), at least 2.
struct TreeShape {
    std::uint32_t levels = 1;
    std::uint32_t branching = 2;
};
TreeShape treeShape(std::uint32_t seqLen, std::uint32_t askedLevels);

/// One level: nodes in the order of their parents, node n's children are n · branching … of the next level.
struct TreeLevel {
    std::uint32_t numNodes = 0;
    /// Members of node n: members[offset[n] .. offset[n + 1]), positions ascending. Shape: [numNodes + 1],
    /// [seqLen].
    std::vector<std::uint32_t> offset;
    std::vector<std::uint32_t> members;
    std::vector<float> moments; ///< means, then diagonal variances. Shape: [numNodes, 2 · headDim]
    /// Means and diagonal variances of a parent's children, children in the lanes (padded to 16):
    /// [parents, 2 · headDim, lanes]; the first headDim lines are means, the others variances.
    std::vector<float> packed;

    std::uint32_t size(std::uint32_t node) const { return offset[node + 1] - offset[node]; }
};

/// STREAM's hierarchical refinement over content instead of position (DESIGN §3 `tree`, fidelity.md study 3):
/// the keys of one KV head split by seeded k-means, level by level (6 rounds at the first, 5 below). A node
/// smaller than its share gets fewer children, so that leaves hold about 32 keys everywhere; the rest of its
/// slots stay empty.
class ContentTree {
public:
    /// Cost: about 2 · T · headDim · branching · (6 + 5 (levels - 1)) FLOP; memory 1.3 · T · headDim floats
    /// and 2 · levels · T indices. The same for any pool (null: this thread alone). When `stop` is requested
    /// it returns within a tile's work, with a tree of no length: to be thrown away.
    static ContentTree build(const KeyValues& head, TreeShape shape, std::uint64_t seed, ThreadPool* pool,
                             std::stop_token stop = {});

    /// Assigns the keys [length(), head.length) to the leaves, downwards by the nearest mean; means and
    /// variances stay. `head` holds all keys from 0 on; those before length() must be the ones it was built
    /// from. Whatever was released is made again.
    void extend(const KeyValues& head);

    /// Frees what extend() makes again from the keys. Until then nothing may be looked for in the tree. What
    /// stays is about a twelfth: the moments of the nodes, and the leaf of every key.
    void release();

    /// What a tree of `length` keys holds, and once released. Cost: that of a few multiplications.
    static std::uint64_t bytes(TreeShape shape, std::uint32_t length, std::uint32_t headDim);
    static std::uint64_t releasedBytes(TreeShape shape, std::uint32_t length, std::uint32_t headDim);

    std::uint32_t length() const { return m_length; }
    std::uint32_t headDim() const { return m_headDim; }
    float scoreCap() const { return m_scoreCap; } ///< the head's, as KeyValues has it
    TreeShape shape() const { return m_shape; }
    std::uint32_t lanes() const { return (m_shape.branching + 15) & ~15u; }
    const std::vector<TreeLevel>& levels() const { return m_levels; }
    const TreeLevel& leaves() const { return m_levels.back(); }
    /// Keys of one leaf with the keys in the lanes, in the order of its members: [headDim, leafLanes(leaf)].
    const float* leafKeys(std::uint32_t leaf) const { return m_leafKeys.data() + m_leafOffset[leaf]; }
    std::uint32_t leafLanes(std::uint32_t leaf) const { return (leaves().size(leaf) + 15) & ~15u; }

private:
    void splitLevel(const KeyValues& head, std::uint32_t level, std::uint64_t seed, ThreadPool* pool,
                    const std::stop_token& stop);
    void orderMembers(std::uint32_t level, const std::vector<std::uint32_t>& nodeOf);
    void summarise(const KeyValues& head, std::uint32_t level, ThreadPool* pool, const std::stop_token& stop);
    void packMoments(std::uint32_t level);
    void packLeaves(const KeyValues& head);

    TreeShape m_shape;
    std::uint32_t m_length = 0;
    std::uint32_t m_headDim = 0;
    float m_scoreCap = 0;
    std::vector<TreeLevel> m_levels;
    std::vector<std::size_t> m_leafOffset;
    std::vector<float> m_leafKeys;
};

} // namespace headwater
