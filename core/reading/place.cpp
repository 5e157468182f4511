// SPDX-License-Identifier: Apache-2.0
#include "core/reading/place.h"

#include <fmt/format.h>

namespace headwater {
namespace {

Result<void> checkTokens(const char* what, const std::optional<TokenRange>& tokens, std::uint32_t seqLen)
{
    if (!tokens || (tokens->begin < tokens->end && tokens->end <= seqLen))
        return {};
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("found {}:{}, expected tokens of the trace, which has {}", tokens->begin,
                             tokens->end, seqLen),
                 what};
}

} // namespace

Result<void> checkPlace(const Place& place, std::uint32_t seqLen)
{
    HEADWATER_TRY(checkTokens("rows", place.rows, seqLen));
    HEADWATER_TRY(checkTokens("keys", place.keys, seqLen));
    if (!place.rows && !place.keys)
        return Error{ErrorCode::InvalidArgument, "expected a row, a key, or both", "place"};
    if (!place.keys && place.rows->end - place.rows->begin > 1)
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("found the rows {}:{} without keys, expected keys too, or one row",
                                 place.rows->begin, place.rows->end),
                     "place"};
    if (place.rows && place.keys && place.keys->begin >= place.rows->end)
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("a token does not read what follows it: the keys begin at {}, after the "
                                 "last row {}",
                                 place.keys->begin, place.rows->end - 1),
                     "place"};
    return {};
}

} // namespace headwater
