// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/trace/chunk.h"
#include "core/trace/field_codec.h"
#include "core/trace/sqlite_database.h"
#include "core/trace/trace_reader.h"

#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

namespace headwater {

/// Reads the fields of one head through one connection: decoded, every hash and index checked. Used by one
/// thread. Errors: BadFormat naming the head, chunk and field; NotFound (edges or overview not stored);
/// InvalidArgument (query rows that are not the head's); OutOfMemory; Cancelled.
class HeadLoader {
public:
    /// minor: the format's version.
    HeadLoader(const SqliteDatabase& database, int minor, FieldCoder& coder, const HeadInfo& info)
        : m_database(database)
        , m_minor(minor)
        , m_coder(coder)
        , m_info(info)
    {
    }

    Result<std::shared_ptr<const HeadEdges>> edges(std::stop_token stop);
    Result<std::shared_ptr<const EdgeSlice>> edges(const TokenRange& queries, std::stop_token stop);
    Result<std::shared_ptr<const HeadRows>> rows();
    Result<std::shared_ptr<const RowSlice>> rows(const TokenRange& queries);
    Result<Trace::ColumnMass> columnMass();
    Result<Overview> overview(std::uint32_t side);

private:
    /// The ranges of all chunks, and of those that hold query rows: of one chunk at least.
    Result<std::vector<ChunkRange>> allRanges();
    Result<std::vector<ChunkRange>> rangesOf(const TokenRange& queries);
    Result<void> takeEdges(std::span<const ChunkRange> ranges, const std::stop_token& stop, EdgeSlice& edges);
    Result<void> takeRows(std::span<const ChunkRange> ranges, RowSlice& rows);
    Result<std::vector<std::uint8_t>> content(const Overview& overview);

    const SqliteDatabase& m_database;
    int m_minor;
    FieldCoder& m_coder;
    const HeadInfo& m_info;
};

} // namespace headwater
