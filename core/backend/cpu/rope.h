// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/model_config.h"

#include <cstdint>
#include <span>
#include <vector>

namespace headwater {

/// Rotary position embedding of one layer. Angles are exact to double at any position: they are added from a
/// table of multiples of 256 and a table of remainders.
class Rope {
public:
    Rope(const Rotary& rotary, std::uint32_t positions);

    /// Pairs of a head that have a frequency: the row length of cosines and sines.
    std::size_t pairs() const { return m_pairs; }

    /// cos and sin, times the magnitude, of `count` (<= 256) consecutive positions inside one 256-aligned
    /// tile. Shape: cosines, sines [count, pairs()] row-major.
    void tile(std::uint32_t firstPosition, std::uint32_t count, float* cosines, float* sines) const;

    /// Turns `heads` vectors of headDim floats in place, all at the same position.
    void rotate(const float* cosines, const float* sines, float* vectors, int heads,
                std::size_t headDim) const;

private:
    RotaryPairs m_pairing;
    double m_magnitude;
    std::size_t m_pairs;
    std::size_t m_turning; ///< pairs [0, m_turning) change, the rest are as they were
    std::vector<double> m_coarseCos, m_coarseSin; ///< [positions / 256 + 1, m_turning]
    std::vector<double> m_fineCos, m_fineSin; ///< [256, m_turning]
};

} // namespace headwater
