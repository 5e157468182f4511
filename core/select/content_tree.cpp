// SPDX-License-Identifier: Apache-2.0
#include "core/select/content_tree.h"

#include "core/parallel/thread_pool.h"
#include "core/select/k_means.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace headwater {
namespace {

constexpr std::uint32_t kKeysALeaf = 32;
constexpr std::uint32_t kRoundsFirst = 6;
constexpr std::uint32_t kRoundsBelow = 5;

std::uint64_t power(std::uint64_t base, std::uint32_t exponent)
{
    std::uint64_t result = 1;
    for (std::uint32_t i = 0; i < exponent; ++i)
        result *= base;
    return result;
}

/// Children of a node of `keys` keys with `levelsLeft` levels below it: as many as leaves of about 32 keys
/// ask for, no more than `branching`. A small node that were cut into `branching` parts would drown a beam of
/// W nodes in slivers: the records of builtin:needle, a few hundred keys in one node, were lost to it at 262
/// 144 tokens.
std::uint32_t fanOut(std::uint32_t keys, std::uint32_t levelsLeft, std::uint32_t branching)
{
    std::uint32_t children = 1;
    while (children < branching && power(children, levelsLeft) * kKeysALeaf < keys)
        ++children;
    return children;
}

/// Returns early, with nodes left out, when `stop` is requested.
void forEachNode(ThreadPool* pool, std::size_t nodes, const std::stop_token& stop,
                 const std::function<void(std::size_t)>& body)
{
    if (pool)
        pool->parallelFor(
            nodes, [&](std::size_t node, std::size_t) { body(node); }, stop);
    else
        for (std::size_t node = 0; node < nodes && !stop.stop_requested(); ++node)
            body(node);
}

} // namespace

TreeShape treeShape(std::uint32_t seqLen, std::uint32_t askedLevels)
{
    // Whole numbers throughout: the smallest L with 32^L leaves, the smallest b with b^L leaves.
    const std::uint64_t leaves =
        std::max<std::uint64_t>(1, (std::uint64_t(seqLen) + kKeysALeaf - 1) / kKeysALeaf);
    TreeShape shape;
    shape.levels = askedLevels;
    if (askedLevels == 0)
        for (shape.levels = 1; power(32, shape.levels) < leaves;)
            ++shape.levels;
    for (shape.branching = 2; power(shape.branching, shape.levels) < leaves;)
        ++shape.branching;
    return shape;
}

ContentTree ContentTree::build(const KeyValues& head, TreeShape shape, std::uint64_t seed, ThreadPool* pool,
                               std::stop_token stop)
{
    ContentTree tree;
    tree.m_shape = shape;
    tree.m_length = head.length;
    tree.m_headDim = head.headDim;
    tree.m_scoreCap = head.scoreCap;
    tree.m_levels.resize(shape.levels);
    for (std::uint32_t level = 0; level < shape.levels; ++level) {
        tree.m_levels[level].numNodes = static_cast<std::uint32_t>(power(shape.branching, level + 1));
        tree.splitLevel(head, level, seed, pool, stop);
        tree.summarise(head, level, pool, stop);
        if (stop.stop_requested())
            return {};
    }
    tree.packLeaves(head);
    return tree;
}

void ContentTree::splitLevel(const KeyValues& head, std::uint32_t level, std::uint64_t seed, ThreadPool* pool,
                             const std::stop_token& stop)
{
    std::vector<std::uint32_t> nodeOf(m_length);
    const std::uint64_t levelSeed = SeededRandom(seed + level).next();
    if (level == 0) {
        nodeOf = kMeans({head.keys, head.keyStride, m_length, m_headDim}, m_shape.branching, kRoundsFirst,
                        levelSeed, pool, stop);
        orderMembers(level, nodeOf);
        return;
    }
    const TreeLevel& parents = m_levels[level - 1];
    const auto splitParent = [&](std::size_t parent) {
        const std::uint32_t* const members = parents.members.data() + parents.offset[parent];
        const std::uint32_t count = parents.size(static_cast<std::uint32_t>(parent));
        std::vector<float> keys(std::size_t(count) * m_headDim);
        for (std::uint32_t i = 0; i < count; ++i)
            std::copy_n(head.keys + members[i] * head.keyStride, m_headDim,
                        keys.begin() + std::ptrdiff_t(i) * m_headDim);
        const std::vector<std::uint32_t> child =
            kMeans({keys.data(), m_headDim, count, m_headDim},
                   fanOut(count, m_shape.levels - level, m_shape.branching), kRoundsBelow,
                   SeededRandom(levelSeed + parent).next(), nullptr, stop);
        for (std::uint32_t i = 0; i < count; ++i)
            nodeOf[members[i]] = static_cast<std::uint32_t>(parent) * m_shape.branching + child[i];
    };
    forEachNode(pool, parents.numNodes, stop, splitParent);
    orderMembers(level, nodeOf);
}

void ContentTree::orderMembers(std::uint32_t level, const std::vector<std::uint32_t>& nodeOf)
{
    TreeLevel& nodes = m_levels[level];
    nodes.offset.assign(nodes.numNodes + 1, 0);
    for (const std::uint32_t node : nodeOf)
        ++nodes.offset[node + 1];
    for (std::uint32_t node = 0; node < nodes.numNodes; ++node)
        nodes.offset[node + 1] += nodes.offset[node];
    std::vector<std::uint32_t> next(nodes.offset.begin(), nodes.offset.end() - 1);
    nodes.members.resize(nodeOf.size());
    for (std::uint32_t position = 0; position < nodeOf.size(); ++position)
        nodes.members[next[nodeOf[position]]++] = position;
}

void ContentTree::summarise(const KeyValues& head, std::uint32_t level, ThreadPool* pool,
                            const std::stop_token& stop)
{
    TreeLevel& nodes = m_levels[level];
    nodes.moments.assign(std::size_t(nodes.numNodes) * 2 * m_headDim, 0.0f);
    const auto summariseNode = [&](std::size_t n) {
        const std::uint32_t node = static_cast<std::uint32_t>(n);
        const std::uint32_t count = nodes.size(node);
        std::vector<double> sum(m_headDim, 0.0);
        std::vector<double> square(m_headDim, 0.0);
        for (std::uint32_t m = nodes.offset[node]; m < nodes.offset[node + 1]; ++m) {
            const float* const key = head.keys + nodes.members[m] * head.keyStride;
            for (std::uint32_t i = 0; i < m_headDim; ++i) {
                sum[i] += static_cast<double>(key[i]);
                square[i] += static_cast<double>(key[i]) * static_cast<double>(key[i]);
            }
        }
        float* const moments = nodes.moments.data() + n * 2 * m_headDim;
        for (std::uint32_t i = 0; count > 0 && i < m_headDim; ++i) {
            const double mean = sum[i] / count;
            moments[i] = static_cast<float>(mean);
            moments[m_headDim + i] = static_cast<float>(std::max(0.0, square[i] / count - mean * mean));
        }
    };
    forEachNode(pool, nodes.numNodes, stop, summariseNode);
    packMoments(level);
}

void ContentTree::packMoments(std::uint32_t level)
{
    TreeLevel& nodes = m_levels[level];
    const std::size_t lineLength = lanes();
    const std::size_t lines = std::size_t(2) * m_headDim;
    nodes.packed.assign(nodes.numNodes / m_shape.branching * lines * lineLength, 0.0f);
    for (std::uint32_t node = 0; node < nodes.numNodes; ++node) {
        const float* const moments = nodes.moments.data() + node * lines;
        float* const packed =
            nodes.packed.data() + node / m_shape.branching * lines * lineLength + node % m_shape.branching;
        for (std::size_t line = 0; line < lines; ++line)
            packed[line * lineLength] = moments[line];
    }
}

void ContentTree::packLeaves(const KeyValues& head)
{
    const TreeLevel& nodes = leaves();
    m_leafOffset.assign(nodes.numNodes + 1, 0);
    for (std::uint32_t leaf = 0; leaf < nodes.numNodes; ++leaf)
        m_leafOffset[leaf + 1] = m_leafOffset[leaf] + std::size_t(leafLanes(leaf)) * m_headDim;
    m_leafKeys.assign(m_leafOffset.back(), 0.0f);
    for (std::uint32_t leaf = 0; leaf < nodes.numNodes; ++leaf) {
        float* const packed = m_leafKeys.data() + m_leafOffset[leaf];
        const std::size_t lineLength = leafLanes(leaf);
        for (std::uint32_t lane = 0; lane < nodes.size(leaf); ++lane) {
            const float* const key = head.keys + nodes.members[nodes.offset[leaf] + lane] * head.keyStride;
            for (std::uint32_t i = 0; i < m_headDim; ++i)
                packed[i * lineLength + lane] = key[i];
        }
    }
}

void ContentTree::extend(const KeyValues& head)
{
    const std::uint32_t added = head.length - m_length;
    std::vector<std::uint32_t> leafOf(m_length);
    for (std::uint32_t leaf = 0; leaf < leaves().numNodes; ++leaf)
        for (std::uint32_t m = leaves().offset[leaf]; m < leaves().offset[leaf + 1]; ++m)
            leafOf[leaves().members[m]] = leaf;
    std::vector<std::uint32_t> newNode(added, 0);
    for (std::uint32_t level = 0; level < m_shape.levels; ++level) {
        TreeLevel& nodes = m_levels[level];
        const auto leavesANode =
            static_cast<std::uint32_t>(power(m_shape.branching, m_shape.levels - 1 - level));
        std::vector<std::uint32_t> nodeOf(head.length);
        for (std::uint32_t position = 0; position < m_length; ++position)
            nodeOf[position] = leafOf[position] / leavesANode;
        for (std::uint32_t i = 0; i < added; ++i) {
            const float* const key = head.keys + (m_length + i) * head.keyStride;
            double best = 1e300;
            std::uint32_t nearest = newNode[i] * m_shape.branching;
            for (std::uint32_t child = newNode[i] * m_shape.branching;
                 child < (newNode[i] + 1) * m_shape.branching; ++child) {
                if (nodes.size(child) == 0)
                    continue;
                const float* const mean = nodes.moments.data() + std::size_t(child) * 2 * m_headDim;
                double distance = 0;
                for (std::uint32_t d = 0; d < m_headDim; ++d) {
                    const double step = static_cast<double>(key[d]) - static_cast<double>(mean[d]);
                    distance += step * step;
                }
                if (distance < best) {
                    best = distance;
                    nearest = child;
                }
            }
            newNode[i] = nearest;
            nodeOf[m_length + i] = nearest;
        }
        orderMembers(level, nodeOf);
        packMoments(level);
    }
    m_length = head.length;
    packLeaves(head);
}

void ContentTree::release()
{
    m_leafKeys = std::vector<float>();
    m_leafOffset = std::vector<std::size_t>();
    for (TreeLevel& level : m_levels) {
        level.packed = std::vector<float>();
        if (&level != &m_levels.back())
            level.members = std::vector<std::uint32_t>();
    }
}

std::uint64_t ContentTree::releasedBytes(TreeShape shape, std::uint32_t length, std::uint32_t headDim)
{
    std::uint64_t nodes = 0;
    for (std::uint32_t level = 0; level < shape.levels; ++level)
        nodes += power(shape.branching, level + 1);
    return nodes * (2 * std::uint64_t{headDim} + 1) * sizeof(float)
        + std::uint64_t{length} * sizeof(std::uint32_t);
}

std::uint64_t ContentTree::bytes(TreeShape shape, std::uint32_t length, std::uint32_t headDim)
{
    const std::uint64_t leaves = power(shape.branching, shape.levels);
    const std::uint64_t lanes = (shape.branching + 15) & ~15u;
    // A leaf is filled up to whole lanes of 16: by seven or eight keys on the mean, by fifteen at most.
    const std::uint64_t leafKeys = (length + 8 * leaves) * headDim * sizeof(float);
    const std::uint64_t packed =
        (leaves + leaves / (shape.branching - 1)) / shape.branching * lanes * 2 * headDim * sizeof(float);
    const std::uint64_t members = std::uint64_t{length} * (shape.levels - 1) * sizeof(std::uint32_t);
    return releasedBytes(shape, length, headDim) + leafKeys + packed + members + leaves * sizeof(std::size_t);
}

} // namespace headwater
