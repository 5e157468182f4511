// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/builtin/needle_codes.h"
#include "core/model/model.h"

#include <vector>

namespace headwater::needle {

/// A dense matrix while it is being written. Shape: [rows, cols] row-major.
struct Matrix {
    int rows = 0;
    int cols = 0;
    std::vector<float> values;

    Matrix() = default;
    Matrix(int numRows, int numCols)
        : rows(numRows)
        , cols(numCols)
        , values(static_cast<std::size_t>(numRows) * static_cast<std::size_t>(numCols))
    {
    }

    float& at(int row, int col)
    {
        return values[static_cast<std::size_t>(row) * static_cast<std::size_t>(cols)
                      + static_cast<std::size_t>(col)];
    }
    /// Rows [row, row + count) copy the columns [col, col + count).
    void copy(int row, int col, int count, float weight = 1.0f)
    {
        for (int i = 0; i < count; ++i)
            at(row + i, col + i) = weight;
    }
};

struct Layer {
    LayerConfig config;
    Matrix query, key, value, output, gate, up, down;
};

/// Nine heads fetch the bytes 1 to 9 back. The feed-forward block then keeps, at an '=', the bytes back to
/// the nearest '@', and everywhere the distance to the '=' of the value a token belongs to; all else that was
/// fetched is cleared.
Layer makeOffsetLayer();

/// One head copies the key from the '=' to the tokens of its value. An '=' reads the token before it, where
/// nothing is stored, so that it does not add its own key twice. The feed-forward block clears what belongs
/// to no key: there the queries and keys of layer 2 are zero.
Layer makeRecordLayer();

/// Three heads over one set of keys. A record's key holds the key bytes, the place in the value and "inside a
/// record"; every key holds the three bytes before it, and two rotating pairs that no query looks at: they
/// set positions apart, so that k-means can split a prompt of equal bytes.
Layer makeRetrievalLayer();

} // namespace headwater::needle
