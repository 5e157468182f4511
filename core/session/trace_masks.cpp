// SPDX-License-Identifier: Apache-2.0
#include "core/session/trace_masks.h"

#include "core/forward/forward_pass.h"
#include "core/trace/head_row.h"

#include <fmt/format.h>
#include <optional>

namespace headwater {

std::uint32_t promptTokensOf(const Trace& trace)
{
    for (const Segment& segment : trace.segments())
        if (segment.name == "generated" && segment.begin > 0 && segment.end > segment.begin)
            return segment.begin;
    return trace.seqLen();
}

std::uint32_t tailRowOf(const Trace& trace)
{
    const std::uint32_t prompt = promptTokensOf(trace);
    return prompt < trace.seqLen() ? ForwardPass::tailRowOf(prompt) : prompt;
}

TraceMasks::TraceMasks(std::shared_ptr<const Trace> trace, std::stop_token stop)
    : m_trace(std::move(trace))
    , m_stop(std::move(stop))
{
}

Result<BlockGrid> TraceMasks::gridOf(const Trace& trace)
{
    std::optional<BlockGrid> grid;
    for (int layer = 0; layer < trace.numLayers(); ++layer) {
        for (int head = 0; head < trace.numHeads(layer); ++head) {
            const HeadInfo* const info = trace.findHead(layer, head);
            if (!info)
                return Error{
                    ErrorCode::Unsupported,
                    "the trace does not hold this head, which a forward over its masks needs; make the trace "
                    "again to its end",
                    headName(layer, head)};
            if (info->kind == HeadKind::Sliding)
                continue;
            if (!trace.hasEdges(layer, head))
                return Error{ErrorCode::Unsupported,
                             "the trace holds only overviews of this head, not the blocks that a forward "
                             "over its masks "
                             "needs",
                             headName(layer, head)};
            if (grid && (grid->blockQ != info->blockQ || grid->blockK != info->blockK))
                return Error{ErrorCode::Unsupported,
                             fmt::format("blocks of {} × {}, other heads have {} × {}", info->blockQ,
                                         info->blockK, grid->blockQ, grid->blockK),
                             headName(layer, head)};
            grid = {trace.seqLen(), info->blockQ, info->blockK};
        }
    }
    return grid.value_or(defaultGrid(trace.seqLen()));
}

Result<std::vector<GivenMask>> TraceMasks::ofLayer(int layer)
{
    m_edges.clear();
    std::vector<GivenMask> masks;
    for (int head = 0; head < m_trace->numHeads(layer); ++head) {
        GivenMask& mask = masks.emplace_back();
        const HeadInfo* const info = m_trace->findHead(layer, head);
        if (!info || info->kind == HeadKind::Sliding)
            continue;
        HEADWATER_TRY_ASSIGN(auto edges, m_trace->loadEdges(layer, head, m_stop));
        for (std::size_t block = 0; block + 1 < edges->rowPtr.size(); ++block)
            if (edges->rowPtr[block] == edges->rowPtr[block + 1])
                return Error{
                    ErrorCode::BadFormat,
                    fmt::format("query block {} keeps no key block, so its rows would read nothing", block),
                    headName(layer, head)};
        mask = {edges->rowPtr, edges->keyBlock, info->normaliser};
        m_edges.push_back(std::move(edges));
    }
    return masks;
}

} // namespace headwater
