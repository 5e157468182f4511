// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tiles/colormap.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace headwater {

/// A figure as a display list in physical units: what every painter draws, in order. Lengths in millimetres
/// from the top left corner, type sizes and line widths in points.

enum class FigureFont { Sans, SansMedium, SansSemiBold, Mono };
enum class HorizontalAlign { Left, Centre, Right };
/// Middle is half the height of an x above the baseline, so that labels sit on their ticks.
enum class VerticalAlign { Top, Middle, Baseline, Bottom };

struct FigureText {
    std::string text; ///< UTF-8, one paragraph from left to right; quotations are isolated()
    double x = 0;
    double y = 0;
    double sizePt = 7;
    FigureFont font = FigureFont::Sans;
    HorizontalAlign horizontal = HorizontalAlign::Left;
    VerticalAlign vertical = VerticalAlign::Baseline;
    Rgb colour;
    double turnDegrees = 0; ///< clockwise about (x, y)
    double wrapMm = 0; ///< lines break at this width, inside a word where nothing else helps; 0: one line
    int mostLines = 0; ///< of a wrapped text: the last one ends with "…" where there would be more; 0: all
};

struct FigureLine {
    double x1 = 0;
    double y1 = 0;
    double x2 = 0;
    double y2 = 0;
    double widthPt = 0.5;
    Rgb colour;
};

struct FigureRectangle {
    double x = 0;
    double y = 0;
    double width = 0;
    double height = 0;
    std::optional<Rgb> fill;
    std::optional<Rgb> stroke;
    double strokePt = 0.5;
};

/// Slanted lines inside a rectangle: "unknown".
struct FigureHatch {
    double x = 0;
    double y = 0;
    double width = 0;
    double height = 0;
    double spacing = 0.8;
    double widthPt = 0.35;
    Rgb colour;
};

/// Equal rectangular cells with exact colours, never smoothed. Drawn as vectors when few, as a lossless image
/// otherwise.
struct FigureCells {
    double x = 0;
    double y = 0;
    double width = 0;
    double height = 0;
    std::uint32_t columns = 0;
    std::uint32_t rows = 0;
    /// 0xRRGGBB, or kNoCell where the page shows through. Shape: [rows, columns], row-major.
    std::vector<std::uint32_t> colours;
};
inline constexpr std::uint32_t kNoCell = 0xFF000000;

using FigureItem = std::variant<FigureText, FigureLine, FigureRectangle, FigureHatch, FigureCells>;

/// Items that belong together ("cells", "query axis", "colour bar", "caption").
struct FigureGroup {
    std::string name;
    std::vector<FigureItem> items;
};

struct FigureSpec {
    double widthMm = 0;
    double heightMm = 0;
    Rgb background{255, 255, 255};
    std::string title; ///< of the document, not drawn
    std::string caption; ///< whether it is drawn or not: the text for the paper, one line
    std::string createDate =
        "2000-01-01T00:00:00Z"; ///< ISO 8601; of the data, so that a figure's bytes never change
    std::vector<FigureGroup> groups;
    std::vector<std::string> dropped; ///< parts that the page had no room for, by name: to be told
};

} // namespace headwater
