// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/reading/known_mass.h"
#include "core/reading/place.h"
#include "core/reading/row_band.h"
#include "core/reading/trace_reading.h"
#include "core/record/head_id.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <vector>

namespace headwater {

/// What one head reads at a place.
struct HeadPlace {
    HeadId head;
    /// The mean, over the place's rows that may read one of its keys, of what they give to them; of a row
    /// alone the largest it gives to a key that is no marked sink. None: the trace does not hold it.
    std::optional<KnownMass> mass;
    std::optional<std::uint32_t> key; ///< of a row alone: the key that has at least the mass's lower number
    const char* quantity = ""; ///< "p_model", "p_stream", "p_masked"
};

/// Layers × heads for a place: one value a head.
struct PlaceReads {
    Place place;
    std::vector<HeadPlace> heads; ///< every finished head, by layer and number
    std::size_t unknownHeads = 0; ///< that the trace holds only overviews of
    std::vector<HeadId> damagedHeads; ///< that could not be read; the others are there all the same
    std::optional<Error> failure; ///< of the last of those

    /// Indexes into `heads`: what is certain (lower) falls, then what is possible, unknown ones last; ties by
    /// layer and number. Cost: O(n log n).
    std::vector<std::size_t> heaviestFirst() const;
};

/// For worker threads. Where a band of the place's rows is here (loadRowBand), nothing of heads is decoded
/// and all are told within milliseconds; else every head's chunks of the rows are, head after head on up to
/// four threads, and nothing of them stays: of a key alone that is all of the trace's edges. Rows that are
/// recorded token by token cost a query each. Errors: InvalidArgument (checkPlace), Cancelled.
Result<PlaceReads> readPlace(const TraceReading& reading, const Place& place, const RowBand* band = nullptr,
                             const std::stop_token& stop = {});

} // namespace headwater
