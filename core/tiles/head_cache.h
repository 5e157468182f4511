// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tiles/byte_lru.h"
#include "core/tiles/head_source.h"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <tuple>
#include <vector>

namespace headwater {

/// Decoded heads of one trace in a byte budget: edges, missed mass and overviews, the longest unused go
/// first. Whoever holds a returned pointer keeps the data alive beyond its eviction. One thing is decoded
/// once even when many threads ask for it. Threads: all members may be called from any thread. The `load…`
/// members read and decode; `findEdges` never does.
class HeadCache {
public:
    HeadCache(std::shared_ptr<const HeadSource> source, std::size_t budgetBytes);

    Result<std::shared_ptr<const HeadEdges>> loadEdges(int layer, int head, std::stop_token stop = {});
    Result<std::shared_ptr<const std::vector<float>>> loadMissed(int layer, int head,
                                                                 std::stop_token stop = {});
    Result<std::shared_ptr<const Overview>> loadOverview(int layer, int head, std::uint32_t side,
                                                         std::stop_token stop = {});

    /// The decoded edges if they are here (and marks them as used), null otherwise. Cost: O(1).
    std::shared_ptr<const HeadEdges> findEdges(int layer, int head);

    /// A newer snapshot; what belongs to a head for which `keep(layer, head)` is false is dropped.
    void setSource(std::shared_ptr<const HeadSource> source, const std::function<bool(int, int)>& keep);

    std::size_t bytes() const;

private:
    /// What of a head: its edges, its missed mass, or the overview of a side.
    enum class Part { Edges, Missed, Overview };
    using Key = std::tuple<int, int, Part, std::uint32_t>;
    struct KeyHash {
        std::size_t operator()(const Key& key) const;
    };
    struct Loaded {
        std::shared_ptr<const void> data;
        std::size_t bytes = 0;
    };
    using Loader = std::function<Result<Loaded>(const HeadSource&)>;

    Result<std::shared_ptr<const void>> load(const Key& key, const std::stop_token& stop,
                                             const Loader& loader);

    mutable std::mutex m_mutex;
    std::condition_variable_any m_loaded;
    std::shared_ptr<const HeadSource> m_source;
    std::uint64_t m_epoch = 0; ///< counts the snapshots: what an old one began to load is not kept
    std::size_t m_budgetBytes;
    ByteLru<Key, std::shared_ptr<const void>, KeyHash> m_parts;
    std::set<Key> m_loading;
};

} // namespace headwater
