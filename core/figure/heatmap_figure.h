// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/figure/figure_fonts.h"
#include "core/figure/figure_spec.h"
#include "core/figure/heatmap_options.h"
#include "core/trace/trace_reader.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>

namespace headwater {

/// The figure of one head's map: cells, axes (tokens where few, ticks otherwise), colour bar with its
/// quantity, title and a caption with model, mode, budget, kept and missed mass, and how the cells were
/// aggregated. Errors: InvalidArgument (options, ranges, a page too narrow, more cells than a picture can
/// have), NotFound (no such head, fonts), Unsupported (no edges stored at this level), and those of the
/// trace. Cost: the edges of the head, plus the cells.
Result<FigureSpec> heatmapFigure(const std::shared_ptr<const Trace>& trace,
                                 const HeatmapFigureOptions& options, FigureFonts& fonts,
                                 const std::stop_token& stop = {});

/// What there is to tell of a figure that stands in its file.
struct FigureWritten {
    std::vector<std::string> dropped; ///< parts that had no room, by name
    std::string caption; ///< for the paper, drawn or not
};

/// Writes the figure to `path` (format by extension) and its options to sidecarPathOf(path), from which
/// readFigureSidecar and a second export make it again, byte by byte. Files appear whole or not at all.
/// Errors: as heatmapFigure; InvalidArgument (extension), CannotCreate, Io.
Result<FigureWritten> exportHeatmap(const std::shared_ptr<const Trace>& trace,
                                    const HeatmapFigureOptions& options, const std::filesystem::path& path,
                                    const std::stop_token& stop = {});

/// "a.pdf.json" for "a.pdf": the whole name, so that a figure never touches an a.json that is something else.
std::filesystem::path sidecarPathOf(const std::filesystem::path& figure);

/// What a sidecar says: the options, and the trace it was made from (a path relative to the sidecar).
struct FigureSidecar {
    HeatmapFigureOptions options;
    std::filesystem::path trace;
    std::uint32_t seqLen = 0; ///< the trace's tokens at that time
};
/// Errors: NotFound, BadFormat naming the file and key.
Result<FigureSidecar> readFigureSidecar(const std::filesystem::path& path);

} // namespace headwater
