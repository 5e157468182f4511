// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/cpu_attention.h"

#include "core/backend/cpu/cpu_decode.h"
#include "core/backend/cpu/cpu_tensor.h"
#include "core/base/seeded_random.h"
#include "core/record/quantity.h"
#include "core/select/content_tree.h"
#include "core/select/exact_tile.h"
#include "core/select/sparse_tile.h"
#include "core/select/stream_tile.h"
#include "core/select/token_row.h"
#include "core/select/tree_tile.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <iterator>
#include <limits>

namespace headwater {
namespace {

HeadShape shapeOf(const LayerConfig& config, const BlockGrid& grid)
{
    return {grid, config.kind, config.kind == HeadKind::Sliding ? config.window : 0};
}

KeyValues keyValuesOf(const LayerConfig& config, const DeviceTensor& keys, const DeviceTensor& values,
                      int kvHead, std::uint32_t length)
{
    const auto dim = static_cast<std::size_t>(config.headDim);
    const std::size_t offset = static_cast<std::size_t>(kvHead) * dim;
    return {floatRow(keys, 0) + offset,
            keys.cols(),
            floatRow(values, 0) + offset,
            values.cols(),
            length,
            static_cast<std::uint32_t>(config.headDim),
            config.scoreCap};
}

/// The content trees of one layer, one a KV head.
struct TreeIndex final : KeyIndex {
    std::vector<ContentTree> trees;

    void release() override
    {
        for (ContentTree& tree : trees)
            tree.release();
    }
};

/// A seed of its own for every layer and KV head.
std::uint64_t seedOf(std::uint64_t seed, int layer, int kvHead)
{
    return splitMix(
        seed
        + kSplitMixStep
            * (static_cast<std::uint64_t>(layer) * 1024 + static_cast<std::uint64_t>(kvHead) + 1));
}

/// Memory one worker needs for any kind of tile.
struct TileScratch {
    ExactScratch exact;
    SparseScratch sparse;
    TreeScratch tree;
    StreamScratch stream;
    BlockMask mask;
};

/// What one (tile, head) pair saw.
struct SeenTile {
    TileRecord record;
    std::vector<TokenRow> tokenRows;
};

/// One layer's attention over a row range: the tiles of all heads are independent tasks.
class LayerAttention {
public:
    LayerAttention(const LayerConfig& config, const AttentionRequest& request, const DeviceTensor& queries,
                   const DeviceTensor& keys, const DeviceTensor& values, const KeyIndex* index,
                   DeviceTensor& attended)
        : m_config(config)
        , m_request(request)
        , m_queries(queries)
        , m_keys(keys)
        , m_values(values)
        , m_index(index)
        , m_attended(attended)
        , m_shape(shapeOf(config, request.grid))
    {
    }

    void attendTile(int head, std::uint32_t tile, TileScratch& scratch, SeenTile& seen) const
    {
        const QueryTile query = queryTile(head, tile);
        const KeyValues kv = keyValues(head, query.firstRow + query.numRows);
        const TileOutput output = tileOutput(head, query);
        if (!records(m_request.mode)) {
            seen.record.lse.resize(query.numRows);
            attendUnrecorded(head, query, kv, output, scratch, seen.record.lse.data());
            return;
        }
        const SelectParams& select = m_request.select;
        KeepRule rule;
        rule.keepKeys = select.keepKeys;
        rule.keepPeak = select.keepPeak;
        const bool global = m_shape.kind == HeadKind::Global;
        const bool searched = global && select.selection != Selection::Exact;
        if (searched && m_request.given.empty())
            selectMask(head, query, kv, scratch);
        else if (searched)
            takeMask(head, query, scratch.mask);
        if (m_request.mode != AttentionRequest::Mode::Propagated || !global) {
            rule.mask = searched ? &scratch.mask : nullptr;
            exactTile(m_shape, kv, query, rule, scratch.exact, output, seen.record);
        } else if (searched) {
            sparseTile(m_shape, kv, query, scratch.mask, scratch.sparse, output, &seen.record);
        } else {
            exactTile(m_shape, kv, query, rule, scratch.exact, {}, seen.record);
            sparseTile(m_shape, kv, query, seen.record.mask, scratch.sparse, output, nullptr);
        }
        for (const std::uint32_t row : m_request.tokenRows) {
            if (row >= query.firstRow && row < query.firstRow + query.numRows)
                seen.tokenRows.push_back(tokenRow(m_request.layer, head, m_shape, kv,
                                                  query.rows + (row - query.firstRow) * query.stride, row,
                                                  m_request.tokenRowKeys));
        }
    }

    /// Dense, or over a given mask: output and log-sum-exp alone.
    void attendUnrecorded(int head, const QueryTile& query, const KeyValues& kv, const TileOutput& output,
                          TileScratch& scratch, float* lse) const
    {
        if (m_request.mode != AttentionRequest::Mode::Given || m_shape.kind == HeadKind::Sliding) {
            denseTile(m_shape, kv, query, scratch.exact, output, lse);
            return;
        }
        takeMask(head, query, scratch.mask);
        sparseTile(m_shape, kv, query, scratch.mask, scratch.sparse, output, nullptr, lse);
        if (m_request.given[static_cast<std::size_t>(head)].normaliser == Normaliser::Exact)
            denseTile(m_shape, kv, query, scratch.exact, {}, lse);
    }

    /// Keeps the queries of the probe rows among the request's.
    void collectProbes(int head, HeadObservation& observation) const
    {
        ProbePlan& plan = observation.probePlan;
        const auto dim = static_cast<std::uint32_t>(m_config.headDim);
        if (observation.record.normaliser != Normaliser::Kept || !m_request.probe)
            return;
        if (plan.rows.empty()) {
            plan = drawProbeRows(m_request.grid.seqLen, m_request.layer, head, m_request.select.seed);
            observation.probeQueries.resize(plan.rows.size() * dim);
        }
        for (std::uint32_t tile = 0; tile * kTileRows < m_request.rows; ++tile)
            collectProbeRows(plan, queryTile(head, tile), dim, observation.probeQueries);
    }

    /// What a record says of itself.
    void describe(int head, HeadRecord& record) const
    {
        const bool global = m_config.kind == HeadKind::Global;
        record.layer = m_request.layer;
        record.head = head;
        record.kind = m_config.kind;
        record.window = global ? 0 : m_config.window;
        record.selection = global ? m_request.select.selection : Selection::Exact;
        record.normaliser =
            normaliserOf(m_request.mode == AttentionRequest::Mode::Propagated, record.selection);
        record.grid = m_request.grid;
    }

    QueryTile queryTile(int head, std::uint32_t tile) const
    {
        const std::uint32_t first = m_request.firstRow + tile * kTileRows;
        const auto offset = static_cast<std::size_t>(head) * static_cast<std::size_t>(m_config.headDim);
        return {floatRow(m_queries, first - m_request.firstRow) + offset, m_queries.cols(), first,
                std::min(kTileRows, m_request.firstRow + m_request.rows - first)};
    }

    TileOutput tileOutput(int head, const QueryTile& query) const
    {
        const auto offset = static_cast<std::size_t>(head) * static_cast<std::size_t>(m_config.headDim);
        return {floatRow(m_attended, query.firstRow - m_request.firstRow) + offset, m_attended.cols()};
    }

    KeyValues keyValues(int head, std::uint32_t length) const
    {
        return keyValuesOf(m_config, m_keys, m_values, head / (m_config.numHeads / m_config.numKvHeads),
                           length);
    }

private:
    /// The tile's part of the mask that was given.
    void takeMask(int head, const QueryTile& query, BlockMask& mask) const
    {
        const GivenMask& given = m_request.given[static_cast<std::size_t>(head)];
        const std::uint32_t blockQ = m_shape.grid.blockQ;
        const std::uint32_t first = query.firstRow / blockQ;
        const std::uint32_t end = (query.firstRow + query.numRows + blockQ - 1) / blockQ;
        mask.reset();
        for (std::uint32_t block = first; block < end; ++block) {
            const auto kept =
                given.keyBlock.subspan(given.rowPtr[block], given.rowPtr[block + 1] - given.rowPtr[block]);
            mask.keyBlock.insert(mask.keyBlock.end(), kept.begin(), kept.end());
            mask.endQueryBlock();
        }
    }

    /// The mask of `tree` or `stream`, into scratch.mask.
    void selectMask(int head, const QueryTile& query, const KeyValues& kv, TileScratch& scratch) const
    {
        const SelectParams& select = m_request.select;
        if (select.selection == Selection::Stream) {
            streamTile(m_shape, kv, query, select.keepKeys, select.probe, scratch.stream, scratch.mask);
            return;
        }
        const auto kvHead = static_cast<std::size_t>(head / (m_config.numHeads / m_config.numKvHeads));
        const auto& trees = static_cast<const TreeIndex*>(m_index)->trees;
        treeTile(m_shape, trees[kvHead], query, select.keepKeys, {select.beam, select.open}, scratch.tree,
                 scratch.mask);
    }

    const LayerConfig& m_config;
    const AttentionRequest& m_request;
    const DeviceTensor& m_queries;
    const DeviceTensor& m_keys;
    const DeviceTensor& m_values;
    const KeyIndex* m_index;
    DeviceTensor& m_attended;
    HeadShape m_shape;
};

} // namespace

Result<void> attendLayer(const LayerConfig& config, const AttentionRequest& request,
                         const DeviceTensor& queries, const DeviceTensor& keys, const DeviceTensor& values,
                         const KeyIndex* index, DeviceTensor& attended,
                         std::span<HeadObservation> observations, ThreadPool& pool, std::stop_token stop)
{
    if (request.mode == AttentionRequest::Mode::Decode)
        return decodeRows(config, request, queries, keys, values, attended, pool);
    const LayerAttention attention(config, request, queries, keys, values, index, attended);
    const auto heads = static_cast<std::size_t>(config.numHeads);
    std::vector<TileScratch> scratch(pool.size());
    if (request.firstRow % kTileRows != 0)
        return Error{ErrorCode::Internal,
                     fmt::format("row {} begins no tile of {} rows", request.firstRow, kTileRows),
                     fmt::format("layer {}", request.layer)};
    const std::size_t tiles = (request.rows + kTileRows - 1) / kTileRows;
    std::vector<SeenTile> seen(tiles * heads);
    // The last tiles are the longest: they go first, so that no thread is left alone with one at the end.
    pool.parallelFor(
        tiles * heads,
        [&](std::size_t task, std::size_t worker) {
            const std::size_t tile = tiles - 1 - task / heads;
            const std::size_t head = task % heads;
            attention.attendTile(static_cast<int>(head), static_cast<std::uint32_t>(tile), scratch[worker],
                                 seen[tile * heads + head]);
        },
        stop);
    if (stop.stop_requested())
        return Error{ErrorCode::Cancelled, "stopped", fmt::format("layer {}", request.layer)};
    if (!records(request.mode)) {
        for (std::size_t head = 0; head < observations.size(); ++head) {
            std::vector<float>& lse = observations[head].record.lse;
            for (std::size_t tile = 0; tile < tiles; ++tile) {
                const std::vector<float>& one = seen[tile * heads + head].record.lse;
                lse.insert(lse.end(), one.begin(), one.end());
            }
        }
        return {};
    }
    for (std::size_t head = 0; head < heads; ++head) {
        HeadObservation& observation = observations[head];
        attention.describe(static_cast<int>(head), observation.record);
        if (config.kind == HeadKind::Global && !observation.incoming)
            observation.incoming.emplace(request.grid.seqLen);
        for (std::size_t tile = 0; tile < tiles; ++tile) {
            SeenTile& one = seen[tile * heads + head];
            appendTile(observation.record, one.record);
            if (observation.incoming)
                observation.incoming->add(one.record);
            std::move(one.tokenRows.begin(), one.tokenRows.end(), std::back_inserter(observation.tokenRows));
        }
        attention.collectProbes(static_cast<int>(head), observation);
    }
    return {};
}

Result<void> probeLayer(const LayerConfig& config, const DeviceTensor& keys,
                        std::span<HeadObservation> observations, ThreadPool& pool, std::stop_token stop)
{
    struct Task {
        std::size_t head;
        std::uint32_t group;
    };
    std::vector<Task> tasks;
    for (std::size_t head = 0; head < observations.size(); ++head) {
        HeadObservation& observation = observations[head];
        observation.probes.resize(observation.probePlan.rows.size());
        for (std::uint32_t group = 0; group < numProbeGroups(observation.probePlan); ++group)
            tasks.push_back({head, group});
    }
    pool.parallelFor(
        tasks.size(),
        [&](std::size_t index, std::size_t) {
            const Task task = tasks[tasks.size() - 1 - index]; // the longest rows first
            HeadObservation& observation = observations[task.head];
            const int kvHead = static_cast<int>(task.head) / (config.numHeads / config.numKvHeads);
            probeGroup(shapeOf(config, observation.record.grid),
                       keyValuesOf(config, keys, keys, kvHead, observation.record.grid.seqLen),
                       observation.probePlan, observation.probeQueries, observation.record, task.group,
                       observation.probes);
        },
        stop);
    if (stop.stop_requested())
        return Error{ErrorCode::Cancelled, "stopped", "probe rows"};
    return {};
}

Result<std::shared_ptr<KeyIndex>> buildKeyIndex(const LayerConfig& config, int layer,
                                                const DeviceTensor& keys, std::uint32_t numKeys,
                                                const SelectParams& select, ThreadPool& pool,
                                                std::stop_token stop)
{
    if (select.selection != Selection::Tree || config.kind == HeadKind::Sliding)
        return std::shared_ptr<KeyIndex>();
    auto index = std::make_shared<TreeIndex>();
    for (int kvHead = 0; kvHead < config.numKvHeads; ++kvHead) {
        const KeyValues head = keyValuesOf(config, keys, keys, kvHead, numKeys);
        index->trees.push_back(ContentTree::build(head, treeShape(numKeys, select.treeLevels),
                                                  seedOf(select.seed, layer, kvHead), &pool, stop));
        if (stop.stop_requested())
            return Error{ErrorCode::Cancelled, "stopped", fmt::format("layer {}", layer)};
    }
    return std::shared_ptr<KeyIndex>(std::move(index));
}

Result<std::shared_ptr<KeyIndex>> extendKeyIndex(const KeyIndex& index, const LayerConfig& config,
                                                 const DeviceTensor& keys, std::uint32_t numKeys)
{
    auto extended = std::make_shared<TreeIndex>(static_cast<const TreeIndex&>(index));
    for (std::size_t kvHead = 0; kvHead < extended->trees.size(); ++kvHead)
        extended->trees[kvHead].extend(keyValuesOf(config, keys, keys, static_cast<int>(kvHead), numKeys));
    return std::shared_ptr<KeyIndex>(std::move(extended));
}

} // namespace headwater
