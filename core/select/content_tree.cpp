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
    const std::size_t lineLength = lanes();
    nodes.means.assign(std::size_t(nodes.numNodes) * m_headDim, 0.0f);
    nodes.packed.assign(std::size_t(nodes.numNodes / m_shape.branching) * 2 * m_headDim * lineLength, 0.0f);
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
        float* const packed = nodes.packed.data()
            + std::size_t(node / m_shape.branching) * 2 * m_headDim * lineLength + node % m_shape.branching;
        for (std::uint32_t i = 0; count > 0 && i < m_headDim; ++i) {
            const double mean = sum[i] / count;
            nodes.means[std::size_t(node) * m_headDim + i] = static_cast<float>(mean);
            packed[i * lineLength] = static_cast<float>(mean);
            packed[(m_headDim + i) * lineLength] =
                static_cast<float>(std::max(0.0, square[i] / count - mean * mean));
        }
    };
    forEachNode(pool, nodes.numNodes, stop, summariseNode);
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
    std::vector<std::uint32_t> newNode(added, 0);
    for (std::uint32_t level = 0; level < m_shape.levels; ++level) {
        TreeLevel& nodes = m_levels[level];
        std::vector<std::uint32_t> nodeOf(head.length);
        for (std::uint32_t node = 0; node < nodes.numNodes; ++node)
            for (std::uint32_t m = nodes.offset[node]; m < nodes.offset[node + 1]; ++m)
                nodeOf[nodes.members[m]] = node;
        for (std::uint32_t i = 0; i < added; ++i) {
            const float* const key = head.keys + (m_length + i) * head.keyStride;
            double best = 1e300;
            std::uint32_t nearest = newNode[i] * m_shape.branching;
            for (std::uint32_t child = newNode[i] * m_shape.branching;
                 child < (newNode[i] + 1) * m_shape.branching; ++child) {
                if (nodes.size(child) == 0)
                    continue;
                double distance = 0;
                for (std::uint32_t d = 0; d < m_headDim; ++d) {
                    const double step = static_cast<double>(key[d])
                        - static_cast<double>(nodes.means[std::size_t(child) * m_headDim + d]);
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
    }
    m_length = head.length;
    packLeaves(head);
}

} // namespace headwater
