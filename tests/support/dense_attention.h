// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/half.h"
#include "core/record/head_shape.h"
#include "core/trace/trace_types.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <vector>

namespace headwater::testing {

/// A head whose every probability is known, and what a trace would hold of it: some blocks, some rows. Sizes
/// are such that brute force over all pairs is quick.
struct DenseHead {
    HeadShape shape;
    Normaliser normaliser = Normaliser::Exact;
    std::vector<float> p; ///< of the whole row. Shape: [seqLen, seqLen]
    std::vector<float> masked; ///< by the normaliser; 0 outside the kept blocks where that is Kept
    std::set<std::pair<std::uint32_t, std::uint32_t>> kept; ///< (query block, key block)
    HeadEdges edges;
    std::vector<float> missedPeak; ///< [seqLen], NaN where the normaliser is Kept
    std::vector<float> missed; ///< the same, rounded as a trace rounds it
    std::map<std::uint32_t, TokenRow> recorded;

    float at(std::uint32_t row, std::uint32_t key) const
    {
        return p[std::size_t{row} * shape.grid.seqLen + key];
    }
    float maskedAt(std::uint32_t row, std::uint32_t key) const
    {
        return masked[std::size_t{row} * shape.grid.seqLen + key];
    }
    bool isUsable(std::uint32_t row, std::uint32_t key) const
    {
        return key <= row && (shape.window == 0 || row - key < shape.window);
    }
    bool isKept(std::uint32_t row, std::uint32_t key) const
    {
        return kept.contains({row / shape.grid.blockQ, key / shape.grid.blockK});
    }
    const TokenRow* recordedRow(std::uint32_t row) const
    {
        const auto found = recorded.find(row);
        return found == recorded.end() ? nullptr : &found->second;
    }
};

/// Scores are drawn at random, with a few large ones; the diagonal's blocks and a random third of the others
/// are kept; the last `recordedRows` rows and some others are recorded with their `recordedKeys` heaviest
/// keys.
inline DenseHead makeDenseHead(const HeadShape& shape, Normaliser normaliser, std::uint32_t recordedRows,
                               std::uint32_t recordedKeys, std::uint64_t seed)
{
    DenseHead head;
    head.shape = shape;
    head.normaliser = normaliser;
    const BlockGrid& grid = shape.grid;
    const std::uint32_t seqLen = grid.seqLen;
    std::mt19937_64 random(seed);
    std::normal_distribution<double> score(0, 1.5);
    std::vector<double> exponentials(std::size_t{seqLen} * seqLen);
    for (std::uint32_t row = 0; row < seqLen; ++row) {
        for (std::uint32_t key = 0; key <= row; ++key)
            if (head.isUsable(row, key))
                exponentials[std::size_t{row} * seqLen + key] =
                    std::exp(score(random) + (random() % 40 == 0 ? 5 : 0));
    }
    for (std::uint32_t block = 0; block < grid.numQueryBlocks(); ++block) {
        const std::uint32_t first = shape.firstKey(grid.firstRow(block)) / grid.blockK;
        for (std::uint32_t key = first; key < grid.numCausalKeyBlocks(block); ++key)
            if (key + 1 == grid.numCausalKeyBlocks(block)
                || key * grid.blockK + grid.blockK > grid.firstRow(block) || random() % 3 == 0)
                head.kept.emplace(block, key);
    }
    const auto normalised = [&](std::uint32_t row, bool keptOnly) {
        std::vector<float> values(seqLen);
        double sum = 0;
        for (std::uint32_t key = 0; key <= row; ++key)
            sum += keptOnly && !head.isKept(row, key) ? 0 : exponentials[std::size_t{row} * seqLen + key];
        for (std::uint32_t key = 0; key <= row; ++key)
            if (!keptOnly || head.isKept(row, key))
                values[key] = static_cast<float>(exponentials[std::size_t{row} * seqLen + key] / sum);
        return values;
    };
    for (std::uint32_t row = 0; row < seqLen; ++row) {
        const std::vector<float> whole = normalised(row, false);
        const std::vector<float> own = normalised(row, normaliser == Normaliser::Kept);
        head.p.insert(head.p.end(), whole.begin(), whole.end());
        head.masked.insert(head.masked.end(), own.begin(), own.end());
        float missed = 0;
        double missedSum = 0;
        for (std::uint32_t key = 0; key <= row; ++key) {
            if (!head.isKept(row, key)) {
                missed = std::max(missed, whole[key]);
                missedSum += static_cast<double>(whole[key]);
            }
        }
        const float roundedSum = floatFromHalf(halfFromFloat(static_cast<float>(missedSum)));
        head.missedPeak.push_back(normaliser == Normaliser::Kept ? std::nanf("") : missed);
        head.missed.push_back(normaliser == Normaliser::Kept ? std::nanf("") : roundedSum);
        if (row + recordedRows < seqLen && random() % 11 != 0)
            continue;
        std::vector<std::uint32_t> keys(row + 1);
        std::iota(keys.begin(), keys.end(), 0U);
        std::stable_sort(keys.begin(), keys.end(),
                         [&](std::uint32_t a, std::uint32_t b) { return whole[a] > whole[b]; });
        TokenRow recorded{0, 0, row, {}, {}};
        for (const std::uint32_t key : keys) {
            if (recorded.keys.size() < recordedKeys && whole[key] > 0) {
                recorded.keys.push_back(key);
                recorded.probability.push_back(whole[key]);
            }
        }
        head.recorded.emplace(row, recorded);
    }
    head.edges.grid = grid;
    head.edges.rowPtr.assign(1, 0);
    for (std::uint32_t block = 0; block < grid.numQueryBlocks(); ++block) {
        for (std::uint32_t keyBlock = 0; keyBlock < grid.numKeyBlocks(); ++keyBlock) {
            if (!head.kept.contains({block, keyBlock}))
                continue;
            float peak = -1;
            double mass = 0;
            std::uint16_t at = 0;
            const std::uint32_t rows = grid.endRow(block) - grid.firstRow(block);
            for (std::uint32_t r = 0; r < rows; ++r) {
                for (std::uint32_t c = 0; c < std::min(grid.blockK, seqLen - keyBlock * grid.blockK); ++c) {
                    const float value = head.maskedAt(grid.firstRow(block) + r, keyBlock * grid.blockK + c);
                    mass += static_cast<double>(value) / rows;
                    if (value > peak) {
                        peak = value;
                        at = static_cast<std::uint16_t>(r << 8 | c);
                    }
                }
            }
            head.edges.keyBlock.push_back(keyBlock);
            head.edges.peak.push_back(halfFromFloat(peak));
            head.edges.mass.push_back(halfFromFloat(static_cast<float>(mass)));
            head.edges.peakAt.push_back(at);
        }
        head.edges.rowPtr.push_back(static_cast<std::uint32_t>(head.edges.keyBlock.size()));
    }
    return head;
}

} // namespace headwater::testing
