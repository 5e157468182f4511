// SPDX-License-Identifier: Apache-2.0
#include "core/tiles/head_source.h"

#include <utility>

namespace headwater {

TraceHeadSource::TraceHeadSource(std::shared_ptr<const Trace> trace)
    : m_trace(std::move(trace))
{
}

std::uint32_t TraceHeadSource::seqLen() const
{
    return m_trace->seqLen();
}

const HeadInfo* TraceHeadSource::findHead(int layer, int head) const
{
    return m_trace->findHead(layer, head);
}

bool TraceHeadSource::hasEdges(int layer, int head) const
{
    return m_trace->hasEdges(layer, head);
}

Result<std::shared_ptr<const HeadEdges>> TraceHeadSource::loadEdges(int layer, int head,
                                                                    std::stop_token stop) const
{
    return m_trace->loadEdges(layer, head, std::move(stop));
}

Result<std::vector<float>> TraceHeadSource::loadMissed(int layer, int head) const
{
    HEADWATER_TRY_ASSIGN(const std::shared_ptr<const HeadRows> rows, m_trace->loadRows(layer, head));
    return rows->missed;
}

std::span<const std::uint32_t> TraceHeadSource::overviewSides() const
{
    return m_trace->overviewSides();
}

Result<Overview> TraceHeadSource::loadOverview(int layer, int head, std::uint32_t side) const
{
    return m_trace->loadOverview(layer, head, side);
}

} // namespace headwater
