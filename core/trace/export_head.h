// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/trace/trace_reader.h"

#include <filesystem>

namespace headwater {

/// Writes one head's edges as an .npz that scipy.sparse.load_npz opens as a CSR matrix of query blocks × key
/// blocks whose data is the block mass (f32). Further members: peak f32, peak_query and peak_key u32 (token
/// indices) per edge in the same order; lse, missed, missed_peak f32 per row; block_q, block_k, seq_len.
/// Replaces a file that is no trace, when all is written; equal traces make equal bytes. Errors: NotFound (no
/// such head, no edges), BadFormat (damage), CannotCreate (a trace is there, among others), Io. Cost: O(edges
/// + tokens).
Result<void> exportHeadNpz(const Trace& trace, int layer, int head, const std::filesystem::path& path);

/// The same edges as CSV, one line each, in the order of the trace: token ranges of both blocks, mass, peak,
/// the peak's tokens and their texts. Text is printable and can be inverted: \\ is a backslash, \n, \t, \xHH
/// a control byte or one that is no UTF-8; it never begins with = + - @ (an apostrophe is put before, and
/// before an apostrophe, so that no spreadsheet takes it for a formula).
Result<void> exportHeadCsv(const Trace& trace, int layer, int head, const std::filesystem::path& path);

} // namespace headwater
