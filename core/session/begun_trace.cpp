// SPDX-License-Identifier: Apache-2.0
#include "core/session/begun_trace.h"

#include "core/base/gemm.h"
#include "core/session/warm_session.h"
#include "core/trace/head_row.h"
#include "core/trace/meta_text.h"
#include "core/trace/trace_quantity.h"

#include <algorithm>
#include <fmt/format.h>

namespace headwater {
namespace {

/// Layers whose heads are all there; they must be the first ones, each with its edges.
Result<int> finishedLayersOf(const Trace& trace)
{
    int finished = 0;
    std::size_t heads = 0;
    while (finished < trace.numLayers() && trace.findHead(finished, 0))
        heads += static_cast<std::size_t>(trace.numHeads(finished++));
    if (heads != trace.heads().size())
        return Error{ErrorCode::BadFormat,
                     fmt::format("{} heads, expected the {} of its first {} layers", trace.heads().size(),
                                 heads, finished),
                     trace.path().string()};
    for (const HeadInfo& head : trace.heads())
        if (!trace.hasEdges(head.layer, head.head))
            return Error{ErrorCode::Unsupported,
                         "holds only overviews of this head: no run began it, so none can go on with it",
                         fmt::format("{}: {}", trace.path().string(), headName(head.layer, head.head))};
    return finished;
}

/// The rows were searched, and are attended to over what was found.
bool isSearched(const HeadInfo& head)
{
    return head.kind == HeadKind::Global && head.normaliser == Normaliser::Kept;
}

} // namespace

BegunTrace::BegunTrace(std::shared_ptr<const Trace> trace, int finishedLayers, std::stop_token stop)
    : m_trace(std::move(trace))
    , m_promptTokens(promptTokensOf(*m_trace))
    , m_finishedLayers(finishedLayers)
    , m_hasMasks(!hasTail() && std::ranges::any_of(m_trace->heads(), isSearched))
    , m_masks(m_trace, std::move(stop))
    , m_check(m_trace, LseCheck::kSameSteps)
{
}

Result<std::unique_ptr<BegunTrace>> BegunTrace::open(const std::filesystem::path& path, std::stop_token stop)
{
    HEADWATER_TRY_ASSIGN(std::shared_ptr<const Trace> trace, Trace::open(path));
    if (trace->isSealed())
        return Error{ErrorCode::InvalidArgument, "is finished: there is nothing to go on with",
                     path.string()};
    HEADWATER_TRY_ASSIGN(const int finished, finishedLayersOf(*trace));
    return std::unique_ptr<BegunTrace>(new BegunTrace(std::move(trace), finished, std::move(stop)));
}

Result<void> BegunTrace::checkModel(const Model& model) const
{
    HEADWATER_TRY(WarmSession::checkModel(*m_trace, model));
    if (isSameArithmetic(*m_trace))
        return {};
    return Error{
        ErrorCode::InvalidArgument,
        fmt::format("was begun by {}, this is {}: their numbers differ in the last bits, and a trace "
                    "is of one; go on there, or run it again",
                    metaText(m_trace->meta(), "/device/description"), gemmLibrary()),
        m_trace->path().string()};
}

Result<void> BegunTrace::checkBlocks(const BlockGrid& grid) const
{
    for (const HeadInfo& head : m_trace->heads())
        if (head.blockQ != grid.blockQ || head.blockK != grid.blockK)
            return Error{ErrorCode::BadFormat,
                         fmt::format("blocks of {} × {}, expected the {} × {} of its meta", head.blockQ,
                                     head.blockK, grid.blockQ, grid.blockK),
                         fmt::format("{}: {}", m_trace->path().string(), headName(head.layer, head.head))};
    return {};
}

Result<std::vector<GivenMask>> BegunTrace::masksOf(int layer)
{
    if (!m_hasMasks || layer >= m_finishedLayers)
        return std::vector<GivenMask>();
    return m_masks.ofLayer(layer);
}

Result<void> BegunTrace::compareLayer(int layer, std::span<const HeadObservation> heads)
{
    return m_check.compare(layer, heads, hasTail() ? tailRowOf(*m_trace) : m_promptTokens);
}

Result<void> BegunTrace::compareTail(int layer, std::span<const HeadObservation> heads)
{
    return m_check.compare(layer, heads, m_trace->seqLen());
}

std::uint64_t BegunTrace::layerBytes() const
{
    constexpr std::uint64_t kEdgeBytes = 10; // HeadEdges
    constexpr std::uint64_t kRowBytes = 12; // HeadRows, of one head at a time
    std::vector<std::uint64_t> edges(static_cast<std::size_t>(m_finishedLayers) + 1, 0);
    for (const HeadInfo& head : m_trace->heads())
        edges[static_cast<std::size_t>(head.layer)] += m_hasMasks && isSearched(head) ? head.edges : 0;
    return *std::ranges::max_element(edges) * kEdgeBytes + kRowBytes * m_trace->seqLen();
}

} // namespace headwater
