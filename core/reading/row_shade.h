// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/reading/profile.h"

#include <cstdint>

namespace headwater {

/// What a row reads, token by token: a profile whose block masses are spread over their tokens.
class RowShade {
public:
    RowShade() = default;
    explicit RowShade(Profile profile);

    const Profile& profile() const { return m_profile; }
    bool isEmpty() const { return m_profile.bars.empty(); }
    /// Probability given to the token; of a block its mass over its tokens. Cost: O(log n).
    double of(std::uint32_t token) const;

private:
    Profile m_profile;
};

} // namespace headwater
