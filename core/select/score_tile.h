// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/select/head_tile.h"

#include <cstdint>

namespace headwater {

/// Kernels on scores with the query rows in the lanes: scores[key * line + row], line = kTileRows for a whole
/// tile or the padded rows of one query block, so that sums and maxima over keys need no shuffles. Scores are
/// in units of log 2 (the packed queries carry log2 e), so that probabilities are powers of two. `rows` is
/// the number of rows rounded up to 16 lanes; arrays that are not [keys or blocks, line] have one value a
/// row.
inline constexpr std::uint32_t paddedRows(std::uint32_t numRows)
{
    return (numRows + 15) & ~15u;
}

/// Copies the tile's rows times log2(e) into packed [kTileRows, headDim]; rows beyond numRows become zeros.
void packQueries(const QueryTile& tile, std::uint32_t headDim, float* packed);

/// Sets the scores of pairs outside the causal triangle and, for window > 0, outside the window to -infinity.
void maskScores(float* scores, std::uint32_t firstKey, std::uint32_t numKeys, std::uint32_t firstRow,
                std::uint32_t rows, std::uint32_t line, std::uint32_t window);

/// blockMax[block * line + row] = the row's largest score inside each block of blockK keys.
void blockMaxima(const float* scores, std::uint32_t numKeys, std::uint32_t blockK, std::uint32_t rows,
                 std::uint32_t line, float* blockMax);

/// Raises a row's reference to its largest blockMax where that exceeds the reference by more than 8 (so that
/// powers stay below 2^8 and the running sums are rarely rescaled). factor[row] = 2^(old - new). Returns
/// whether any row changed.
bool raiseReference(const float* blockMax, std::uint32_t numBlocks, std::uint32_t rows, std::uint32_t line,
                    float* reference, float* factor);

/// Replaces scores by 2^(score - reference) and writes their sums over each block of blockK keys:
/// blockSum[block * line + row]; adds the sum of the whole tile to rowSum[row].
void exponentiate(float* scores, std::uint32_t numKeys, std::uint32_t blockK, std::uint32_t rows,
                  std::uint32_t line, const float* reference, float* blockSum, float* rowSum);

/// Replaces scores by 2^(score - reference) · factor[row]; factor null: 1.
void probabilities(float* scores, std::uint32_t lines, std::uint32_t rows, std::uint32_t line,
                   const float* reference, const float* factor);

/// log-sum-exp (natural) of a row from its running reference and its sum of powers relative to it; -infinity
/// where no power is positive.
float logSumExpOf(float reference, float sum);

/// The sum of one line, rows a multiple of 16, in a fixed order.
float sumOfLine(const float* values, std::uint32_t rows);

/// Multiplies every row-lane of `lines` lines of `line` floats by factor[row].
void scaleRows(float* values, std::uint32_t lines, std::uint32_t rows, std::uint32_t line,
               const float* factor);

/// out[row, i] = values[i * line + row] * factor[row] for row < numRows, i < headDim.
void transposeOutput(const float* values, std::uint32_t headDim, std::uint32_t numRows, std::uint32_t line,
                     const float* factor, const TileOutput& out);

} // namespace headwater
