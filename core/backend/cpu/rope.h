// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/cpu/arena.h"
#include "core/model/model_config.h"

#include <cstdint>
#include <map>
#include <vector>

namespace headwater {

/// Rotary position embedding of one layer. Angles are exact to double at any position: they are added from a
/// table of multiples of 256 and a table of remainders.
class Rope {
public:
    Rope(const Rotary& rotary, std::uint32_t positions);

    /// Turns the heads of `count` (<= 256) rows at consecutive positions inside one 256-aligned tile, in
    /// place. Shape: vectors [count, width], width = heads x headDim.
    void turn(std::uint32_t firstPosition, std::uint32_t count, float* vectors, std::size_t width, int heads,
              Scratch& scratch) const;

private:
    /// cos and sin, times the magnitude. Shape: cosines, sines [count, m_pairs] row-major.
    void fill(std::uint32_t firstPosition, std::uint32_t count, float* cosines, float* sines) const;
    /// One row's heads. Shape: cosines, sines [m_pairs], vectors [heads, headDim].
    void rotate(const float* cosines, const float* sines, float* vectors, int heads,
                std::size_t headDim) const;

    RotaryPairs m_pairing;
    double m_magnitude;
    std::size_t m_pairs; ///< of a head that have a frequency
    std::size_t m_turning; ///< pairs [0, m_turning) change, the rest are as they were
    std::vector<double> m_coarseCos, m_coarseSin; ///< [positions / 256 + 1, m_turning]
    std::vector<double> m_fineCos, m_fineSin; ///< [256, m_turning]
};

/// The rotary tables of a model's layers: those that turn alike share one.
class RopeTables {
public:
    /// Reaches positions [0, positions); valid until a longer one of the same is asked for. Cost: made anew
    /// where none reaches so far.
    const Rope& of(const Rotary& rotary, std::uint32_t positions);

    void clear() { m_ropes.clear(); }

private:
    struct Reaching {
        std::uint32_t positions;
        Rope rope;
    };
    std::map<Rotary, Reaching> m_ropes;
};

} // namespace headwater
