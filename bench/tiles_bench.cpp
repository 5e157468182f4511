// SPDX-License-Identifier: Apache-2.0
// tiles_bench TRACE: what the window waits for, without the window (visualization targets 1, 6 and 8).
#include "core/figure/cairo_painter.h"
#include "core/figure/heatmap_figure.h"
#include "core/tiles/strip_loader.h"
#include "core/tiles/tile_geometry.h"
#include "core/tiles/tile_source.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <random>
#include <vector>

using namespace headwater;

namespace {

class Stopwatch {
public:
    double milliseconds() const
    {
        return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - m_start).count();
    }

private:
    std::chrono::steady_clock::time_point m_start = std::chrono::steady_clock::now();
};

int fail(const Error& error)
{
    std::fprintf(stderr, "%s\n", error.text().c_str());
    return 1;
}

/// Single tiles at random places of a level, edges decoded.
Result<void> benchTiles(const HeadSource& source, HeadCache& heads, const HeadInfo& head, std::uint32_t level)
{
    constexpr std::size_t kTiles = 100;
    std::mt19937 random(level);
    const std::uint32_t rows = (cellsOfAxis(source.seqLen(), level) - 1) / kTileSide + 1;
    std::vector<double> times;
    for (std::size_t i = 0; i < kTiles; ++i) {
        const auto row = static_cast<std::uint32_t>(random() % rows);
        const auto col = static_cast<std::uint32_t>(random() % (row + 1));
        const Stopwatch watch;
        HEADWATER_TRY_ASSIGN(
            const TileRun run,
            loadStrip(source, heads, {head.layer, head.head, level, row, col, col + 1}, {}, {}));
        times.push_back(watch.milliseconds());
    }
    std::sort(times.begin(), times.end());
    std::printf("tile  level %2u: p50 %6.2f ms, p95 %6.2f ms\n", level, times[kTiles / 2],
                times[kTiles * 95 / 100]);
    return {};
}

std::shared_ptr<HeadCache> headsOf(const std::shared_ptr<const Trace>& trace)
{
    return std::make_shared<HeadCache>(std::make_shared<const TraceHeadSource>(trace),
                                       std::size_t{320} << 20);
}

/// A screen of 9 × 6 tiles at the lower right end, from an empty tile cache with the head decoded.
void benchScreen(const std::shared_ptr<const Trace>& trace, const HeadInfo& head, std::uint32_t level)
{
    std::mutex mutex;
    std::condition_variable changed;
    TileSource tiles(headsOf(trace), {}, [&](std::uint64_t) {
        const std::scoped_lock lock(mutex);
        changed.notify_all();
    });
    if (trace->hasEdges(head.layer, head.head)) {
        (void)tiles.heads().loadEdges(head.layer, head.head).has_value();
        (void)tiles.heads().loadMissed(head.layer, head.head).has_value();
    }
    const std::uint32_t rows = (cellsOfAxis(trace->seqLen(), level) - 1) / kTileSide + 1;
    const std::uint32_t firstRow = rows - std::min(rows, 6u);
    const std::uint32_t firstCol = rows - std::min(rows, 12u);
    std::vector<TileKey> visible;
    for (std::uint32_t row = firstRow; row < rows; ++row) {
        for (std::uint32_t col = firstCol; col < std::min(firstCol + 9, row + 1); ++col)
            visible.push_back({head.layer, head.head, level, row, col});
    }
    const Stopwatch watch;
    tiles.request(1, visible, {});
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return tiles.status().pending == 0; });
    std::printf("screen level %2u: %2zu tiles in %6.1f ms\n", level, visible.size(), watch.milliseconds());
}

Result<void> benchFigure(const std::shared_ptr<const Trace>& trace, const HeadInfo& head)
{
    HEADWATER_TRY_ASSIGN(FigureFonts fonts, FigureFonts::load());
    for (const FigureFormat format : {FigureFormat::Pdf, FigureFormat::Svg, FigureFormat::Png}) {
        const Stopwatch watch;
        HeatmapFigureOptions options;
        options.layer = head.layer;
        options.head = head.head;
        options.widthMm = 160;
        HEADWATER_TRY_ASSIGN(const FigureSpec spec, heatmapFigure(trace, options, fonts));
        HEADWATER_TRY_ASSIGN(const std::string bytes, paintFigure(spec, fonts, format));
        std::printf("figure %s, 16 cm, 600 dpi: %.0f ms, %zu bytes\n",
                    format == FigureFormat::Pdf       ? "pdf"
                        : format == FigureFormat::Svg ? "svg"
                                                      : "png",
                    watch.milliseconds(), bytes.size());
    }
    return {};
}

Result<void> benchTrace(const char* path)
{
    const Stopwatch opening;
    HEADWATER_TRY_ASSIGN(const std::shared_ptr<const Trace> trace, Trace::open(path));
    std::printf("open: %.0f ms, %u tokens, %zu heads\n", opening.milliseconds(), trace->seqLen(),
                trace->heads().size());
    if (trace->heads().empty() || trace->overviewSides().empty())
        return Error{ErrorCode::InvalidArgument, "the trace has no finished head", path};

    const Stopwatch thumbnails;
    for (const HeadInfo& head : trace->heads())
        HEADWATER_TRY(trace->loadOverview(head.layer, head.head, trace->overviewSides().front()));
    std::printf("thumbnails: %zu in %.0f ms\n", trace->heads().size(), thumbnails.milliseconds());

    const HeadInfo& head = trace->heads().front();
    const auto source = std::make_shared<const TraceHeadSource>(trace);
    HeadCache heads(source, std::size_t{1} << 30);
    if (trace->hasEdges(head.layer, head.head)) {
        const Stopwatch decoding;
        HEADWATER_TRY_ASSIGN(const auto edges, heads.loadEdges(head.layer, head.head));
        HEADWATER_TRY(heads.loadMissed(head.layer, head.head));
        std::printf("decode: %zu edges in %.0f ms\n", edges->keyBlock.size(), decoding.milliseconds());
    }
    for (std::uint32_t level = 0; level <= coarsestLevel(trace->seqLen()); ++level)
        HEADWATER_TRY(benchTiles(*source, heads, head, level));
    for (std::uint32_t level = 0; level <= coarsestLevel(trace->seqLen()); ++level)
        benchScreen(trace, head, level);
    return benchFigure(trace, head);
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::fprintf(stderr, "usage: tiles_bench TRACE (headwater bench --make-trace R2 makes one)\n");
        return 64;
    }
    const auto done = benchTrace(argv[1]);
    return done ? 0 : fail(done.error());
}
