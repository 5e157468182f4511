// SPDX-License-Identifier: Apache-2.0
#include "core/engine/layer_recorder.h"

#include "core/select/head_statistics.h"

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

HeadShape shapeOf(const HeadRecord& record)
{
    return {record.grid, record.kind, record.window};
}

/// The rows of `record` before `row` as far as statistics need them: no counters, no lse, no missed peaks.
HeadRecord beforeRow(const HeadRecord& record, std::uint32_t row)
{
    HeadRecord part;
    part.layer = record.layer;
    part.head = record.head;
    part.kind = record.kind;
    part.window = record.window;
    part.normaliser = record.normaliser;
    part.selection = record.selection;
    part.grid = record.grid;
    part.numRows = row;
    const std::uint32_t blocks = row / record.grid.blockQ;
    part.rowPtr.assign(record.rowPtr.begin(), record.rowPtr.begin() + blocks + 1);
    const auto edges = static_cast<std::ptrdiff_t>(part.rowPtr.back());
    part.keyBlock.assign(record.keyBlock.begin(), record.keyBlock.begin() + edges);
    part.mass.assign(record.mass.begin(), record.mass.begin() + edges);
    part.peak.assign(record.peak.begin(), record.peak.begin() + edges);
    part.peakAt.assign(record.peakAt.begin(), record.peakAt.begin() + edges);
    part.missed.assign(record.missed.begin(), record.missed.begin() + static_cast<std::ptrdiff_t>(row));
    return part;
}

} // namespace

LayerRecorder::LayerRecorder(TraceWriter* writer, Options options)
    : m_writer(writer)
    , m_options(options)
{
}

Result<void> LayerRecorder::onLayer(int layer, std::vector<HeadObservation>&& heads)
{
    if (m_inTail) {
        for (HeadObservation& observation : heads)
            joinTail(std::move(observation));
        return {};
    }
    const auto begin = std::chrono::steady_clock::now();
    std::vector<TraceWriter::FinishedHead> finished;
    finished.reserve(heads.size());
    for (HeadObservation& observation : heads)
        finished.push_back(finishHead(std::move(observation)));
    if (m_writer)
        HEADWATER_TRY(m_writer->writeLayer(layer, finished, m_options.tailRow.value_or(0)));
    m_writeSeconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return {};
}

TraceWriter::FinishedHead LayerRecorder::finishHead(HeadObservation&& observation)
{
    HeadRecord& record = observation.record;
    Head& head = m_heads[{record.layer, record.head}];
    head.statistics = headStatistics(shapeOf(record), record, observation.probePlan, observation.probes);
    if (observation.incoming)
        head.sinks = observation.incoming->sinks();
    head.tokenRows = observation.tokenRows;
    head.totals = RecordTotals::of(record);
    head.kind = record.kind;
    head.normaliser = record.normaliser;
    head.rows = record.numRows;
    TraceWriter::FinishedHead finished;
    finished.keepKeys = m_options.select.keepKeys;
    finished.statistics = head.statistics;
    finished.sinks = head.sinks;
    finished.tokenRows = std::move(observation.tokenRows);
    for (const ProbeRow& probe : observation.probes) {
        finished.probeRow.push_back(probe.row);
        finished.probeKeptMass.push_back(probe.kept);
    }
    if (m_options.tailRow) {
        head.beforeTail = beforeRow(record, *m_options.tailRow);
        head.probePlan = std::move(observation.probePlan);
        head.probes = std::move(observation.probes);
        observation.beforeLastTile.copyTo(
            head.beforeTail); // the tail is the last tile, and will be counted again
    }
    finished.record = std::move(record);
    return finished;
}

void LayerRecorder::joinTail(HeadObservation&& observation)
{
    HeadRecord& record = observation.record;
    Head& head = m_heads[{record.layer, record.head}];
    HeadRecord whole = std::move(head.beforeTail);
    whole.grid = record.grid;
    whole.numRows += record.numRows;
    const std::uint32_t edges = whole.rowPtr.back();
    for (std::size_t i = 1; i < record.rowPtr.size(); ++i)
        whole.rowPtr.push_back(edges + record.rowPtr[i]);
    append(whole.keyBlock, record.keyBlock);
    append(whole.mass, record.mass);
    append(whole.peak, record.peak);
    append(whole.peakAt, record.peakAt);
    append(whole.missed, record.missed);
    head.totals = RecordTotals::of(whole);
    head.totals += RecordTotals::of(record);
    head.totals.copyTo(whole);
    head.totals.copyTo(record);
    head.rows = whole.numRows;
    head.statistics = headStatistics(shapeOf(whole), whole, head.probePlan, head.probes);
    std::erase_if(head.tokenRows, [&](const TokenRow& row) { return row.row >= record.firstRow; });
    append(head.tokenRows, observation.tokenRows);
    TraceWriter::FinishedHead finished;
    finished.keepKeys = m_options.select.keepKeys;
    finished.statistics = head.statistics;
    finished.sinks = head.sinks;
    finished.tokenRows = std::move(observation.tokenRows);
    finished.record = std::move(record);
    m_tail.push_back(std::move(finished));
}

void LayerRecorder::summarise(RunReport& report) const
{
    double rows = 0;
    double halfWidths = 0; // squared and weighted: heads are sampled independently
    std::set<std::uint32_t> sinks;
    std::set<int> layers;
    double mean = 0;
    double content = 0;
    report.keptMassP5 = report.keptMassMin = 1;
    report.probeRows = std::numeric_limits<std::uint32_t>::max();
    for (const auto& [id, head] : m_heads) {
        layers.insert(id.first);
        report.usablePairs += head.totals.usablePairs;
        report.keptPairs += head.totals.keptPairs;
        report.alwaysKeptPairs += head.totals.alwaysKeptPairs;
        report.extraPairs += head.totals.extraPairs;
        report.tokens = head.rows;
        if (head.kind == HeadKind::Sliding)
            continue;
        const HeadStatistics& statistics = head.statistics;
        report.normaliser = head.normaliser;
        report.usablePairsGlobal += head.totals.usablePairs;
        report.keptPairsGlobal += head.totals.keptPairs;
        const double weight = head.rows;
        rows += weight;
        mean += weight * statistics.keptMass.mean;
        halfWidths += std::pow(weight * (statistics.keptMass.hi - statistics.keptMass.lo) / 2, 2);
        content += weight * statistics.contentMass;
        report.keptMassP5 = leastOf(report.keptMassP5, statistics.keptMassP5);
        report.keptMassMin = leastOf(report.keptMassMin, statistics.keptMassMin);
        report.probeRows = std::min(report.probeRows, statistics.probeRows);
        sinks.insert(head.sinks.begin(), head.sinks.end());
    }
    report.heads = static_cast<int>(m_heads.size());
    report.layers = static_cast<int>(layers.size());
    if (rows > 0 && std::isfinite(mean)) {
        mean /= rows;
        const double half = std::sqrt(halfWidths) / rows;
        report.keptMass = {mean, std::max(0.0, mean - half), std::min(1.0, mean + half)};
        report.contentMass = content / rows;
    } else {
        // Sliding heads alone, or heads without probe rows: nothing is known, and nothing must look known.
        report.keptMass = {kUnknown, kUnknown, kUnknown};
        report.keptMassP5 = report.keptMassMin = report.contentMass = kUnknown;
    }
    if (rows == 0)
        report.probeRows = 0;
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
