// SPDX-License-Identifier: Apache-2.0
#include "core/reading/head_order.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace headwater {

std::optional<HeadOrder> headOrderNamed(std::string_view name)
{
    constexpr std::pair<std::string_view, HeadOrder> kOrders[] = {
        {"layer", HeadOrder::Layer},          {"kept_mass", HeadOrder::KeptMass},
        {"content", HeadOrder::Content},      {"entropy", HeadOrder::Entropy},
        {"sink_share", HeadOrder::SinkShare}, {"mean_distance", HeadOrder::MeanDistance},
        {"density", HeadOrder::Density},      {"selection", HeadOrder::SelectionMass}};
    for (const auto& [known, order] : kOrders) {
        if (name == known)
            return order;
    }
    return std::nullopt;
}

std::vector<HeadId> headsByLayer(const Trace& trace)
{
    std::vector<HeadId> heads;
    for (int layer = 0; layer < trace.numLayers(); ++layer) {
        for (int head = 0; head < trace.numHeads(layer); ++head)
            heads.push_back({layer, head});
    }
    return heads;
}

double orderValue(HeadOrder order, const HeadInfo& info, const HeadReads& reads)
{
    const HeadStatistics& statistics = info.statistics;
    switch (order) {
    case HeadOrder::KeptMass:
        return statistics.keptMass.mean;
    case HeadOrder::Content:
        return statistics.contentMass;
    case HeadOrder::Entropy:
        return statistics.entropy;
    case HeadOrder::SinkShare:
        return statistics.sinkShare;
    case HeadOrder::MeanDistance:
        return statistics.meanDistance;
    case HeadOrder::Density:
        return statistics.density;
    case HeadOrder::SelectionMass:
        for (const HeadRead& read : reads.heads) {
            if (read.head == HeadId{info.layer, info.head})
                return static_cast<double>(read.mass);
        }
        return std::numeric_limits<double>::quiet_NaN();
    case HeadOrder::Layer:
        break;
    }
    return info.layer;
}

std::vector<HeadId> orderedHeads(const Trace& trace, HeadOrder order, bool isFalling, const HeadReads& reads)
{
    if (order == HeadOrder::Layer) {
        std::vector<HeadId> heads = headsByLayer(trace);
        if (isFalling)
            std::stable_sort(heads.begin(), heads.end(),
                             [](HeadId a, HeadId b) { return a.layer > b.layer; });
        return heads;
    }
    std::map<HeadId, double> read;
    for (const HeadRead& one : reads.heads)
        read[one.head] = static_cast<double>(one.mass);
    std::vector<std::pair<double, HeadId>> valued;
    for (const HeadInfo& info : trace.heads()) {
        double value = std::numeric_limits<double>::quiet_NaN();
        if (order != HeadOrder::SelectionMass)
            value = orderValue(order, info, reads);
        else if (const auto found = read.find({info.layer, info.head}); found != read.end())
            value = found->second;
        // Unknown values come last either way.
        const double rank = std::isnan(value) ? std::numeric_limits<double>::infinity()
            : isFalling                       ? -value
                                              : value;
        valued.emplace_back(rank, HeadId{info.layer, info.head});
    }
    std::stable_sort(valued.begin(), valued.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<HeadId> heads;
    heads.reserve(valued.size());
    for (const auto& [rank, head] : valued)
        heads.push_back(head);
    return heads;
}

} // namespace headwater
