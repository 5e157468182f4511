// SPDX-License-Identifier: Apache-2.0
#include "core/select/leaf_votes.h"

#include "core/select/fused_products.h"
#include "core/select/lanes.h"
#include "core/select/node_counts.h"
#include "core/select/scores.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace headwater {
namespace {

using lanes::F16;
using lanes::I16;
using lanes::kLanes;

/// The lines of one leaf, one a row, straight after their scores were written: keys the row may not read go
/// to -infinity, the row's reference rises where it must (as in raiseReference()), scores become powers
/// relative to it.
HEADWATER_LANE_KERNEL
void powersOfLeaf(float* lines, std::uint32_t length, const std::uint32_t* rows,
                  const std::uint32_t* readable, std::uint32_t count, float* reference, float* sums,
                  float* usedReference)
{
    const I16 first = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    F16 blind;
    lanes::fill(lanes::kMinusInfinity, blind);
    for (std::uint32_t i = 0; i < count; ++i) {
        float* const line = lines + std::size_t(i) * length;
        F16 top;
        lanes::fill(lanes::kMinusInfinity, top);
        for (std::uint32_t lane = 0; lane < length; lane += kLanes) {
            F16 v;
            lanes::load(line + lane, v);
            lanes::raise(
                top,
                first + static_cast<std::int32_t>(lane) < static_cast<std::int32_t>(readable[i]) ? v : blind);
        }
        const float largest = lanes::maxOf(top);
        float shift = reference[rows[i]];
        F16 sum;
        lanes::load(sums + std::size_t(rows[i]) * kLanes, sum);
        if (largest > shift + 8.0f) {
            F16 ratio;
            lanes::exp2(F16{} + (shift - largest), ratio);
            sum *= ratio;
            reference[rows[i]] = shift = largest;
        }
        for (std::uint32_t lane = 0; lane < length; lane += kLanes) {
            F16 v;
            lanes::load(line + lane, v);
            v = first + static_cast<std::int32_t>(lane) < static_cast<std::int32_t>(readable[i]) ? v : blind;
            lanes::exp2(v - shift, v);
            lanes::store(line + lane, v);
            sum += v;
        }
        lanes::store(sums + std::size_t(rows[i]) * kLanes, sum);
        usedReference[i] = shift;
    }
}

/// factor[i] = 2^(factor[i] - lse2[rows[i]]).
HEADWATER_LANE_KERNEL
void factorsOf(float* factor, const std::uint32_t* rows, std::size_t count, const float* lse2)
{
    for (std::size_t i = 0; i < count; i += kLanes) {
        float gathered[kLanes] = {};
        const std::size_t n = std::min<std::size_t>(kLanes, count - i);
        for (std::size_t lane = 0; lane < n; ++lane)
            gathered[lane] = factor[i + lane] - lse2[rows[i + lane]];
        F16 v;
        lanes::load(gathered, v);
        lanes::exp2(v, v);
        std::memcpy(factor + i, &v, n * sizeof(float));
    }
}

/// out = sum of lines[i] · factor[i].
HEADWATER_LANE_KERNEL
void weightedSum(const float* lines, std::uint32_t length, const float* factor, std::uint32_t count,
                 float* out)
{
    for (std::uint32_t lane = 0; lane < length; lane += kLanes) {
        F16 sum = {};
        for (std::uint32_t i = 0; i < count; ++i) {
            F16 v;
            lanes::load(lines + std::size_t(i) * length + lane, v);
            sum += v * factor[i];
        }
        lanes::store(out + lane, sum);
    }
}

HEADWATER_LANE_KERNEL
float sumOf16(const float* x)
{
    F16 v;
    lanes::load(x, v);
    return lanes::sumOf(v);
}

} // namespace

void LeafVotes::begin(std::uint32_t numLeaves)
{
    m_opened.clear();
    m_offset.assign(numLeaves + 1, 0);
    m_scoresAt.resize(numLeaves);
}

void LeafVotes::open(std::uint32_t row, std::uint32_t leaf)
{
    m_opened.push_back({row, leaf});
    ++m_offset[leaf + 1];
}

void LeafVotes::group()
{
    for (std::size_t leaf = 1; leaf < m_offset.size(); ++leaf)
        m_offset[leaf] += m_offset[leaf - 1];
    m_rows.resize(m_opened.size());
    for (const Opened& opened : m_opened)
        m_rows[m_offset[opened.leaf]++] = opened.row;
    for (std::size_t leaf = m_offset.size() - 1; leaf > 0; --leaf)
        m_offset[leaf] = m_offset[leaf - 1];
    m_offset[0] = 0;
}

void LeafVotes::prepare(const HeadShape& shape, const ContentTree& tree, const QueryTile& tile)
{
    const std::uint32_t queryBlocks = (tile.numRows + shape.grid.blockQ - 1) / shape.grid.blockQ;
    m_numBlocks = (tile.firstRow + tile.numRows - 1) / shape.grid.blockK + 1;
    m_mass.assign(std::size_t(queryBlocks) * m_numBlocks, 0.0f);
    m_reference.assign(tile.numRows, lanes::kMinusInfinity);
    m_sums.assign(std::size_t(tile.numRows) * kLanes, 0.0f);
    m_rowPointers.resize(tile.numRows);
    m_readable.resize(tile.numRows);
    m_factor.resize(m_opened.size());
    std::size_t total = 0;
    for (std::uint32_t leaf = 0; leaf < m_scoresAt.size(); ++leaf) {
        m_scoresAt[leaf] = total;
        total += std::size_t(m_offset[leaf + 1] - m_offset[leaf]) * tree.leafLanes(leaf);
    }
    if (m_scores.size() < total)
        m_scores.resize(total);
}

void LeafVotes::scoreLeaf(const ContentTree& tree, const QueryTile& tile, const float* features,
                          std::uint32_t leaf)
{
    const std::uint32_t count = m_offset[leaf + 1] - m_offset[leaf];
    const std::uint32_t* const rows = m_rows.data() + m_offset[leaf];
    float* const lines = m_scores.data() + m_scoresAt[leaf];
    for (std::uint32_t i = 0; i < count; ++i)
        m_rowPointers[i] = features + std::size_t(rows[i]) * 2 * tree.headDim();
    scorePackedKeys(m_rowPointers.data(), count, tree.leafKeys(leaf), tree.leafLanes(leaf), tree.headDim(),
                    tree.scoreCap(), lines);

    const TreeLevel& leaves = tree.leaves();
    const std::uint32_t* const begin = leaves.members.data() + leaves.offset[leaf];
    const std::uint32_t* const end = leaves.members.data() + leaves.offset[leaf + 1];
    // Members ascend, so what a row may read is a prefix; of a leaf in the past it is everything.
    if (begin == end || end[-1] <= tile.firstRow)
        std::fill_n(m_readable.begin(), count, static_cast<std::uint32_t>(end - begin));
    else
        for (std::uint32_t i = 0; i < count; ++i)
            m_readable[i] =
                static_cast<std::uint32_t>(std::upper_bound(begin, end, tile.firstRow + rows[i]) - begin);
    powersOfLeaf(lines, tree.leafLanes(leaf), rows, m_readable.data(), count, m_reference.data(),
                 m_sums.data(), m_factor.data() + m_offset[leaf]);
}

void LeafVotes::normalise(const QueryTile& tile, const float* rest)
{
    for (std::uint32_t row = 0; row < tile.numRows; ++row) {
        const float sum = sumOf16(m_sums.data() + std::size_t(row) * kLanes);
        m_reference[row] = sum > 0 ? log2Add(m_reference[row] + std::log2(sum), rest[row])
                                   : std::numeric_limits<float>::infinity();
    }
    factorsOf(m_factor.data(), m_rows.data(), m_rows.size(), m_reference.data());
}

void LeafVotes::voteLeaf(const HeadShape& shape, const ContentTree& tree, const QueryTile& tile,
                         std::uint32_t leaf)
{
    const TreeLevel& leaves = tree.leaves();
    const std::uint32_t length = tree.leafLanes(leaf);
    const std::uint32_t* const members = leaves.members.data() + leaves.offset[leaf];
    const auto numKeys = static_cast<std::uint32_t>(
        std::lower_bound(members, members + leaves.size(leaf), tile.firstRow + tile.numRows) - members);
    const int queryShift = std::countr_zero(shape.grid.blockQ);
    const int keyShift = std::countr_zero(shape.grid.blockK);
    m_line.resize(length);
    const float* lines = m_scores.data() + m_scoresAt[leaf];
    for (std::uint32_t i = m_offset[leaf]; i < m_offset[leaf + 1];) {
        const std::uint32_t inTile = m_rows[i] >> queryShift;
        std::uint32_t end = i + 1;
        while (end < m_offset[leaf + 1] && m_rows[end] >> queryShift == inTile)
            ++end;
        weightedSum(lines, length, m_factor.data() + i, end - i, m_line.data());
        lines += std::size_t(end - i) * length;
        i = end;
        float* const mass = m_mass.data() + std::size_t(inTile) * m_numBlocks;
        for (std::uint32_t lane = 0; lane < numKeys; ++lane)
            mass[members[lane] >> keyShift] += m_line[lane];
    }
}

void LeafVotes::vote(const HeadShape& shape, const ContentTree& tree, const QueryTile& tile,
                     const float* features, const float* rest)
{
    group();
    prepare(shape, tree, tile);
    const auto numLeaves = static_cast<std::uint32_t>(m_scoresAt.size());
    const auto nextOpened = [&](std::uint32_t leaf) {
        while (leaf < numLeaves && m_offset[leaf] == m_offset[leaf + 1])
            ++leaf;
        return leaf;
    };
    for (std::uint32_t leaf = nextOpened(0); leaf < numLeaves;) {
        const std::uint32_t next = nextOpened(leaf + 1);
        if (next < numLeaves)
            prefetch(tree.leafKeys(next), std::size_t(tree.leafLanes(next)) * tree.headDim());
        scoreLeaf(tree, tile, features, leaf);
        leaf = next;
    }
    normalise(tile, rest);
    for (std::uint32_t leaf = 0; leaf < numLeaves; ++leaf)
        if (m_offset[leaf] < m_offset[leaf + 1])
            voteLeaf(shape, tree, tile, leaf);
}

} // namespace headwater
