// SPDX-License-Identifier: Apache-2.0
#include "core/engine/layer_recorder.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <set>

namespace headwater {
namespace {

template <class Value> void append(std::vector<Value>& to, const std::vector<Value>& from)
{
    to.insert(to.end(), from.begin(), from.end());
}

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

/// The lesser of two numbers, unknown where one of them is.
double leastOf(double a, double b)
{
    return std::isnan(a) || std::isnan(b) ? kUnknown : std::min(a, b);
}

} // namespace

LayerRecorder::LayerRecorder(TraceWriter* writer, Options options)
    : m_writer(writer)
    , m_options(options)
{
}

Result<void> LayerRecorder::onLayer(int layer, std::vector<HeadObservation>&& heads)
{
    BegunTrace* const begun = m_options.begun;
    if (m_inTail) {
        if (begun && begun->hasTail())
            HEADWATER_TRY(begun->compareTail(layer, heads));
        for (HeadObservation& observation : heads)
            joinTail(std::move(observation));
        return {};
    }
    const bool isThere = begun && layer < begun->finishedLayers();
    if (isThere)
        HEADWATER_TRY(begun->compareLayer(layer, heads));
    const auto begin = std::chrono::steady_clock::now();
    std::vector<TraceWriter::FinishedHead> finished;
    finished.reserve(heads.size());
    for (HeadObservation& observation : heads)
        finished.push_back(finishHead(std::move(observation)));
    if (m_writer && !isThere)
        HEADWATER_TRY(m_writer->writeLayer(layer, finished, m_options.tailRow.value_or(0)));
    m_writeSeconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return {};
}

TraceWriter::FinishedHead LayerRecorder::finishHead(HeadObservation&& observation)
{
    const HeadRecord& record = observation.record;
    Head& head = m_heads[{record.layer, record.head}];
    if (observation.incoming)
        head.sinks = observation.incoming->sinks();
    head.kind = record.kind;
    head.normaliser = record.normaliser;
    head.probePlan = std::move(observation.probePlan);
    head.probes = std::move(observation.probes);
    HeadSums sums(record.shape(), record.normaliser, m_options.mostTokens);
    const std::uint32_t tailRow = m_options.tailRow.value_or(0);
    sums.add(record, 0, tailRow);
    if (m_options.tailRow)
        head.beforeTail = sums;
    sums.add(record, tailRow, record.numRows);
    TraceWriter::FinishedHead made = finished(head, sums, std::move(observation));
    for (const ProbeRow& probe : head.probes) {
        made.probeRow.push_back(probe.row);
        made.probeKeptMass.push_back(probe.kept);
    }
    return made;
}

void LayerRecorder::joinTail(HeadObservation&& observation)
{
    const HeadRecord& record = observation.record;
    Head& head = m_heads[{record.layer, record.head}];
    HeadSums sums = std::move(*head.beforeTail);
    head.beforeTail.reset();
    sums.add(record);
    std::erase_if(head.tokenRows, [&](const TokenRow& row) { return row.row >= record.firstRow; });
    m_tail.push_back(finished(head, sums, std::move(observation)));
}

TraceWriter::FinishedHead LayerRecorder::finished(Head& head, const HeadSums& sums,
                                                  HeadObservation&& observation) const
{
    TraceWriter::FinishedHead finished;
    finished.keepKeys = m_options.select.keepKeys;
    finished.takeSums(sums);
    if (head.normaliser == Normaliser::Kept)
        takeProbes(head.probePlan, head.probes, finished.statistics);
    finished.sinks = head.sinks;
    head.statistics = finished.statistics;
    head.pairs = finished.pairs;
    head.rows = sums.rows();
    append(head.tokenRows, observation.tokenRows);
    finished.tokenRows = std::move(observation.tokenRows);
    finished.record = std::move(observation.record);
    return finished;
}

void LayerRecorder::summarise(RunReport& report) const
{
    GlobalHeads global;
    std::set<std::uint32_t> sinks;
    std::set<int> layers;
    report.keptMassP5 = report.keptMassMin = 1;
    for (const auto& [id, head] : m_heads) {
        layers.insert(id.layer);
        report.usablePairs += head.pairs.usable;
        report.keptPairs += head.pairs.kept;
        report.alwaysKeptPairs += head.pairs.alwaysKept;
        report.extraPairs += head.pairs.extra;
        report.tokens = head.rows;
        if (head.kind == HeadKind::Sliding)
            continue;
        const HeadStatistics& statistics = head.statistics;
        report.normaliser = head.normaliser;
        global.add(head.rows, head.normaliser, statistics, head.pairs);
        report.keptMassP5 = leastOf(report.keptMassP5, statistics.keptMassP5);
        report.keptMassMin = leastOf(report.keptMassMin, statistics.keptMassMin);
        sinks.insert(head.sinks.begin(), head.sinks.end());
    }
    report.heads = static_cast<int>(m_heads.size());
    report.layers = static_cast<int>(layers.size());
    report.takeGlobal(global);
    // Sliding heads alone, or heads without probe rows: nothing is known, and nothing must look known.
    if (std::isnan(report.keptMass.mean))
        report.keptMassP5 = report.keptMassMin = kUnknown;
    report.sinks.assign(sinks.begin(), sinks.end());
}

std::vector<TokenRow> LayerRecorder::tokenRows(std::uint32_t row) const
{
    std::vector<TokenRow> rows;
    for (const auto& [id, head] : m_heads) {
        for (const TokenRow& recorded : head.tokenRows) {
            if (recorded.row == row)
                rows.push_back(recorded);
        }
    }
    return rows;
}

} // namespace headwater
