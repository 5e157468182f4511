// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/tiles/tile.h"
#include "core/trace/trace_reader.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

namespace headwater {

/// Tiles of one trace, computed in the background and kept in a byte-budget LRU.
/// Threads: all members may be called from any thread; the callback comes from a worker thread.
class TileSource {
public:
    struct Options {
        std::size_t cacheBytes = std::size_t{256} << 20; ///< tiles; decoded edges have a budget of their own
        std::size_t edgeCacheBytes = std::size_t{320} << 20;
        std::size_t threads = 1;
    };

    /// `ready` is called (on a worker thread) after each finished batch, with the generation it was asked under.
    TileSource(std::shared_ptr<const Trace> trace, const Options& options, std::function<void(std::uint64_t generation)> ready);
    ~TileSource();
    TileSource(const TileSource&) = delete;
    TileSource& operator=(const TileSource&) = delete;

    /// The tile if it is in the cache (and marks it as used); null otherwise. Never computes. Cost: O(1).
    std::shared_ptr<const Tile> find(const TileKey& key) const;
    /// The nearest cached ancestor of `key` (coarser levels, same head), null when none is.
    std::shared_ptr<const Tile> findAncestor(const TileKey& key) const;

    /// Asks for these tiles, most wanted first (parents, then centre first); `skirt` is prefetched at idle priority.
    /// A newer generation drops what older ones still have queued and stops what runs for them.
    void request(std::uint64_t generation, std::span<const TileKey> visible, std::span<const TileKey> skirt);

    /// A newer snapshot of a growing trace: keeps the tiles of heads that were finished before.
    void setTrace(std::shared_ptr<const Trace> trace);

    struct Status {
        std::size_t pending = 0; ///< visible tiles not yet ready
        std::size_t cachedBytes = 0;
        std::size_t budgetBytes = 0;
        std::size_t edgeBytes = 0;
        std::optional<Error> failure; ///< of the newest request (damaged chunk): named head and chunk
    };
    Status status() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace headwater
