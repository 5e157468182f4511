// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
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
    std::vector<std::uint32_t> probeRow;
    std::vector<float> probeKeptMass;

    std::uint64_t bytes() const; ///< of its blobs
};

/// Checks and encodes a head. `before`: chunks already stored that precede the record's first row (rewriting
/// a tail); they count in the overviews. Errors: InvalidArgument when the record is not what it promises.
Result<EncodedHead> encodeHead(FieldCoder& coder, const TraceWriter::FinishedHead& head,
                               std::uint32_t tailRow, std::span<const Chunk> before);

/// Inserts encoded heads into the tables of one database.
class LayerWriter {
public:
    static Result<LayerWriter> prepare(const SqliteDatabase& database);
    Result<void> insert(FieldCoder& coder, const EncodedHead& head);

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
