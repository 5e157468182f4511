// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/base/token_range.h"
#include "core/parallel/progress.h"
#include "core/record/head_id.h"
#include "core/trace/trace_reader.h"

#include <filesystem>
#include <optional>
#include <stop_token>
#include <vector>

namespace headwater {

enum class ExportFormat { Npz, Csv };

/// Which edges are written, and how.
struct ExportRequest {
    std::vector<HeadId> heads; ///< each once
    std::optional<TokenRange>
        queries; ///< all tokens when absent; blocks are whole, so those that hold one of these
    std::optional<TokenRange> keys;
    ExportFormat format = ExportFormat::Npz;
    bool isFolder =
        false; ///< one file a head, LAYER-HEAD.npz, in the folder `path`; else all heads in the file `path`
    std::filesystem::path path;
};

struct ExportedHead {
    int layer = 0;
    int head = 0;
    std::uint64_t edges = 0; ///< written
    std::filesystem::path file;
};

/// Writes edges of heads for other programs.
///
/// npz: one head's file opens with scipy.sparse.load_npz as a CSR matrix of query blocks × key blocks whose
/// data is the block mass (f32). Further members: peak f32, peak_query and peak_key u32 (token indices) per
/// edge in the same order; lse, missed, missed_peak f32 per row; block_q, block_k, seq_len; first_query and
/// first_key, the tokens at which the matrix begins. Several heads in one file: `heads` i64 [heads, 2]
/// (layer, head), and the same members of each under "L<layer>H<head>/".
///
/// csv: one line an edge, in the order of the trace: layer, head, token ranges of both blocks, mass, peak,
/// the peak's tokens and their texts. Text is printable and can be inverted: \\ is a backslash, \n, \t, \xHH
/// a control byte or one that is no UTF-8; it never begins with = + - @ (an apostrophe is put before, and
/// before an apostrophe, so that no spreadsheet takes it for a formula).
///
/// A file takes its place when all of it is written, over one that is no trace; equal traces make equal
/// bytes. A stop leaves the files that are whole. Progress counts the edges of the heads' stored chunks.
/// Errors: NotFound (no such head, no edges stored), BadFormat (damage), CannotCreate (a trace is there,
/// among others), Io, InvalidArgument (an archive beyond 4 GiB), Cancelled. Cost: O(edges + tokens) a head,
/// whatever the ranges; one head at a time in memory.
Result<std::vector<ExportedHead>> exportHeads(const Trace& trace, const ExportRequest& request,
                                              const ProgressSink& progress = {}, std::stop_token stop = {});

} // namespace headwater
