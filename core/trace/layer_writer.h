// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/trace/array_store.h"
#include "core/trace/chunk_store.h"
#include "core/trace/overview.h"
#include "core/trace/trace_format.h"
#include "core/trace/trace_writer.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace headwater {

/// A head ready to be inserted: everything encoded, nothing of the record needed any more.
struct EncodedHead {
    struct Picture {
        OverviewShape shape;
        std::vector<std::byte> data;
    };
    HeadInfo info;
    std::vector<StoredChunk> chunks;
    std::vector<Picture> overviews;
    std::vector<TokenRow> tokenRows;
    std::vector<StoredArray> arrays; ///< content plane, probe rows

    std::uint64_t bytes() const; ///< of its blobs, without the token rows, which are stored by layer
};

/// Checks and encodes a head. `before`: chunks already stored that precede the record's first row (rewriting
/// a tail); they count in the overviews, and the last of them is written again as part of the first new one
/// where both are small. Errors: InvalidArgument when the record is not what it promises.
Result<EncodedHead> encodeHead(FieldCoder& coder, const TraceWriter::FinishedHead& head,
                               std::uint32_t tailRow, std::span<const Chunk> before);

/// Inserts encoded heads into the tables of one database.
class LayerWriter {
public:
    static Result<LayerWriter> prepare(const SqliteDatabase& database);
    /// All but the head's token rows.
    Result<void> insert(const EncodedHead& head);
    /// The token rows of all heads of one layer (which has numHeads), replacing those of the same rows. Adds
    /// to `bytes` what they take.
    Result<void> insertTokenRows(FieldCoder& coder, int layer, std::uint32_t numHeads,
                                 std::span<const TokenRow> rows, std::uint64_t& bytes);

private:
    LayerWriter(RowInserter head, RowInserter chunk, RowInserter overview, RowInserter row, RowInserter array)
        : m_head(std::move(head))
        , m_chunk(std::move(chunk))
        , m_overview(std::move(overview))
        , m_row(std::move(row))
        , m_array(std::move(array))
    {
    }
    RowInserter m_head;
    RowInserter m_chunk;
    RowInserter m_overview;
    RowInserter m_row;
    RowInserter m_array;
};

} // namespace headwater
