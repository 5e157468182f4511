// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/reading/profile.h"

#include <cstdint>
#include <vector>

namespace headwater {

/// Some neighbouring tokens of a profile over the whole sequence.
struct ProfileBin {
    TokenRange tokens;
    float value = 0; ///< of the largest bar that touches them; 0 without one
    TokenRange bar; ///< the tokens of that bar
    std::uint32_t at = 0; ///< the token of that bar's heaviest pair
};

/// A profile over all `seqLen` tokens in at most `most` bins of equal width (to a token), each with the
/// largest bar in it, so that no bar is lost. Bins meet and cover the sequence. Cost: O(bins + bars · bins a
/// bar covers).
std::vector<ProfileBin> binsOf(const Profile& profile, std::uint32_t seqLen, std::uint32_t most);

/// The bin that holds a token. `bins` must not be empty.
std::size_t binAt(const std::vector<ProfileBin>& bins, double token);

} // namespace headwater
