// SPDX-License-Identifier: Apache-2.0
#include "core/select/leaf_votes.h"

#include "core/select/fused_products.h"
#include "core/select/lanes.h"
#include "core/select/node_counts.h"

#include <algorithm>
#include <cmath>

namespace headwater {
namespace {

using lanes::F16;
using lanes::kLanes;

/// largest[lane] = max over the line's vectors, kept in 16 lanes.
HEADWATER_LANE_KERNEL
void raiseLine(const float* line, std::uint32_t n, float* largest)
{
    F16 top;
    lanes::load(largest, top);
    for (std::uint32_t i = 0; i < n; i += kLanes) {
        F16 v;
        lanes::load(line + i, v);
        lanes::raise(top, v);
    }
    lanes::store(largest, top);
}

/// line = 2^(line - shift); sums += it.
HEADWATER_LANE_KERNEL
void powersOfLine(float* line, std::uint32_t n, float shift, float* sums)
{
    F16 sum;
    lanes::load(sums, sum);
    for (std::uint32_t i = 0; i < n; i += kLanes) {
        F16 v;
        lanes::load(line + i, v);
        lanes::exp2(v - shift, v);
        lanes::store(line + i, v);
        sum += v;
    }
    lanes::store(sums, sum);
}

/// out (+)= line · factor.
HEADWATER_LANE_KERNEL
void addScaled(const float* line, std::uint32_t n, float factor, bool first, float* out)
{
    for (std::uint32_t i = 0; i < n; i += kLanes) {
        F16 v;
        lanes::load(line + i, v);
        v *= factor;
        if (!first) {
            F16 before;
            lanes::load(out + i, before);
            v += before;
        }
        lanes::store(out + i, v);
    }
}

HEADWATER_LANE_KERNEL
float largestOf16(const float* x)
{
    F16 v;
    lanes::load(x, v);
    return lanes::maxOf(v);
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

void LeafVotes::scoreLeaf(const ContentTree& tree, const QueryTile& tile, const float* features,
                          std::uint32_t leaf, float* scores)
{
    const std::uint32_t lineLength = tree.leafLanes(leaf);
    const std::uint32_t count = m_offset[leaf + 1] - m_offset[leaf];
    const std::uint32_t* const rows = m_rows.data() + m_offset[leaf];
    for (std::uint32_t i = 0; i < count; ++i)
        m_rowPointers[i] = features + std::size_t(rows[i]) * 2 * tree.headDim();
    scoreRows(m_rowPointers.data(), count, tree.leafKeys(leaf), lineLength, tree.headDim(), scores);

    const TreeLevel& leaves = tree.leaves();
    const std::uint32_t* const begin = leaves.members.data() + leaves.offset[leaf];
    const std::uint32_t* const end = leaves.members.data() + leaves.offset[leaf + 1];
    const bool past = begin == end || end[-1] <= tile.firstRow;
    std::uint32_t readable = static_cast<std::uint32_t>(end - begin);
    for (std::uint32_t i = 0; i < count; ++i) {
        // Members ascend, so what a row may read is a prefix.
        if (!past)
            readable =
                static_cast<std::uint32_t>(std::upper_bound(begin, end, tile.firstRow + rows[i]) - begin);
        float* const line = scores + std::size_t(i) * lineLength;
        std::fill(line + readable, line + lineLength, lanes::kMinusInfinity);
        raiseLine(line, lineLength, m_largest.data() + std::size_t(rows[i]) * kLanes);
    }
}

void LeafVotes::normalise(const ContentTree& tree, const QueryTile& tile, const float* rest)
{
    for (std::uint32_t row = 0; row < tile.numRows; ++row)
        m_scale[row] = largestOf16(m_largest.data() + std::size_t(row) * kLanes);
    for (std::uint32_t leaf = 0; leaf + 1 < m_offset.size(); ++leaf) {
        const std::uint32_t lineLength = tree.leafLanes(leaf);
        float* line = m_scores.data() + m_scoresAt[leaf];
        for (std::uint32_t i = m_offset[leaf]; i < m_offset[leaf + 1]; ++i, line += lineLength)
            powersOfLine(line, lineLength, m_scale[m_rows[i]],
                         m_sums.data() + std::size_t(m_rows[i]) * kLanes);
    }
    for (std::uint32_t row = 0; row < tile.numRows; ++row) {
        const float largest = m_scale[row];
        const float sum = sumOf16(m_sums.data() + std::size_t(row) * kLanes);
        const float lse2 = sum > 0 ? log2Add(largest + std::log2(sum), rest[row]) : lanes::kMinusInfinity;
        m_scale[row] = sum > 0 ? std::exp2(largest - lse2) : 0.0f;
    }
}

void LeafVotes::voteLeaf(const HeadShape& shape, const ContentTree& tree, const QueryTile& tile,
                         std::uint32_t leaf, const float* powers, bool peaks)
{
    const TreeLevel& leaves = tree.leaves();
    const std::uint32_t lineLength = tree.leafLanes(leaf);
    const std::uint32_t endRow = tile.firstRow + tile.numRows;
    const std::uint32_t* const members = leaves.members.data() + leaves.offset[leaf];
    const std::uint32_t size = leaves.size(leaf);
    m_line.resize(lineLength);
    std::uint32_t i = m_offset[leaf];
    while (i < m_offset[leaf + 1]) {
        const std::uint32_t inTile = m_rows[i] / shape.grid.blockQ;
        float* const peak = m_peak.data() + std::size_t(inTile) * m_numBlocks;
        bool first = true;
        for (; i < m_offset[leaf + 1] && m_rows[i] / shape.grid.blockQ == inTile; ++i, powers += lineLength) {
            addScaled(powers, lineLength, m_scale[m_rows[i]], first, m_line.data());
            first = false;
            for (std::uint32_t lane = 0; peaks && lane < size && members[lane] < endRow; ++lane) {
                float& largest = peak[members[lane] / shape.grid.blockK];
                largest = std::max(largest, powers[lane] * m_scale[m_rows[i]]);
            }
        }
        float* const mass = m_mass.data() + std::size_t(inTile) * m_numBlocks;
        for (std::uint32_t lane = 0; lane < size && members[lane] < endRow; ++lane)
            mass[members[lane] / shape.grid.blockK] += m_line[lane];
    }
}

void LeafVotes::vote(const HeadShape& shape, const ContentTree& tree, const QueryTile& tile,
                     const float* features, const float* rest, bool peaks)
{
    const std::uint32_t queryBlocks = (tile.numRows + shape.grid.blockQ - 1) / shape.grid.blockQ;
    m_numBlocks = (tile.firstRow + tile.numRows - 1) / shape.grid.blockK + 1;
    m_mass.assign(std::size_t(queryBlocks) * m_numBlocks, 0.0f);
    m_peak.assign(peaks ? m_mass.size() : 0, 0.0f);
    m_largest.assign(std::size_t(tile.numRows) * kLanes, lanes::kMinusInfinity);
    m_sums.assign(std::size_t(tile.numRows) * kLanes, 0.0f);
    m_scale.resize(tile.numRows);
    m_rowPointers.resize(tile.numRows);
    group();
    const std::uint32_t numLeaves = static_cast<std::uint32_t>(m_scoresAt.size());
    std::size_t total = 0;
    for (std::uint32_t leaf = 0; leaf < numLeaves; ++leaf) {
        m_scoresAt[leaf] = total;
        total += std::size_t(m_offset[leaf + 1] - m_offset[leaf]) * tree.leafLanes(leaf);
    }
    if (m_scores.size() < total)
        m_scores.resize(total);
    for (std::uint32_t leaf = 0; leaf < numLeaves; ++leaf)
        if (m_offset[leaf] < m_offset[leaf + 1])
            scoreLeaf(tree, tile, features, leaf, m_scores.data() + m_scoresAt[leaf]);
    normalise(tree, tile, rest);
    for (std::uint32_t leaf = 0; leaf < numLeaves; ++leaf)
        if (m_offset[leaf] < m_offset[leaf + 1])
            voteLeaf(shape, tree, tile, leaf, m_scores.data() + m_scoresAt[leaf], peaks);
}

} // namespace headwater
