// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/profile_bins.h"

#include <algorithm>

namespace headwater {

std::vector<ProfileBin> binsOf(const Profile& profile, std::uint32_t seqLen, std::uint32_t most)
{
    const std::uint64_t numBins = std::min(seqLen, std::max(1U, most));
    std::vector<ProfileBin> bins(static_cast<std::size_t>(numBins));
    const auto begin = [&](std::uint64_t bin) {
        return static_cast<std::uint32_t>((bin * seqLen + numBins - 1) / numBins);
    };
    for (std::uint64_t i = 0; i < numBins; ++i)
        bins[i].tokens = {begin(i), begin(i + 1)};
    for (const Profile::Bar& bar : profile.bars) {
        const std::uint32_t end = std::min(bar.tokens.end, seqLen);
        if (bar.tokens.begin >= end)
            continue;
        const std::uint64_t last = (end - 1) * numBins / seqLen;
        for (std::uint64_t i = bar.tokens.begin * numBins / seqLen; i <= last; ++i) {
            if (bar.value > bins[i].value)
                bins[i] = {bins[i].tokens, bar.value, {bar.tokens.begin, end}, bar.at};
        }
    }
    return bins;
}

std::size_t binAt(const std::vector<ProfileBin>& bins, double token)
{
    const auto after =
        std::upper_bound(bins.begin(), bins.end(), token, [](double at, const ProfileBin& bin) {
            return at < static_cast<double>(bin.tokens.begin);
        });
    return after == bins.begin() ? 0 : static_cast<std::size_t>(after - bins.begin()) - 1;
}

} // namespace headwater
