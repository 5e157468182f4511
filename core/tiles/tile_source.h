// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/reading/exact_windows.h"
#include "core/reading/head_cache.h"
#include "core/tiles/tile.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

namespace headwater {

/// Tiles of one trace's heads, computed in the background and kept in a byte-budget LRU. Tiles of the newest
/// request are never evicted; a head's coarsest tile (its whole map) goes only when nothing else is left.
/// Threads: all members may be called from any thread; the callback comes from a worker thread.
class TileSource {
public:
    struct Options {
        std::size_t cacheBytes = std::size_t{256} << 20; ///< tiles; decoded heads have a budget of their own
        std::size_t threads = 1;
    };

    using Ready = std::function<void(std::uint64_t generation)>;

    /// `ready` is called (on a worker thread) after each finished or failed batch, with the newest generation
    /// that asks for it. It may call any member but the destructor.
    TileSource(std::shared_ptr<HeadCache> heads, const Options& options, Ready ready);
    ~TileSource();
    TileSource(const TileSource&) = delete;
    TileSource& operator=(const TileSource&) = delete;

    /// The tile if it is in the cache (and marks it as used); null otherwise. Never computes. Cost: O(1).
    std::shared_ptr<const Tile> find(const TileKey& key) const;
    /// The nearest cached ancestor of `key` (coarser levels, same head), null when none is. Cost: O(levels).
    std::shared_ptr<const Tile> findAncestor(const TileKey& key) const;

    /// Asks for these tiles. They are made level by level, the coarsest first, each level from its centre
    /// outwards, a run of neighbours in one pass; then `skirt` in the same order, while no visible tile is
    /// missing. A newer generation drops what older ones still have queued and stops what runs for them,
    /// except where the new one wants it too (reading a head that is still wanted goes on, so that zooming
    /// cannot starve it).
    void request(std::uint64_t generation, std::span<const TileKey> visible, std::span<const TileKey> skirt);

    /// A newer snapshot of a growing trace, for the heads behind the tiles too: keeps the tiles of heads that
    /// were finished before. Tiles of heads that changed (the rewritten tail) are still found until the new
    /// ones are made.
    void setSource(std::shared_ptr<const HeadSource> source);

    /// Windows of exact numbers, shared with whoever adds to them; below the block level tiles show them.
    /// None at first.
    void setExact(std::shared_ptr<const ExactWindows> windows);
    std::shared_ptr<const ExactWindows> exact() const;
    /// There are other windows of a head: its tiles below the block level are made again, the old ones found
    /// until then.
    void refreshExact(int layer, int head);

    /// The decoded heads behind the tiles, shared with whoever reads them beside the map.
    HeadCache& heads() const;

    struct Status {
        /// Visible tiles of the newest request that are still to be made. Tiles that failed, and tiles finer
        /// than what the trace stores of their head, are not among them: show their ancestor.
        std::size_t pending = 0;
        std::size_t cachedBytes = 0;
        std::size_t budgetBytes = 0; ///< of the tiles
        std::size_t edgeBytes = 0; ///< decoded heads
        std::size_t edgeBudgetBytes = 0;
        std::optional<Error> failure; ///< of the newest request (damaged chunk): named head and chunk
    };
    Status status() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace headwater
