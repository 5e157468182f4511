// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/map/map_renderer.h"

#include <cstdint>
#include <vector>

namespace headwater {

/// One axis in device pixels: which cells each pixel touches.
struct PixelAxis {
    struct Pixel {
        std::uint32_t first = 0; ///< cells, inclusive
        std::uint32_t last = 0;
        std::uint32_t centre = 0;
        std::int64_t firstToken = 0;
        std::int64_t lastToken = 0;
        bool inside = false;
        bool border = false; ///< of a block, or a cell where that is larger
        bool cellBorder = false; ///< of a cell
    };
    std::vector<Pixel> pixels;
    std::uint32_t firstCell = 0; ///< of all pixels inside
    std::uint32_t endCell = 0;
    int begin = 0; ///< pixels inside: [begin, end)
    int end = 0;
};

/// The side, in tokens, of what is outlined: a block, or a cell where that is larger.
double outlinedSide(std::uint32_t level, std::uint32_t block);

/// What is outlined. On both axes or on none (lines of one axis alone would look like data), and not where
/// only rows have values.
struct BorderKinds {
    bool blocks = false;
    bool cells = false;
};
BorderKinds shownBorders(const MapFrame& frame);

/// The pixel `index` (whole) of an axis that begins at token `origin` and covers `step` tokens a pixel,
/// without its borders: painting and the hand ask the same rule.
PixelAxis::Pixel pixelAt(double origin, double step, double index, std::uint32_t seqLen, std::uint32_t level);

/// The axis of `count` device pixels that begins at token `origin` and covers `step` tokens a pixel; pixels
/// at which another `blockSide` tokens begin are borders where those are shown, likewise cells. Cost:
/// O(count).
PixelAxis layAxis(double origin, double step, int count, std::uint32_t seqLen, std::uint32_t level,
                  double blockSide, BorderKinds borders);

} // namespace headwater
