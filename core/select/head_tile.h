// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/record/head_shape.h"
#include "core/select/select_params.h"

#include <cstddef>
#include <cstdint>

namespace headwater {

/// Key tiles are as long as the tiles of rows.
inline constexpr std::uint32_t kTileKeys = 256;

/// Keys and values of one KV head, after RoPE. Shape: [length, headDim] each, row-major with its own row
/// stride.
struct KeyValues {
    const float* keys = nullptr;
    std::size_t keyStride = 0;
    const float* values = nullptr; ///< may be null where only scores are asked for
    std::size_t valueStride = 0;
    std::uint32_t length = 0;
    std::uint32_t headDim = 0;
    float scoreCap = 0; ///< c > 0: a natural score s is c · tanh(s / c)
};

/// One tile of query rows of one query head, after RoPE, the score scale multiplied in.
/// Shape: [numRows, headDim]; firstRow is a multiple of kTileRows, numRows <= kTileRows.
struct QueryTile {
    const float* rows = nullptr;
    std::size_t stride = 0;
    std::uint32_t firstRow = 0;
    std::uint32_t numRows = 0;
};

/// Where the tile's attention output goes. Shape: [numRows, headDim], row-major; data null: not wanted.
struct TileOutput {
    float* data = nullptr;
    std::size_t stride = 0;
};

} // namespace headwater
