// SPDX-License-Identifier: Apache-2.0
#include "core/reading/row_shade.h"

#include <algorithm>
#include <utility>

namespace headwater {

RowShade::RowShade(Profile profile)
    : m_profile(std::move(profile))
{
}

double RowShade::of(std::uint32_t token) const
{
    const auto after =
        std::upper_bound(m_profile.bars.begin(), m_profile.bars.end(), token,
                         [](std::uint32_t at, const Profile::Bar& bar) { return at < bar.tokens.begin; });
    if (after == m_profile.bars.begin() || (after - 1)->tokens.end <= token)
        return 0;
    const Profile::Bar& bar = *(after - 1);
    return static_cast<double>(bar.value) / (bar.tokens.end - bar.tokens.begin);
}

} // namespace headwater
