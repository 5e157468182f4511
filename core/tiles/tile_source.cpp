// SPDX-License-Identifier: Apache-2.0
#include "core/tiles/tile_source.h"

#include "core/tiles/strip_loader.h"
#include "core/tiles/tile_geometry.h"
#include "core/tiles/tile_order.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <tuple>
#include <unordered_set>
#include <utility>

namespace headwater {

namespace {

using TileSet = std::unordered_set<TileKey, TileKeyHash>;
/// Layer, head and level: what one source (an overview, or the edges) serves.
using LevelId = std::tuple<int, int, std::uint32_t>;

/// A strip that a worker is making.
struct Job {
    TileStrip strip;
    std::stop_source load;
    std::stop_source build;

    bool makes(const TileKey& key) const
    {
        return key.layer == strip.layer && key.head == strip.head && key.level == strip.level
            && key.row == strip.row && key.col >= strip.colBegin && key.col < strip.colEnd;
    }
};

} // namespace

struct TileSource::State {
    struct Entry {
        std::shared_ptr<const Tile> tile;
        bool isStale = false; ///< of an older snapshot: shown until it is replaced
    };

    State(std::shared_ptr<HeadCache> given, const Options& wanted, Ready callback)
        : options(wanted)
        , ready(std::move(callback))
        , trace(given->source())
        , heads(std::move(given))
    {
    }

    const Options options;
    const Ready ready;
    mutable std::mutex mutex;
    std::condition_variable_any wake;
    std::shared_ptr<const HeadSource> trace;
    std::shared_ptr<const ExactWindows> exact;
    std::uint64_t epoch = 0; ///< counts snapshots
    std::uint64_t generation = 0;
    std::vector<TileKey> visible; ///< of the newest request, in the order of making
    std::vector<TileKey> skirt;
    TileSet drawn; ///< the visible keys
    TileSet unavailable; ///< the trace holds nothing to make them from
    std::map<LevelId, Error> failures;
    std::vector<std::shared_ptr<Job>> running;
    mutable ByteLru<TileKey, Entry, TileKeyHash> tiles;
    const std::shared_ptr<HeadCache> heads; ///< has its own lock, taken inside ours only by setSource
    std::vector<std::jthread> workers; ///< last: they use all of the above

    bool isMissing(const TileKey& key) const;
    std::shared_ptr<Job> nextJob() const;
    std::shared_ptr<Job> jobAround(const TileKey& key, const std::vector<TileKey>& wanted) const;
    void work(const std::stop_token& quit);
    void finish(const std::shared_ptr<Job>& job, std::uint64_t jobEpoch, Result<TileRun> made);
    void evict();
    void stopUnwanted();
};

/// True for a tile that is to be made and that nobody is making.
bool TileSource::State::isMissing(const TileKey& key) const
{
    const Entry* entry = tiles.peek(key);
    if ((entry && !entry->isStale) || unavailable.contains(key)
        || failures.contains({key.layer, key.head, key.level}))
        return false;
    return std::none_of(running.begin(), running.end(),
                        [&](const auto& job) { return job->makes(key) && !job->build.stop_requested(); });
}

/// The run of wanted neighbours of `key` in its tile row.
std::shared_ptr<Job> TileSource::State::jobAround(const TileKey& key,
                                                  const std::vector<TileKey>& wanted) const
{
    TileSet row;
    for (const TileKey& other : wanted) {
        if (other.layer == key.layer && other.head == key.head && other.level == key.level
            && other.row == key.row && isMissing(other))
            row.insert(other);
    }
    TileStrip strip{key.layer, key.head, key.level, key.row, key.col, key.col + 1};
    const auto has = [&](std::uint32_t col) {
        return row.contains({key.layer, key.head, key.level, key.row, col});
    };
    while (strip.colBegin > 0 && has(strip.colBegin - 1))
        --strip.colBegin;
    while (has(strip.colEnd))
        ++strip.colEnd;
    auto job = std::make_shared<Job>();
    job->strip = strip;
    return job;
}

std::shared_ptr<Job> TileSource::State::nextJob() const
{
    for (const auto* wanted : {&visible, &skirt}) {
        for (const TileKey& key : *wanted) {
            if (isMissing(key))
                return jobAround(key, *wanted);
        }
    }
    return nullptr;
}

void TileSource::State::work(const std::stop_token& quit)
{
    std::unique_lock lock(mutex);
    while (!quit.stop_requested()) {
        const std::shared_ptr<Job> job = nextJob();
        if (!job) {
            wake.wait(lock, quit, [&] { return nextJob() != nullptr; });
            continue;
        }
        running.push_back(job);
        const std::shared_ptr<const HeadSource> source = trace;
        const std::shared_ptr<const ExactWindows> windows = exact;
        const std::uint64_t jobEpoch = epoch;
        lock.unlock();
        Result<TileRun> made = [&]() -> Result<TileRun> {
            try {
                return loadStrip(*source, *heads, job->strip, job->load.get_token(), job->build.get_token(),
                                 windows.get());
            } catch (const std::bad_alloc&) {
                return Error{ErrorCode::OutOfMemory, "no memory left for tiles; close other programs", {}};
            }
        }();
        finish(job, jobEpoch, std::move(made));
        lock.lock();
    }
}

void TileSource::State::finish(const std::shared_ptr<Job>& job, std::uint64_t jobEpoch, Result<TileRun> made)
{
    std::uint64_t asked = 0;
    {
        const std::scoped_lock lock(mutex);
        std::erase(running, job);
        asked = generation;
        const bool isStopped = job->load.stop_requested() || job->build.stop_requested();
        const TileStrip& strip = job->strip;
        if (jobEpoch != epoch || (isStopped && (!made || made->empty())))
            return;
        if (!made) {
            failures.insert_or_assign({strip.layer, strip.head, strip.level}, made.error());
        } else if (made->empty()) {
            for (std::uint32_t col = strip.colBegin; col < strip.colEnd; ++col)
                unavailable.insert({strip.layer, strip.head, strip.level, strip.row, col});
        } else {
            for (auto& tile : *made) {
                const TileKey key = tile->key;
                tiles.insert(key, {std::move(tile), false}, sizeof(Tile));
            }
            evict();
        }
        if (isStopped
            && std::none_of(drawn.begin(), drawn.end(), [&](const auto& key) { return job->makes(key); }))
            return;
    }
    if (ready)
        ready(asked);
}

void TileSource::State::evict()
{
    const std::uint32_t coarsest = coarsestLevel(trace->seqLen());
    tiles.evict(options.cacheBytes,
                [&](const TileKey& key) { return key.level < coarsest && !drawn.contains(key); });
    tiles.evict(options.cacheBytes, [&](const TileKey& key) { return !drawn.contains(key); });
}

void TileSource::State::stopUnwanted()
{
    for (const auto& job : running) {
        bool isWanted = false;
        bool isHeadWanted = false;
        for (const auto* wanted : {&visible, &skirt}) {
            for (const TileKey& key : *wanted) {
                isHeadWanted |= key.layer == job->strip.layer && key.head == job->strip.head;
                isWanted |= job->makes(key);
            }
        }
        if (!isWanted)
            job->build.request_stop();
        if (!isHeadWanted)
            job->load.request_stop();
    }
}

TileSource::TileSource(std::shared_ptr<HeadCache> heads, const Options& options, Ready ready)
    : m_state(std::make_unique<State>(std::move(heads), options, std::move(ready)))
{
    for (std::size_t i = 0; i < std::max<std::size_t>(options.threads, 1); ++i)
        m_state->workers.emplace_back(
            [state = m_state.get()](const std::stop_token& quit) { state->work(quit); });
}

TileSource::~TileSource()
{
    for (auto& worker : m_state->workers)
        worker.request_stop();
    {
        const std::scoped_lock lock(m_state->mutex);
        for (const auto& job : m_state->running) {
            job->load.request_stop();
            job->build.request_stop();
        }
    }
    m_state->workers.clear();
}

std::shared_ptr<const Tile> TileSource::find(const TileKey& key) const
{
    const std::scoped_lock lock(m_state->mutex);
    const State::Entry* entry = m_state->tiles.find(key);
    return entry ? entry->tile : nullptr;
}

std::shared_ptr<const Tile> TileSource::findAncestor(const TileKey& key) const
{
    const std::scoped_lock lock(m_state->mutex);
    for (std::uint32_t up = 1; key.level + up <= kMaxLevel; ++up) {
        const TileKey ancestor{key.layer, key.head, key.level + up, key.row >> up, key.col >> up};
        if (const State::Entry* entry = m_state->tiles.find(ancestor))
            return entry->tile;
    }
    return nullptr;
}

void TileSource::request(std::uint64_t generation, std::span<const TileKey> visible,
                         std::span<const TileKey> skirt)
{
    {
        const std::scoped_lock lock(m_state->mutex);
        const std::uint32_t seqLen = m_state->trace->seqLen();
        m_state->generation = generation;
        m_state->visible = orderTiles(visible, seqLen);
        m_state->skirt = orderTiles(skirt, seqLen);
        m_state->drawn = {m_state->visible.begin(), m_state->visible.end()};
        m_state->stopUnwanted();
    }
    m_state->wake.notify_all();
}

void TileSource::setSource(std::shared_ptr<const HeadSource> source)
{
    {
        const std::scoped_lock lock(m_state->mutex);
        const std::shared_ptr<const HeadSource> old = std::exchange(m_state->trace, std::move(source));
        const HeadSource& now = *m_state->trace;
        m_state->tiles.forEach([&](const TileKey& key, State::Entry& entry) {
            entry.isStale |= !isSameHead(*old, now, key.layer, key.head);
        });
        m_state->heads->setSource(m_state->trace);
        ++m_state->epoch;
        m_state->failures.clear();
        m_state->unavailable.clear();
        for (const auto& job : m_state->running)
            job->build.request_stop();
        m_state->visible = orderTiles(m_state->visible, now.seqLen());
        m_state->skirt = orderTiles(m_state->skirt, now.seqLen());
    }
    m_state->wake.notify_all();
}

void TileSource::setExact(std::shared_ptr<const ExactWindows> windows)
{
    const std::scoped_lock lock(m_state->mutex);
    m_state->exact = std::move(windows);
}

std::shared_ptr<const ExactWindows> TileSource::exact() const
{
    const std::scoped_lock lock(m_state->mutex);
    return m_state->exact;
}

void TileSource::refreshExact(int layer, int head)
{
    {
        const std::scoped_lock lock(m_state->mutex);
        const HeadInfo* const info = m_state->trace->findHead(layer, head);
        if (!info)
            return;
        const std::uint32_t blocks = blockLevel({m_state->trace->seqLen(), info->blockQ, info->blockK});
        m_state->tiles.forEach([&](const TileKey& key, State::Entry& entry) {
            entry.isStale |= key.layer == layer && key.head == head && key.level < blocks;
        });
        ++m_state->epoch; // what is being made was begun without them
    }
    m_state->wake.notify_all();
}

HeadCache& TileSource::heads() const
{
    return *m_state->heads;
}

TileSource::Status TileSource::status() const
{
    Status status;
    const std::scoped_lock lock(m_state->mutex);
    for (const TileKey& key : m_state->visible) {
        const State::Entry* entry = m_state->tiles.peek(key);
        const auto failure = m_state->failures.find({key.layer, key.head, key.level});
        if (failure != m_state->failures.end())
            status.failure = failure->second;
        else if ((!entry || entry->isStale) && !m_state->unavailable.contains(key))
            ++status.pending;
    }
    status.cachedBytes = m_state->tiles.bytes();
    status.budgetBytes = m_state->options.cacheBytes;
    status.edgeBytes = m_state->heads->bytes();
    status.edgeBudgetBytes = m_state->heads->budgetBytes();
    return status;
}

} // namespace headwater
