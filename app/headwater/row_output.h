// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/reading/known_row.h"

#include <filesystem>
#include <memory>
#include <span>

namespace headwater {

/// Writes rows as numbers for other programs. What the trace does not know is NaN; keys that a row cannot
/// read are 0.
///   *.npy  f32 [rows, tokens]: the probability of every key.
///   *.npz  a member a name, an element a row: token, layer, head (i64), exact (bool), lse, bound, rest
///   (f32);
///          of the rows that are exact keys (u32) and p (f32), row r's at ptr[r] to ptr[r + 1] (i64); of the
///          others key_begin, key_end, peak_query, peak_key (u32), mass, peak (f32) at block_ptr[r] to
///          block_ptr[r + 1].
/// Errors: InvalidArgument (another ending), CannotCreate, Io.
Result<void> writeRows(const Trace& trace, std::span<const KnownRow> rows, const std::filesystem::path& path);

} // namespace headwater
