// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <concepts>
#include <cstdint>

namespace headwater {

/// What SplitMix64 (Steele et al. 2014) makes of one state: nearby states give unlike numbers.
constexpr std::uint64_t splitMix(std::uint64_t state)
{
    state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9u;
    state = (state ^ state >> 27) * 0x94D049BB133111EBu;
    return state ^ state >> 31;
}

/// By how much SplitMix64's state grows from number to number.
inline constexpr std::uint64_t kSplitMixStep = 0x9E3779B97F4A7C15u;

/// A small seeded generator (SplitMix64): the same numbers everywhere, which <random>'s distributions do not
/// promise.
class SeededRandom {
public:
    constexpr explicit SeededRandom(std::uint64_t seed)
        : m_state(seed)
    {
    }

    constexpr std::uint64_t next() { return splitMix(m_state += kSplitMixStep); }
    /// In [0, bound), 0 < bound < 2^32; the bias is below 2^-32.
    template <std::unsigned_integral Number> constexpr Number below(Number bound)
    {
        return static_cast<Number>((next() >> 32) * bound >> 32);
    }
    /// In [0, bound), bound > 0; the bias is below bound / 2^64. Other numbers than `below`'s.
    constexpr std::uint64_t remainder(std::uint64_t bound) { return next() % bound; }
    /// In [0, 1), in steps of 2^-24.
    constexpr float unit() { return static_cast<float>(next() >> 40) * 0x1p-24F; }

private:
    std::uint64_t m_state;
};

} // namespace headwater
