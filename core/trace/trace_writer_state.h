// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/trace/array_store.h"
#include "core/trace/head_encoders.h"
#include "core/trace/head_row.h"
#include "core/trace/layer_writer.h"
#include "core/trace/trace_place.h"
#include "core/trace/trace_writer.h"

#include <functional>
#include <map>
#include <optional>

namespace headwater {

/// What a -wal file begins with: its index, and the largest page of the schema, a table and the free list.
inline constexpr std::uint64_t kLogBytes = (32u << 10) + 3 * (16u << 10);

/// A trace that is open for writing: its database, and what it holds so far. Its parts are those of
/// TraceWriter: trace_writer.cpp, trace_tail.cpp.
struct TraceWriter::State {
    std::filesystem::path path;
    std::optional<SqliteDatabase> database;
    std::optional<LayerWriter> layers;
    FieldCoder coder;
    HeadEncoders encoders{1};
    TokenTables tables;
    bool hasPredictions = false;

    std::uint32_t seqLen() const { return static_cast<std::uint32_t>(tables.tokenIds.size()); }

    Error named(Error error) const { return inContext(std::move(error), path.string()); }

    Error failed(const Error& error, std::uint64_t bytes, const std::string& what) const;

    /// Runs `body` in one transaction. `bytes` is read after the body, when it knows what it wanted to write.
    Result<void> transact(const std::string& what, const std::uint64_t& bytes,
                          const std::function<Result<void>()>& body);

    /// Opens what putTrace has put there, for writing.
    Result<void> openDatabase(const FileIdentity& placed);

    /// The first state may be trusted without a -wal file, for there was none. From now on it may not: what
    /// is committed stands there.
    Result<void> dropFirstSeal();

    /// A writer that ended by itself has left WAL mode, and the row by which readers trust the lone file.
    Result<void> goOnInLog();

    Result<void> insertTokenRows(int layer, std::span<const TokenRow> rows, std::uint64_t& bytes);

    /// Replaces one head from tailRow on; its token rows go to `tokenRows`, by layer.
    Result<void> rewriteHead(const FinishedHead& head, std::uint32_t tailRow,
                             std::map<int, std::vector<TokenRow>>& tokenRows, std::uint64_t& bytes);
    Result<std::vector<Chunk>> chunksBefore(const HeadInfo& info, std::uint32_t tailRow);

    /// Leaves one file when nobody else has it open; otherwise the -wal file stays beside it.
    void closeUnsealed();
};

/// At the end of `rows`.
void appendRows(std::vector<TokenRow>& rows, std::vector<TokenRow>&& more);

} // namespace headwater
