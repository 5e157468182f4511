// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/select/head_tile.h"

#include <cstddef>
#include <cstdint>

namespace headwater {

/// Scores come from here and nowhere else: products of queries and keys, then the model's soft cap where it
/// has one. Where queries carry log2 e, scores are in units of log 2; else natural.

/// s becomes cap · tanh(s / cap), cap > 0; infinities and NaN stay, so that damaged weights still show.
/// Relative error below 4e-7.
void softCap(float cap, float* scores, std::size_t count);

/// Query rows in the lanes: scores[key * line + row] of the head's keys [firstKey, firstKey + numKeys), in
/// units of log 2. Shape: queries [>= rows, headDim], as packQueries() leaves them.
void scoreTile(const KeyValues& head, std::uint32_t firstKey, std::uint32_t numKeys, const float* queries,
               std::uint32_t rows, std::uint32_t line, float* scores);

/// The same for a few keys and few rows. Shape: queries [headDim, line].
void scoreFewKeys(const KeyValues& head, std::uint32_t firstKey, std::uint32_t numKeys, const float* queries,
                  std::uint32_t line, float* scores);

/// Keys in the lanes, for rows listed, in units of log 2. Shape: rows [count] pointers to headDim floats;
/// packed [headDim, line]; scores [count, line].
void scorePackedKeys(const float* const* rows, std::uint32_t count, const float* packed, std::uint32_t line,
                     std::uint32_t headDim, float scoreCap, float* scores);

/// Natural scores, row-major: scores[row * line + key]. Shape: queries [rows, dim], keys [numKeys, dim], each
/// with its stride.
struct ScoredRows {
    const float* queries;
    std::size_t queryStride;
    std::size_t rows;
};
struct ScoredKeys {
    const float* keys;
    std::size_t keyStride;
    std::size_t numKeys;
};
void scoreRowsOf(const ScoredRows& rows, const ScoredKeys& keys, std::size_t dim, float scoreCap,
                 float* scores, std::size_t line);

} // namespace headwater
