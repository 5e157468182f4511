// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/byte_lru.h"
#include "core/reading/head_source.h"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <tuple>
#include <vector>

namespace headwater {

/// Token rows are read and kept by bands of this many rows.
inline constexpr std::uint32_t kTokenRowBand = 256;

/// Decoded heads of one trace in a byte budget: edges, missed mass, token rows and overviews, and of each
/// head the chunks that were last read for their rows; the longest unused go first. Such slices take at most
/// half of the budget, so that one row of all heads cannot push out the head that is looked at. Whoever holds
/// a returned pointer keeps the data alive beyond its eviction. One thing is decoded once even when many
/// threads ask for it. Threads: all members may be called from any thread. The `load…` members read and
/// decode on the caller's thread; what a source throws there comes through, but for std::bad_alloc, which is
/// OutOfMemory.
class HeadCache {
public:
    HeadCache(std::shared_ptr<const HeadSource> source, std::size_t budgetBytes);

    Result<std::shared_ptr<const HeadEdges>> loadEdges(int layer, int head, std::stop_token stop = {});
    /// What holds these query rows: the head when it is here, else its chunks that do.
    Result<std::shared_ptr<const EdgeSlice>> loadEdges(int layer, int head, const TokenRange& queries,
                                                       std::stop_token stop = {});
    Result<std::shared_ptr<const std::vector<float>>> loadMissed(int layer, int head,
                                                                 std::stop_token stop = {});
    /// The rows [band · kTokenRowBand, (band + 1) · kTokenRowBand) that are recorded token by token,
    /// ascending.
    Result<std::shared_ptr<const std::vector<TokenRow>>>
    loadTokenRows(int layer, int head, std::uint32_t band, std::stop_token stop = {});
    Result<std::shared_ptr<const Overview>> loadOverview(int layer, int head, std::uint32_t side,
                                                         std::stop_token stop = {});

    std::shared_ptr<const HeadSource> source() const;
    /// A newer snapshot; what belongs to heads that are not the same in it (isSameHead) is dropped.
    void setSource(std::shared_ptr<const HeadSource> source);

    std::size_t bytes() const;
    std::size_t budgetBytes() const { return m_budgetBytes; }

private:
    /// What of a head: its edges, some rows' of them, its missed mass, the token rows of a band, or the
    /// overview of a side.
    enum class Part { Edges, Slice, Missed, TokenRows, Overview };
    using Key = std::tuple<int, int, Part, std::uint32_t>;
    struct KeyHash {
        std::size_t operator()(const Key& key) const;
    };
    struct Loaded {
        std::shared_ptr<const void> data;
        std::size_t bytes = 0;
    };
    using Found = std::shared_ptr<const void>;
    using Loader = std::function<Result<Loaded>(const HeadSource&)>;

    /// What `find` finds, asked under the lock, else what `loader` loads as `key`.
    Result<Found> load(const Key& key, const std::stop_token& stop, const std::function<Found()>& find,
                       const Loader& loader);
    Result<Found> load(const Key& key, const std::stop_token& stop, const Loader& loader);
    Found found(const Key& key);
    void keep(const Key& key, const Loaded& loaded);

    mutable std::mutex m_mutex;
    std::condition_variable_any m_loaded;
    std::shared_ptr<const HeadSource> m_source;
    std::uint64_t m_epoch = 0; ///< counts the snapshots: what an old one began to load is not kept
    std::size_t m_budgetBytes;
    using Shelf = ByteLru<Key, Found, KeyHash>;
    Shelf m_parts;
    Shelf m_slices;
    std::set<Key> m_loading;
};

} // namespace headwater
