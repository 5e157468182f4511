// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/cpu_rows.h"

#include "core/backend/cpu/cpu_tensor.h"
#include "core/backend/cpu/float_tiles.h"
#include "core/select/row_softmax.h"
#include "core/select/scores.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace headwater {
namespace {

/// Memory of one worker.
struct RowScratch {
    std::vector<float> scores; ///< [heads of the group, rows, keys]
    FloatTiles::Scratch keys;
};

/// Rows [first, first + count) of the heads [heads.first, …) that share one KV head.
struct RowTask {
    HeadRange heads;
    std::uint32_t firstRow;
    std::uint32_t rows;
};

class LayerRows {
public:
    LayerRows(const LayerConfig& config, const RowsRequest& request, const DeviceTensor& queries,
              const DeviceTensor& keys, std::span<float> p, std::span<float> lse)
        : m_config(config)
        , m_request(request)
        , m_queries(queries)
        , m_keys(keys)
        , m_p(p)
        , m_lse(lse)
        , m_shape{{}, config.kind, config.kind == HeadKind::Sliding ? config.window : 0}
    {
    }

    std::vector<RowTask> tasks() const
    {
        constexpr std::size_t kMostScores = std::size_t{1} << 20;
        const int group = m_config.numHeads / m_config.numKvHeads;
        const std::uint32_t end = m_request.firstRow + m_request.rows;
        const std::size_t atOnce = std::clamp<std::size_t>(
            kMostScores
                / (std::size_t{end - m_shape.firstKey(m_request.firstRow)} * static_cast<std::size_t>(group)),
            1, 64);
        std::vector<RowTask> tasks;
        const int endHead = m_request.heads.first + m_request.heads.count;
        for (int head = m_request.heads.first; head < endHead;) {
            const int next = std::min(endHead, (head / group + 1) * group);
            for (std::uint32_t row = m_request.firstRow; row < end;) {
                const std::uint32_t count = std::min(end - row, static_cast<std::uint32_t>(atOnce));
                tasks.push_back({{head, next - head}, row, count});
                row += count;
            }
            head = next;
        }
        return tasks;
    }

    void compute(const RowTask& task, RowScratch& scratch) const
    {
        const auto dim = static_cast<std::size_t>(m_config.headDim);
        const std::uint32_t firstKey = m_shape.firstKey(task.firstRow);
        const std::uint32_t endKey = task.firstRow + task.rows;
        const std::size_t line = endKey - firstKey;
        const int kvHead = task.heads.first / (m_config.numHeads / m_config.numKvHeads);
        const FloatTiles keys(m_keys, static_cast<std::size_t>(kvHead) * dim, dim, m_request.halfBefore);
        scratch.scores.resize(static_cast<std::size_t>(task.heads.count) * task.rows * line);
        for (std::uint32_t key = firstKey; key < endKey; key += kTileKeys) {
            const std::uint32_t count = std::min(kTileKeys, endKey - key);
            const FloatTiles::Tile tile = keys.at(key, count, scratch.keys);
            for (int head = 0; head < task.heads.count; ++head)
                scoreRowsOf({query(task, head), m_queries.cols(), task.rows}, {tile.rows, tile.stride, count},
                            dim, m_config.scoreCap, scores(scratch, task, head, line) + (key - firstKey),
                            line);
        }
        for (int head = 0; head < task.heads.count; ++head)
            for (std::uint32_t i = 0; i < task.rows; ++i)
                finishRow(task, head, i, scores(scratch, task, head, line) + i * line, firstKey);
    }

private:
    const float* query(const RowTask& task, int head) const
    {
        const int column = task.heads.first + head - m_request.heads.first;
        return floatRow(m_queries, task.firstRow - m_request.firstRow)
            + static_cast<std::size_t>(column) * static_cast<std::size_t>(m_config.headDim);
    }

    static float* scores(RowScratch& scratch, const RowTask& task, int head, std::size_t line)
    {
        return scratch.scores.data() + static_cast<std::size_t>(head) * task.rows * line;
    }

    /// The softmax of one row, and what of it is asked for. scores[0] is of firstKey.
    void finishRow(const RowTask& task, int head, std::uint32_t inTask, float* scores,
                   std::uint32_t firstKey) const
    {
        const std::uint32_t row = task.firstRow + inTask;
        const std::uint32_t begin = m_shape.firstKey(row);
        const auto column = static_cast<std::size_t>(task.heads.first + head - m_request.heads.first);
        const std::size_t at = column * m_request.rows + (row - m_request.firstRow);
        m_lse[at] = rowSoftmax(scores + (begin - firstKey), row + 1 - begin);
        const std::span<float> out = m_p.subspan(at * m_request.keys, m_request.keys);
        std::fill(out.begin(), out.end(), 0.0f);
        const std::uint32_t from = std::max(begin, m_request.firstKey);
        const std::uint32_t to = std::min(row + 1, m_request.firstKey + m_request.keys);
        if (from < to)
            std::copy(scores + (from - firstKey), scores + (to - firstKey),
                      out.begin() + (from - m_request.firstKey));
    }

    const LayerConfig& m_config;
    const RowsRequest& m_request;
    const DeviceTensor& m_queries;
    const DeviceTensor& m_keys;
    std::span<float> m_p;
    std::span<float> m_lse;
    HeadShape m_shape;
};

} // namespace

Result<void> layerRowProbabilities(const LayerConfig& config, const RowsRequest& request,
                                   const DeviceTensor& queries, const DeviceTensor& keys, std::span<float> p,
                                   std::span<float> lse, ThreadPool& pool, std::stop_token stop)
{
    const LayerRows rows(config, request, queries, keys, p, lse);
    const std::vector<RowTask> tasks = rows.tasks();
    std::vector<RowScratch> scratch(pool.size());
    pool.parallelFor(
        tasks.size(),
        [&](std::size_t task, std::size_t worker) {
            rows.compute(tasks[tasks.size() - 1 - task], scratch[worker]); // the longest rows first
        },
        stop);
    if (stop.stop_requested())
        return Error{ErrorCode::Cancelled, "stopped", fmt::format("layer {}", request.layer)};
    return {};
}

} // namespace headwater
