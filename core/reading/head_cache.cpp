// SPDX-License-Identifier: Apache-2.0
#include "core/reading/head_cache.h"

#include <algorithm>
#include <utility>

namespace headwater {

std::size_t HeadCache::KeyHash::operator()(const Key& key) const
{
    const auto& [layer, head, part, side] = key;
    std::uint64_t hash = static_cast<std::uint64_t>(layer) << 40 ^ static_cast<std::uint64_t>(head) << 24
        ^ static_cast<std::uint64_t>(part) << 60 ^ side;
    hash *= 0x9E3779B97F4A7C15u;
    return static_cast<std::size_t>(hash ^ hash >> 32);
}

HeadCache::HeadCache(std::shared_ptr<const HeadSource> source, std::size_t budgetBytes)
    : m_source(std::move(source))
    , m_budgetBytes(budgetBytes)
{
}

HeadCache::Found HeadCache::found(const Key& key)
{
    const Found* const part = (std::get<Part>(key) == Part::Slice ? m_slices : m_parts).find(key);
    return part ? *part : nullptr;
}

void HeadCache::keep(const Key& key, const Loaded& loaded)
{
    const auto isAnother = [&key](const Key& other) { return other != key; };
    (std::get<Part>(key) == Part::Slice ? m_slices : m_parts).insert(key, loaded.data, loaded.bytes);
    m_slices.evict(m_budgetBytes / 2, isAnother);
    m_parts.evict(m_budgetBytes - std::min(m_budgetBytes, m_slices.bytes()), isAnother);
}

Result<HeadCache::Found> HeadCache::load(const Key& key, const std::stop_token& stop, const Loader& loader)
{
    return load(
        key, stop, [&] { return found(key); }, loader);
}

Result<HeadCache::Found> HeadCache::load(const Key& key, const std::stop_token& stop,
                                         const std::function<Found()>& find, const Loader& loader)
{
    std::unique_lock lock(m_mutex);
    while (true) {
        if (Found here = find())
            return here;
        if (!m_loading.contains(key))
            break;
        if (!m_loaded.wait(lock, stop, [&] { return !m_loading.contains(key); }))
            return Error{ErrorCode::Cancelled, "loading was stopped", {}};
    }
    m_loading.insert(key);
    // However the load ends, by an exception too, those who wait for it go on.
    struct Loading {
        HeadCache& cache;
        const Key& key;
        std::unique_lock<std::mutex>& lock;
        ~Loading()
        {
            if (!lock.owns_lock())
                lock.lock();
            cache.m_loading.erase(key);
            cache.m_loaded.notify_all();
        }
    } const loading{*this, key, lock};
    const std::shared_ptr<const HeadSource> source = m_source;
    const std::uint64_t epoch = m_epoch;
    lock.unlock();

    Result<Loaded> loaded = [&]() -> Result<Loaded> {
        try {
            return loader(*source);
        } catch (const std::bad_alloc&) {
            return Error{
                ErrorCode::OutOfMemory, "no memory left to decode this head; close other programs", {}};
        }
    }();

    lock.lock();
    if (!loaded)
        return loaded.error();
    if (epoch == m_epoch)
        keep(key, *loaded);
    return loaded->data;
}

Result<std::shared_ptr<const HeadEdges>> HeadCache::loadEdges(int layer, int head, std::stop_token stop)
{
    const auto loader = [&](const HeadSource& source) -> Result<Loaded> {
        HEADWATER_TRY_ASSIGN(std::shared_ptr<const HeadEdges> edges, source.loadEdges(layer, head, stop));
        return Loaded{edges, edges->bytes()};
    };
    HEADWATER_TRY_ASSIGN(auto data, load({layer, head, Part::Edges, 0}, stop, loader));
    return std::static_pointer_cast<const HeadEdges>(data);
}

Result<std::shared_ptr<const EdgeSlice>> HeadCache::loadEdges(int layer, int head, const TokenRange& queries,
                                                              std::stop_token stop)
{
    const Key whole{layer, head, Part::Edges, 0};
    const Key slice{layer, head, Part::Slice, 0};
    // A head's edges are kept as what they are, and given out as the slice that they are too.
    const auto find = [&]() -> Found {
        if (const Found edges = found(whole))
            return std::shared_ptr<const EdgeSlice>(std::static_pointer_cast<const HeadEdges>(edges));
        Found rows = found(slice);
        const bool holds = rows && static_cast<const EdgeSlice*>(rows.get())->holds(queries);
        return holds ? rows : nullptr;
    };
    const auto loader = [&](const HeadSource& source) -> Result<Loaded> {
        HEADWATER_TRY_ASSIGN(std::shared_ptr<const EdgeSlice> edges,
                             source.loadEdges(layer, head, queries, stop));
        return Loaded{edges, edges->bytes()};
    };
    HEADWATER_TRY_ASSIGN(auto data, load(slice, stop, find, loader));
    return std::static_pointer_cast<const EdgeSlice>(data);
}

Result<std::shared_ptr<const std::vector<float>>> HeadCache::loadMissed(int layer, int head,
                                                                        std::stop_token stop)
{
    const auto loader = [&](const HeadSource& source) -> Result<Loaded> {
        HEADWATER_TRY_ASSIGN(std::vector<float> missed, source.loadMissed(layer, head));
        const std::size_t bytes = missed.size() * sizeof(float);
        return Loaded{std::make_shared<const std::vector<float>>(std::move(missed)), bytes};
    };
    HEADWATER_TRY_ASSIGN(auto data, load({layer, head, Part::Missed, 0}, stop, loader));
    return std::static_pointer_cast<const std::vector<float>>(data);
}

Result<std::shared_ptr<const std::vector<TokenRow>>>
HeadCache::loadTokenRows(int layer, int head, std::uint32_t band, std::stop_token stop)
{
    const auto loader = [&](const HeadSource& source) -> Result<Loaded> {
        const std::uint32_t first = std::min(band * kTokenRowBand, source.seqLen());
        const TokenRange range{first, first + std::min(kTokenRowBand, source.seqLen() - first)};
        HEADWATER_TRY_ASSIGN(std::vector<TokenRow> rows, source.loadTokenRows(layer, head, range));
        std::size_t bytes = sizeof(rows);
        for (const TokenRow& row : rows)
            bytes += sizeof(row) + row.keys.size() * sizeof(std::uint32_t) * 2;
        return Loaded{std::make_shared<const std::vector<TokenRow>>(std::move(rows)), bytes};
    };
    HEADWATER_TRY_ASSIGN(auto data, load({layer, head, Part::TokenRows, band}, stop, loader));
    return std::static_pointer_cast<const std::vector<TokenRow>>(data);
}

Result<std::shared_ptr<const Overview>> HeadCache::loadOverview(int layer, int head, std::uint32_t side,
                                                                std::stop_token stop)
{
    const auto loader = [&](const HeadSource& source) -> Result<Loaded> {
        HEADWATER_TRY_ASSIGN(Overview overview, source.loadOverview(layer, head, side));
        const std::size_t bytes = overview.max.size() + overview.count.size() + overview.missed.size();
        return Loaded{std::make_shared<const Overview>(std::move(overview)), bytes};
    };
    HEADWATER_TRY_ASSIGN(auto data, load({layer, head, Part::Overview, side}, stop, loader));
    return std::static_pointer_cast<const Overview>(data);
}

std::shared_ptr<const HeadSource> HeadCache::source() const
{
    const std::scoped_lock lock(m_mutex);
    return m_source;
}

void HeadCache::setSource(std::shared_ptr<const HeadSource> source)
{
    const std::scoped_lock lock(m_mutex);
    if (source == m_source)
        return;
    const std::shared_ptr<const HeadSource> old = std::exchange(m_source, std::move(source));
    ++m_epoch;
    for (Shelf* const shelf : {&m_parts, &m_slices}) {
        std::vector<Key> gone;
        shelf->forEach([&](const Key& key, const Found&) {
            if (!isSameHead(*old, *m_source, std::get<0>(key), std::get<1>(key)))
                gone.push_back(key);
        });
        for (const Key& key : gone)
            shelf->erase(key);
    }
}

std::size_t HeadCache::bytes() const
{
    const std::scoped_lock lock(m_mutex);
    return m_parts.bytes() + m_slices.bytes();
}

} // namespace headwater
