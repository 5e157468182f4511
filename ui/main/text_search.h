// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/trace/trace_reader.h"
#include "ui/map/view_geometry.h"

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// Where a text occurs: the tokens that hold each hit, begins and ends ascending; hits that begin in the same
/// token are one.
struct TextHits {
    std::vector<TokenSpan> spans;
    std::uint64_t occurrences = 0; ///< may be more than the spans
    bool isCut = false; ///< stopped at the limit
};

/// Finds `needle` in the trace's text. Letters a–z match either case unless `needle` holds a capital; other
/// bytes match themselves. Cost: O(bytes); looks at `stop` every 64 KiB.
TextHits searchText(const Trace& trace, std::string_view needle, std::size_t limit, std::stop_token stop);

/// The same on bare arrays. Shape: offsets [tokens + 1].
TextHits searchText(std::string_view text, std::span<const std::uint32_t> offsets, std::string_view needle,
                    std::size_t limit, std::stop_token stop);

} // namespace headwater
