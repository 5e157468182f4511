// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/reading/head_source.h"
#include "core/tiles/tile_builder.h"
#include "core/tiles/tile_geometry.h"
#include "synthetic_edges.h"

#include <atomic>
#include <condition_variable>
#include <limits>
#include <map>
#include <mutex>
#include <stdexcept>

namespace headwater::testing {

/// Made heads of one layer, with counters, a gate that holds loads back, and heads that fail.
class FakeHeadSource final : public HeadSource {
public:
    FakeHeadSource(const BlockGrid& grid, int numHeads, std::size_t edgesPerHead, std::uint64_t seed)
        : m_grid(grid)
        , m_missed(grid.seqLen, 0.125f)
    {
        std::mt19937_64 random(seed);
        for (int head = 0; head < numHeads; ++head) {
            m_edges.push_back(
                std::make_shared<const HeadEdges>(packEdges(grid, randomEdges(grid, edgesPerHead, random))));
            HeadInfo info;
            info.head = head;
            info.blockQ = grid.blockQ;
            info.blockK = grid.blockK;
            info.rows = grid.seqLen;
            info.edges = m_edges.back()->keyBlock.size();
            info.pairs.kept = seed;
            m_infos.push_back(info);
        }
    }

    /// The kept mass of a head is not known, as where few rows were probed.
    void forgetKeptMass()
    {
        for (HeadInfo& info : m_infos)
            info.statistics.keptMass.mean = std::numeric_limits<double>::quiet_NaN();
    }

    /// Adds stored overviews of one tile, at the coarsest level.
    void addOverviews() { m_sides = {cellsOfAxis(m_grid.seqLen, coarsestLevel(m_grid.seqLen))}; }

    std::uint32_t seqLen() const override { return m_grid.seqLen; }
    const HeadInfo* findHead(int layer, int head) const override
    {
        return layer == 0 && head >= 0 && head < static_cast<int>(m_infos.size()) ? &m_infos[head] : nullptr;
    }
    bool hasEdges(int, int) const override { return storesEdges; }

    Result<std::shared_ptr<const HeadEdges>> loadEdges(int, int head, std::stop_token stop) const override
    {
        ++edgeLoads;
        {
            std::unique_lock lock(m_mutex);
            m_waiting = true;
            m_changed.notify_all();
            if (!m_changed.wait(lock, stop, [&] { return !m_isClosed; }) || stop.stop_requested()) {
                ++stoppedLoads;
                return Error{ErrorCode::Cancelled, "stopped", {}};
            }
        }
        if (throwing)
            throw std::runtime_error("a source that throws");
        if (head == failingHead)
            return Error{ErrorCode::BadFormat, "chunk 3: hash differs",
                         "layer 0 head " + std::to_string(head)};
        return m_edges[head];
    }

    /// Its chunks are of 256 rows.
    Result<std::shared_ptr<const EdgeSlice>> loadEdges(int, int head, const TokenRange& queries,
                                                       std::stop_token) const override
    {
        ++sliceLoads;
        auto slice = std::make_shared<EdgeSlice>();
        slice->grid = m_grid;
        slice->firstBlock = queries.begin / 256 * 256 / m_grid.blockQ;
        const std::uint32_t end = std::min(m_grid.seqLen, (queries.end + 255) / 256 * 256);
        static_cast<BlockEdges<std::uint16_t>&>(*slice) =
            m_edges[head]->slice(slice->firstBlock, (end + m_grid.blockQ - 1) / m_grid.blockQ);
        return std::shared_ptr<const EdgeSlice>(std::move(slice));
    }

    Result<std::vector<float>> loadMissed(int, int) const override { return m_missed; }
    Result<std::vector<TokenRow>> loadTokenRows(int, int head, TokenRange rows) const override
    {
        ++tokenRowLoads;
        std::vector<TokenRow> recorded;
        for (const TokenRow& row : tokenRows) {
            if (row.head == head && row.row >= rows.begin && row.row < rows.end)
                recorded.push_back(row);
        }
        return recorded;
    }
    std::span<const std::uint32_t> overviewSides() const override { return m_sides; }

    Result<Overview> loadOverview(int, int head, std::uint32_t side) const override
    {
        ++overviewLoads;
        const std::uint32_t level = coarsestLevel(m_grid.seqLen);
        const TileRun run = buildStrip({*m_edges[head], m_missed}, {0, head, level, 0, 0, 1});
        Overview overview{side, level, {}, {}, {}, {}};
        for (std::uint32_t row = 0; row < side; ++row) {
            const auto from = std::ptrdiff_t{row} * kTileSide;
            overview.max.insert(overview.max.end(), run[0]->max.begin() + from,
                                run[0]->max.begin() + from + side);
            overview.count.insert(overview.count.end(), run[0]->count.begin() + from,
                                  run[0]->count.begin() + from + side);
            overview.missed.push_back(run[0]->missed[row]);
        }
        return overview;
    }

    void closeGate()
    {
        const std::scoped_lock lock(m_mutex);
        m_isClosed = true;
        m_waiting = false;
    }
    void openGate()
    {
        {
            const std::scoped_lock lock(m_mutex);
            m_isClosed = false;
        }
        m_changed.notify_all();
    }
    /// Returns when a load stands at the gate.
    void waitForLoad()
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [&] { return m_waiting; });
    }

    const HeadEdges& edges(int head) const { return *m_edges[head]; }
    std::span<const float> missed() const { return m_missed; }

    bool storesEdges = true;
    int failingHead = -1;
    std::atomic<bool> throwing{false}; ///< a load of edges
    std::vector<TokenRow> tokenRows; ///< by row
    mutable std::atomic<int> tokenRowLoads{0};
    mutable std::atomic<int> edgeLoads{0};
    mutable std::atomic<int> sliceLoads{0};
    mutable std::atomic<int> stoppedLoads{0};
    mutable std::atomic<int> overviewLoads{0};

private:
    BlockGrid m_grid;
    std::vector<float> m_missed;
    std::vector<std::shared_ptr<const HeadEdges>> m_edges;
    std::vector<HeadInfo> m_infos;
    std::vector<std::uint32_t> m_sides;
    mutable std::mutex m_mutex;
    mutable std::condition_variable_any m_changed;
    mutable bool m_waiting = false;
    bool m_isClosed = false;
};

} // namespace headwater::testing
