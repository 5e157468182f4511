// SPDX-License-Identifier: Apache-2.0
#include "core/reading/key_readers.h"

#include "core/reading/each_head.h"
#include "core/reading/listed_rows.h"
#include "core/reading/place.h"
#include "core/reading/row_band.h"
#include "core/trace/head_row.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <tuple>

namespace headwater {
namespace {

/// What cannot be bounded is larger than everything that can.
double possible(const KnownMass& mass)
{
    return std::isnan(mass.upper) ? std::numeric_limits<double>::infinity() : mass.upper;
}

bool isBefore(const KeyReader& a, const KeyReader& b)
{
    const auto rank = [](const KeyReader& reader) {
        return std::tuple(-reader.mass.lower, -possible(reader.mass), reader.head.layer, reader.head.head,
                          reader.rows.begin);
    };
    return rank(a) < rank(b);
}

/// The readers of one head: of a query block whose rows are all known token by token those, else the block.
std::vector<KeyReader> readersOfHead(const SpanKnowledge& known, HeadId head, TokenRange rows,
                                     TokenRange keys, std::span<const KnownMass> masses)
{
    std::vector<KeyReader> readers;
    const BlockGrid& grid = known.shape.grid;
    for (std::uint32_t first = rows.begin; first < rows.end;) {
        TokenRange block{first, std::min(rows.end, grid.endRow(first / grid.blockQ))};
        first = block.end;
        bool isByRow = true;
        for (std::uint32_t row = block.begin; row < block.end && isByRow; ++row)
            isByRow = known.isListed(row, keys);
        if (!isByRow) {
            const KnownMass mass = knownMass(known, block, keys);
            if (possible(mass) > 0)
                readers.push_back({head, block, mass});
            continue;
        }
        for (std::uint32_t row = block.begin; row < block.end; ++row)
            if (possible(masses[row - rows.begin]) > 0)
                readers.push_back({head, {row, row + 1}, masses[row - rows.begin]});
    }
    return readers;
}

/// Of equal numbers that of the head that comes first: whatever thread brings it.
bool isFirst(HeadId a, HeadId b)
{
    return std::pair(a.layer, a.head) < std::pair(b.layer, b.head);
}

/// The shades as they grow, with the heads whose states they have.
struct Shades {
    std::vector<ReaderShade> shade;
    std::vector<HeadId> stateOf;

    void add(HeadId head, std::span<const KnownMass> masses, std::uint32_t first)
    {
        for (std::size_t i = 0; i < masses.size(); ++i)
            if (masses[i].state != KnownMass::State::None)
                add(head, masses[i], first + i);
    }

private:
    void add(HeadId head, const KnownMass& mass, std::size_t token)
    {
        ReaderShade& most = shade[token];
        const bool isMore = mass.lower > most.mass.lower
            || (most.head && mass.lower == most.mass.lower && isFirst(head, *most.head));
        const double lower = std::max(most.mass.lower, mass.lower);
        if (isMore && mass.lower > 0)
            most.head = head;
        const bool isLooser = most.mass.state == KnownMass::State::None
            || possible(mass) > possible(most.mass)
            || (possible(mass) == possible(most.mass) && isFirst(head, stateOf[token]));
        if (isLooser) {
            most.mass = mass;
            stateOf[token] = head;
        }
        most.mass.lower = lower;
    }
};

std::vector<std::size_t> placesOf(const Trace& trace, std::span<const HeadId> heads)
{
    std::vector<std::size_t> places;
    const std::span<const HeadInfo> all = trace.heads();
    for (std::size_t i = 0; i < all.size(); ++i)
        if (heads.empty() || std::ranges::find(heads, HeadId{all[i].layer, all[i].head}) != heads.end())
            places.push_back(i);
    return places;
}

/// The first `most` of all, in order; what the others have at most is kept.
void trim(std::size_t most, KeyReaders& all)
{
    const std::size_t listed = std::min(most, all.readers.size());
    std::ranges::partial_sort(all.readers, all.readers.begin() + static_cast<std::ptrdiff_t>(listed),
                              isBefore);
    for (std::size_t i = listed; i < all.readers.size(); ++i)
        all.bound = std::max(all.bound, possible(all.readers[i].mass));
    all.readers.resize(listed);
}

} // namespace

Result<KeyReaders> readKeyReaders(const TraceReading& reading, TokenRange keys, std::size_t most,
                                  std::span<const HeadId> heads, const std::stop_token& stop)
{
    const Trace& trace = *reading.trace;
    HEADWATER_TRY(checkPlace({std::nullopt, keys}, trace.seqLen()));
    const TokenRange rows{keys.begin, trace.seqLen()};
    const ListedRows listed = ListedRows::load(reading, rows, keys);
    const std::vector<std::size_t> places = placesOf(trace, heads);
    KeyReaders all;
    all.keys = keys;
    Shades shades{std::vector<ReaderShade>(trace.seqLen()), std::vector<HeadId>(trace.seqLen())};
    std::mutex mutex;
    const auto ask = [&](std::size_t index) {
        const std::size_t i = places[index];
        const HeadInfo& info = trace.heads()[i];
        const HeadId head{info.layer, info.head};
        const HeadShape shape = shapeOf(info);
        SpanKnowledge known = listed.of(info, shape, i);
        const HeadBand blocks = loadHeadBand(reading, info, rows, stop);
        const std::optional<Error> failure = blocks.failure ? blocks.failure : listed.failureOf(i);
        std::vector<KnownMass> masses;
        std::vector<KeyReader> readers;
        if (blocks.isStored && !failure) {
            known.edges = &blocks.edges;
            known.values = &blocks.values;
            masses = knownMasses(known, rows, keys);
            readers = readersOfHead(known, head, rows, keys, masses);
        }
        const std::lock_guard lock(mutex);
        if (failure) {
            all.failure = failure;
            all.damagedHeads.push_back(head);
        } else if (!blocks.isStored) {
            all.unknownHeads.push_back(head);
        }
        all.held += readers.size();
        all.readers.insert(all.readers.end(), readers.begin(), readers.end());
        trim(most, all);
        shades.add(head, masses, rows.begin);
    };
    HEADWATER_TRY(eachHead(places.size(), ask, stop));
    all.shade = std::move(shades.shade);
    if (std::isinf(all.bound))
        all.bound = std::numeric_limits<double>::quiet_NaN();
    std::ranges::sort(all.unknownHeads, isFirst);
    std::ranges::sort(all.damagedHeads, isFirst);
    return all;
}

} // namespace headwater
