// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/trace/chunk.h"
#include "core/trace/field_codec.h"
#include "core/trace/trace_format.h"
#include "core/trace/trace_types.h"

#include <cstdint>
#include <vector>

namespace headwater {

/// The blobs of one chunk, encoded, with the row's other columns.
struct StoredField {
    ChunkField field = ChunkField::RowPtr;
    std::vector<std::byte> data;
};
struct StoredChunk {
    ChunkRange range;
    std::vector<StoredField> fields;
};

Result<StoredChunk> encodeChunk(FieldCoder& coder, const Chunk& chunk);
Result<void> insertChunk(RowInserter& inserter, int layer, int head, const StoredChunk& chunk);

/// The row ranges of a head's chunks, checked: contiguous from row 0 to the end, every field there, edges
/// adding up to the head's. Errors: BadFormat.
Result<std::vector<ChunkRange>> readChunkRanges(const SqliteDatabase& database, const HeadInfo& info);

/// The prepared look-up of single fields. Not for two threads at once; the decoding outside of `database` may
/// be.
class ChunkReader {
public:
    static Result<ChunkReader> prepare(const SqliteDatabase& database);

    /// One field's blob, its hash checked. Errors: BadFormat naming the head, chunk and field.
    struct Blob {
        FieldCodec codec = FieldCodec::Zstd;
        std::vector<std::byte> data;
    };
    Result<Blob> read(const HeadInfo& info, const ChunkRange& range, ChunkField field);

private:
    explicit ChunkReader(SqliteStatement statement)
        : m_statement(std::move(statement))
    {
    }
    SqliteStatement m_statement;
};

/// "layer 3, head 5, chunk at row 256, field mass".
std::string fieldName(const HeadInfo& info, const ChunkRange& range, ChunkField field);

/// Decodes a field's blob and appends it. Errors: BadFormat naming the head, chunk and field.
template <class T>
Result<void> decodeField(FieldCoder& coder, const HeadInfo& info, const ChunkRange& range, ChunkField field,
                         const ChunkReader::Blob& blob, std::vector<T>& values);

/// All fields of one chunk, decoded and checked. Errors: BadFormat naming the head, chunk and field.
Result<Chunk> readChunk(ChunkReader& reader, FieldCoder& coder, const HeadInfo& info,
                        const ChunkRange& range);

} // namespace headwater
