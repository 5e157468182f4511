// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/tiles/strip_loader.h"
#include "core/tiles/tile_geometry.h"
#include "support/dense_trace.h"
#include "support/sanitized.h"
#include "ui/map/raster_map_renderer.h"
#include "ui/map/view_geometry.h"

#include <QImage>
#include <array>
#include <memory>
#include <random>

namespace headwater::test {

inline constexpr std::uint32_t kTraces = isSanitized() ? 40 : 300;

/// What is looked at.
struct MadeView {
    QSize size;
    double devicePixelRatio = 1;
    MapViewport viewport;
    ColourScale colours;
    VisualMask mask;
    bool dark = true;

    const Theme& theme() const { return dark ? darkTheme() : lightTheme(); }
};

inline double uniform(std::mt19937& random)
{
    return static_cast<double>(random() >> 5) / static_cast<double>(1U << 27);
}

/// From the whole square to single tokens, evenly over the octaves between; any surface, colours, masks, both
/// themes.
inline MadeView makeView(const DenseTrace& dense, std::mt19937& random)
{
    MadeView view;
    view.size = QSize(70 + static_cast<int>(below(random, 150)), 60 + static_cast<int>(below(random, 130)));
    view.devicePixelRatio = below(random, 4) == 0 ? 1.5 : 1;
    view.dark = below(random, 2) == 0;
    static constexpr std::array kMaps{ColourScale::Map::Magma, ColourScale::Map::Magma,
                                      ColourScale::Map::Viridis, ColourScale::Map::Cividis};
    view.colours.map = kMaps[below(random, kMaps.size())];
    if (below(random, 2) == 0)
        view.colours = {view.colours.map, true, std::exp2(-24), 1};
    view.mask.sinks = below(random, 5) == 0;
    view.mask.diagonal = below(random, 5) == 0;
    const MapViewport whole = wholeMap(dense.seqLen(), view.size);
    if (below(random, 6) == 0) {
        view.viewport = whole;
        return view;
    }
    const ZoomLimits limits = zoomLimits(dense.seqLen(), view.size);
    const double finest = std::log2(1.0 / 40);
    const double scale = std::exp2(finest + uniform(random) * (std::log2(limits.whole) - finest));
    // Among the rows there are; many near the end, where rows are recorded, and near the diagonal.
    const double row =
        dense.seqLen() * (below(random, 3) == 0 ? 1 - 0.05 * uniform(random) : uniform(random));
    const double key = below(random, 3) == 0 ? row * (1 - 0.1 * uniform(random)) : row * uniform(random);
    view.viewport = centredOn({key, row}, scale, view.size, limits);
    return view;
}

/// The most blocks that a cell of a level can hold.
inline double blocksPerCell(const BlockGrid& grid, std::uint32_t level)
{
    const double cell = std::exp2(level);
    return std::max(1.0, cell / grid.blockQ) * std::max(1.0, cell / grid.blockK);
}

/// The frame as the window makes it, with every tile there. `windows`: what a session has given; may be null.
class MadeFrame {
public:
    MadeFrame(const DenseTrace& dense, const MadeView& view, MapMode mode = MapMode::Max,
              std::shared_ptr<const ExactWindows> windows = nullptr)
        : m_source(dense.trace())
        , m_cache(std::shared_ptr<const HeadSource>(&m_source, [](const HeadSource*) {}),
                  std::size_t{64} << 20)
        , m_windows(std::move(windows))
    {
        m_frame.viewport = view.viewport;
        m_frame.size = view.size;
        m_frame.devicePixelRatio = view.devicePixelRatio;
        m_frame.grid = dense.grid();
        m_frame.level = drawnLevel(view.viewport, view.devicePixelRatio, dense.grid());
        m_frame.mode = mode;
        m_frame.mask = view.mask;
        m_frame.sinks = dense.sinks();
        m_frame.colours =
            makeColourLut(view.colours, mode, blocksPerCell(dense.grid(), m_frame.level), view.theme());
        if (!m_windows || mode != MapMode::Max || m_frame.level >= blockLevel(dense.grid()))
            return;
        const TokenRange all{0, dense.seqLen()};
        for (const auto& window : m_windows->touching(0, 0, all, all))
            m_frame.exact.push_back({window->rows, window->keys, window->isModel});
    }

    /// Errors: those of the tiles.
    Result<void> load()
    {
        for (const TileKey& key :
             tilesInView(m_frame.viewport, m_frame.size, m_frame.grid.seqLen, {}, m_frame.level)) {
            const TileStrip strip{0, 0, key.level, key.row, key.col, key.col + 1};
            HEADWATER_TRY_ASSIGN(const TileRun run,
                                 loadStrip(m_source, m_cache, strip, {}, {}, m_windows.get()));
            m_frame.tiles.push_back({key, run.empty() ? nullptr : run.front()});
        }
        return {};
    }
    const MapFrame& frame() const { return m_frame; }

private:
    TraceHeadSource m_source;
    HeadCache m_cache;
    std::shared_ptr<const ExactWindows> m_windows;
    MapFrame m_frame;
};

inline QImage drawn(const MapFrame& frame)
{
    RasterMapRenderer renderer;
    renderer.prepare(frame);
    QImage image = renderer.image().copy();
    image.setDevicePixelRatio(1);
    return image;
}

} // namespace headwater::test
