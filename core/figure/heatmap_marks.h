// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/figure/figure_spec.h"
#include "core/figure/heatmap_cells.h"
#include "core/figure/heatmap_options.h"
#include "core/reading/trace_reading.h"

#include <stop_token>
#include <string>
#include <vector>

namespace headwater {

/// Looks of what is marked; design/look.md, light: the query is amber and the key is cyan everywhere.
inline constexpr Rgb kQueryColour{0xB8, 0x6A, 0x00};
inline constexpr Rgb kKeyColour{0x00, 0x79, 0x8C};

/// What a figure's options mark on its map, and the profiles in its margins.
struct HeatmapMarks {
    std::vector<TokenRange> queries; ///< inside the map's
    std::vector<TokenRange> keys;
    /// What the marked query reads, a value a column, and who reads the marked key, a value a row: the
    /// largest of the profile in the cell. Empty without that margin.
    std::vector<float> rowReads;
    std::vector<float> keyReaders;
    std::vector<std::string> phrases; ///< for the caption
};

/// Errors: InvalidArgument (marks outside the map; a margin without one marked token to draw it of), those of
/// the trace. Cost: a margin of a key decodes the head.
Result<HeatmapMarks> gatherMarks(const TraceReading& reading, const HeadInfo& head, const HeatmapCells& cells,
                                 const HeatmapFigureOptions& options, const std::stop_token& stop = {});

/// Where the map stands, in mm.
struct MapPlace {
    double x = 0;
    double y = 0;
    double width = 0;
    double height = 0;
};

namespace page {
inline constexpr double kMarginBar = 5; ///< length of the longest bar of a margin
inline constexpr double kMarginGap = 0.6; ///< between the map and a margin
} // namespace page

/// Bars above the map and to its right, as long as the square root of their value.
FigureGroup marginsOn(const HeatmapMarks& marks, const MapPlace& map);

/// Frames along marked queries and keys, and around each pair of a marked query and a marked key.
FigureGroup framesOn(const HeatmapMarks& marks, const HeatmapCells& cells, const MapPlace& map);

} // namespace headwater
