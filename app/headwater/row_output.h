// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/base/whole_file.h"
#include "core/reading/known_row.h"
#include "core/trace/trace_reader.h"
#include "core/trace/zip_writer.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <span>

namespace headwater {

/// Columns of the archive, an element a row, a key or a block.
struct RowColumns;

/// Rows as numbers for other programs, written one after the other. What is not known is NaN; keys that a row
/// cannot read are 0.
///   *.npy  f32 [rows, tokens]: the probability of every key.
///   *.npz  a member a name, an element a row: token, layer, head (i64), exact (bool), lse, bound, rest
///   (f32);
///          of the rows that are known by keys: keys (u32) and p (f32), row r's at ptr[r] to ptr[r + 1]
///          (i64); of the others key_begin, key_end, peak_query, peak_key (u32), mass, peak (f32) at
///          block_ptr[r] to block_ptr[r + 1].
class RowOutput {
public:
    /// rows: how many are to come. Errors: InvalidArgument (another ending), CannotCreate (also over a
    /// trace), Io.
    static Result<RowOutput> create(std::shared_ptr<const Trace> trace, const std::filesystem::path& path,
                                    std::size_t rows);
    RowOutput(RowOutput&&) noexcept;
    RowOutput& operator=(RowOutput&&) noexcept;
    ~RowOutput(); ///< leaves nothing behind unless finish() came first

    /// Shape: whole [row.token + 1], the probability of every key; empty where only the listed ones are
    /// known. Errors: Io.
    Result<void> add(const KnownRow& row, std::span<const float> whole = {});
    /// Errors: Io, CannotCreate, InvalidArgument (an archive beyond 4 GiB).
    Result<void> finish();

private:
    explicit RowOutput(std::shared_ptr<const Trace> trace);

    std::shared_ptr<const Trace> m_trace;
    std::optional<WholeFile> m_array; ///< *.npy
    std::optional<ZipWriter> m_archive; ///< *.npz
    std::unique_ptr<RowColumns> m_columns; ///< of it
};

} // namespace headwater
