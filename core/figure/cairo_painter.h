// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/figure/figure_fonts.h"
#include "core/figure/figure_spec.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace headwater {

enum class FigureFormat { Pdf, Svg, Png };

/// By extension (.pdf, .svg, .png, any case). Errors: InvalidArgument.
Result<FigureFormat> figureFormatOf(const std::filesystem::path& path);

/// How a file is made.
struct FigurePaint {
    double pngDpi = 600; ///< pixels an inch of a PNG
    bool hasLiveText = false; ///< an SVG's words are text that an editor can change, in the viewer's fonts
};

/// The bytes of the figure's file: the same every time. PDF: vector text, fonts embedded as subsets, cells
/// lossless. SVG: text as outlines, or live. Errors: OutOfMemory (a PNG above 2^28 pixels, or no memory),
/// Internal (cairo's own message).
Result<std::string> paintFigure(const FigureSpec& spec, FigureFonts& fonts, FigureFormat format,
                                const FigurePaint& how = {});

/// The same picture as pixels, for a preview. 0xAARRGGBB, opaque. Shape: [height, width], row-major.
struct FigureRaster {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::vector<std::uint32_t> pixels;
};
Result<FigureRaster> rasteriseFigure(const FigureSpec& spec, FigureFonts& fonts, double dpi);

} // namespace headwater
