// SPDX-License-Identifier: Apache-2.0
// Times layers × heads: a pair of all heads, cold (every head's chunk decoded) and warm (the band is here),
// beside what the list of heads that read a pair costs in the same run; then a row, a span and a key.
//   place_bench TRACE.hwt [pairs=40]
#include "core/reading/head_reads.h"
#include "core/reading/place_reads.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <vector>

using namespace headwater;

namespace {

double millisecondsOf(const std::function<void()>& work)
{
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

template <class T> T orDie(Result<T> result)
{
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().text().c_str());
        std::exit(1);
    }
    return std::move(*result);
}

void print(const char* what, std::vector<double> times)
{
    std::sort(times.begin(), times.end());
    std::printf("%-44s median %8.2f ms  p95 %8.2f ms\n", what, times[times.size() / 2],
                times[(times.size() * 95 - 1) / 100]);
    std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 2) {
        std::fprintf(stderr, "place_bench TRACE.hwt [pairs=40]\n");
        return 64;
    }
    const std::shared_ptr<const Trace> trace = orDie(Trace::open(argv[1]));
    const int count = argc > 2 ? std::atoi(argv[2]) : 40;
    const TraceReading reading = readingOf(trace);
    const std::uint32_t tokens = trace->seqLen();
    std::printf("%u tokens, %zu heads\n", tokens, trace->heads().size());
    std::mt19937 random(1);
    const std::uint32_t row = tokens / 2;
    std::shared_ptr<const RowBand> band;
    std::printf("band of a tile, cold: %.1f ms", millisecondsOf([&] {
                    band = orDie(loadRowBand(reading, {row, row + 1}));
                }));
    std::printf(", %.1f KiB a head\n",
                static_cast<double>(band->bytes()) / 1024 / static_cast<double>(band->heads.size()));
    std::vector<double> pair;
    std::vector<double> recorded;
    std::vector<double> ofRow;
    std::vector<double> span;
    std::vector<double> ranked;
    const auto ask = [&](const Place& place, std::vector<double>& times, const RowBand* of) {
        times.push_back(millisecondsOf([&] { orDie(readPlace(reading, place, of)); }));
    };
    const std::uint32_t last = tokens - 1;
    const std::shared_ptr<const RowBand> end = orDie(loadRowBand(reading, {last, last + 1}));
    for (int i = 0; i < count; ++i) {
        const std::uint32_t at =
            band->rows.begin + static_cast<std::uint32_t>(random() % (band->rows.end - band->rows.begin));
        const auto key = static_cast<std::uint32_t>(random() % (at + 1));
        ask(Place::ofPair(at, key), pair, band.get());
        ask(Place::ofPair(last, key), recorded, end.get());
        ask(Place::ofRow(at), ofRow, band.get());
        ask({TokenRange{band->rows.end - 32, band->rows.end}, TokenRange{key / 4, key / 4 + 32}}, span,
            band.get());
        ranked.push_back(millisecondsOf([&] { rankHeads(reading, {at, key}, {}); }));
    }
    print("pair, all heads", pair);
    print("pair of the last row, all heads", recorded);
    print("row alone, all heads", ofRow);
    print("span of 32 rows and 32 keys, all heads", span);
    print("list of heads that read the pair (before)", ranked);
    std::printf("key alone, all heads: %.1f ms\n",
                millisecondsOf([&] { orDie(readPlace(reading, Place::ofKey(tokens / 3))); }));
    return 0;
}
