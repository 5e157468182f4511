// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/record/token_row.h"
#include "core/trace/field_codec.h"
#include "core/trace/trace_format.h"

#include <cstdint>
#include <span>
#include <vector>

namespace headwater {

/// One row of the `row` table: what every head of a layer reads in one token row, encoded.
struct StoredTokenRow {
    std::uint32_t row = 0;
    std::uint32_t heads = 0; ///< heads that have keys
    std::uint64_t pairs = 0; ///< keys of all heads together
    std::vector<std::byte> keys; ///< u32: the count of every head of the layer, then each head's keys as gaps
    std::vector<std::byte> probability; ///< f32 [pairs], in the order of the keys

    std::uint64_t bytes() const { return keys.size() + probability.size(); }
};

/// Refuses token rows of unequal lengths, with keys after the row or twice, values outside [0, 1], or not by
/// falling probability and rising key (InvalidArgument).
Result<void> checkTokenRow(const TokenRow& row, std::uint32_t seqLen);

/// Packs the checked token rows of one layer, in any order, by row; ascending. numHeads: of the layer. A head
/// without keys in a row is the same as one whose row was not recorded. Errors: InvalidArgument (a head that
/// the layer has not, or twice in a row).
Result<std::vector<StoredTokenRow>> packTokenRows(FieldCoder& coder, std::span<const TokenRow> rows,
                                                  std::uint32_t numHeads);
Result<void> insertTokenRow(RowInserter& inserter, int layer, const StoredTokenRow& stored);

/// "layer 3, row 599" of the statement's current row (SELECT * FROM row).
std::string tokenRowName(const SqliteStatement& row);
/// Decodes and checks the statement's current row; one TokenRow a head that has keys, by head.
/// headsPerLayer: of the model. Errors: BadFormat naming layer and row, and the head where there is one.
Result<std::vector<TokenRow>> readTokenRows(FieldCoder& coder, const SqliteStatement& row,
                                            std::uint32_t seqLen,
                                            std::span<const std::uint32_t> headsPerLayer);

} // namespace headwater
