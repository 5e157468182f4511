// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"
#include "core/backend/cpu/arena.h"
#include "core/parallel/thread_pool.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <vector>

namespace headwater {

/// A part of a row range inside one tile of kTileRows rows, or one decoded row.
struct TileRows {
    std::uint32_t first; ///< absolute
    std::uint32_t count;
    RowMode mode;
};

/// The CPU backend's threads, each with scratch of its own that every body finds fresh.
class TileWorkers {
public:
    /// As ThreadPool's constructor.
    TileWorkers(std::size_t threads, Arena::Poison poison);

    /// Runs `body(tile, scratch)` over the absolute tiles that a row range touches, shared out to the
    /// threads. Rows that are decoded come one by one in their order, on this thread: only what a body does
    /// may be shared out, over pool(). Returns early when `stop` is requested: check it afterwards.
    void forTiles(RowRange rows, const std::function<void(TileRows, Scratch&)>& body,
                  std::stop_token stop = {});

    /// Runs `body(index, worker, scratch)` for every index in [0, count), as ThreadPool::parallelFor.
    void forEach(std::size_t count,
                 const std::function<void(std::size_t index, std::size_t worker, Scratch&)>& body,
                 std::stop_token stop = {});

    ThreadPool& pool() { return m_pool; }
    std::size_t size() const { return m_pool.size(); }

private:
    Scratch& fresh(std::size_t worker);

    Arena::Poison m_poison;
    ThreadPool m_pool;
    std::vector<Scratch> m_scratch; ///< one a thread
};

} // namespace headwater
