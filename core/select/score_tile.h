// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/select/head_tile.h"

#include <cstdint>

namespace headwater {

/// Kernels on one tile of scores, stored with the rows in the lanes: scores[key * kTileRows + row], so that
/// sums and maxima over keys need no shuffles. Scores are in units of log 2 (the packed queries carry log2
/// e), so that probabilities are powers of two. `rows` below is numRows rounded up to 16 lanes.
inline constexpr std::uint32_t paddedRows(std::uint32_t numRows)
{
    return (numRows + 15) & ~15u;
}

/// Copies the tile's rows times log2(e) into packed [kTileRows, headDim]; rows beyond numRows become zeros.
void packQueries(const QueryTile& tile, std::uint32_t headDim, float* packed);

/// Sets the scores of pairs outside the causal triangle and, for window > 0, outside the window to -infinity.
void maskScores(float* scores, std::uint32_t firstKey, std::uint32_t numKeys, std::uint32_t firstRow,
                std::uint32_t rows, std::uint32_t window);

/// blockMax[block * kTileRows + row] = the row's largest score inside each block of blockK keys.
void blockMaxima(const float* scores, std::uint32_t numKeys, std::uint32_t blockK, std::uint32_t rows,
                 float* blockMax);

/// Raises a row's reference to its largest blockMax where that exceeds the reference by more than 8 (so that
/// powers stay below 2^8 and the running sums are rarely rescaled). factor[row] = 2^(old - new). Returns
/// whether any row changed.
bool raiseReference(const float* blockMax, std::uint32_t numBlocks, std::uint32_t rows, float* reference,
                    float* factor);

/// Replaces scores by 2^(score - reference) and writes their sums over each block of blockK keys:
/// blockSum[block * kTileRows + row]; adds the sum of the whole tile to rowSum[row].
void exponentiate(float* scores, std::uint32_t numKeys, std::uint32_t blockK, std::uint32_t rows,
                  const float* reference, float* blockSum, float* rowSum);

/// Multiplies every row-lane of `lines` lines of kTileRows floats by factor[row].
void scaleRows(float* values, std::uint32_t lines, std::uint32_t rows, const float* factor);

/// out[row, i] = values[i * kTileRows + row] * factor[row] for row < numRows, i < headDim.
void transposeOutput(const float* values, std::uint32_t headDim, std::uint32_t numRows, const float* factor,
                     const TileOutput& out);

} // namespace headwater
