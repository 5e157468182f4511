// SPDX-License-Identifier: Apache-2.0
#include "core/reading/code_histogram.h"

#include "core/base/log_code.h"

#include <algorithm>

namespace headwater {
namespace {

Result<void> countMissed(const TraceReading& reading, const std::stop_token& stop, CodeHistogram& histogram)
{
    const HeadId head = histogram.head;
    HEADWATER_TRY_ASSIGN(const auto rows, reading.heads->loadMissed(head.layer, head.head, stop));
    for (const float value : *rows)
        ++histogram.ofCode[missedMassCode(value)];
    return {};
}

Result<void> countCells(const TraceReading& reading, const std::stop_token& stop, CodeHistogram& histogram)
{
    const HeadId head = histogram.head;
    if (reading.trace->overviewSides().empty())
        return {};
    const std::uint32_t finest = reading.trace->overviewSides().back();
    HEADWATER_TRY_ASSIGN(const auto overview,
                         reading.heads->loadOverview(head.layer, head.head, finest, stop));
    for (const std::uint8_t code : overview->max)
        ++histogram.ofCode[code];
    return {};
}

Result<void> countPeaks(const TraceReading& reading, const std::stop_token& stop, CodeHistogram& histogram)
{
    const HeadId head = histogram.head;
    HEADWATER_TRY_ASSIGN(const auto edges, reading.heads->loadEdges(head.layer, head.head, stop));
    const auto codes = probabilityCodesOfHalves();
    for (const std::uint16_t peak : edges->peak)
        ++histogram.ofCode[codes[peak]];
    return {};
}

} // namespace

bool CodeHistogram::isEmpty() const
{
    return std::all_of(ofCode.begin() + 1, ofCode.end(), [](std::uint64_t n) { return n == 0; });
}

CodeHistogram readHistogram(const TraceReading& reading, HeadId head, bool missed,
                            const std::stop_token& stop)
{
    CodeHistogram histogram;
    histogram.head = head;
    histogram.missed = missed;
    const auto count = missed                            ? countMissed
        : reading.trace->hasEdges(head.layer, head.head) ? countPeaks
                                                         : countCells;
    if (const Result<void> counted = count(reading, stop, histogram); !counted)
        histogram.failure = counted.error();
    return histogram;
}

} // namespace headwater
