// SPDX-License-Identifier: Apache-2.0
#include "core/reading/head_source.h"

#include "core/base/same_number.h"

#include <utility>

namespace headwater {

bool isSameHead(const HeadSource& a, const HeadSource& b, int layer, int head)
{
    const HeadInfo* const old = a.findHead(layer, head);
    const HeadInfo* const now = b.findHead(layer, head);
    return old && now && a.seqLen() == b.seqLen() && old->rows == now->rows && old->edges == now->edges
        && old->pairs.kept == now->pairs.kept && old->blockQ == now->blockQ && old->blockK == now->blockK
        && sameNumber(old->statistics.keptMass.mean, now->statistics.keptMass.mean);
}

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

Result<std::shared_ptr<const EdgeSlice>>
TraceHeadSource::loadEdges(int layer, int head, const TokenRange& queries, std::stop_token stop) const
{
    return m_trace->loadEdges(layer, head, queries, std::move(stop));
}

Result<std::vector<float>> TraceHeadSource::loadMissed(int layer, int head) const
{
    HEADWATER_TRY_ASSIGN(const std::shared_ptr<const HeadRows> rows, m_trace->loadRows(layer, head));
    return rows->missed;
}

Result<std::vector<TokenRow>> TraceHeadSource::loadTokenRows(int layer, int head, TokenRange rows) const
{
    return m_trace->loadTokenRows(layer, head, rows);
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
