// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>

namespace headwater {

/// Probabilities as 8-bit log codes: 0 is "nothing here"; 1 to 255 cover 2^-24 to 1 in steps of 24/254 octave
/// (6.8 %). For colour only: tooltips and exports read the edges. A positive value never becomes code 0; NaN
/// and negative values are code 0. Monotone: a larger probability never has a smaller code.
std::uint8_t probabilityCode(float probability);
/// The code of every binary16 value, indexed by its bits: what loops over a trace's edges look up.
std::span<const std::uint8_t, 65536> probabilityCodesOfHalves();
/// The middle (geometric) of the code's range; 0 for code 0.
float probabilityOfCode(std::uint8_t code);

/// Counts as 8-bit log codes: 0 is none, 1 is one; 255 is 2^32 and above.
std::uint8_t countCode(std::uint64_t count);
double countOfCode(std::uint8_t code);

/// Unknown missed mass (hatched, never guessed).
inline constexpr std::uint8_t kUnknownCode = 255;
/// Missed mass as a probability code of at most 254; NaN is kUnknownCode.
std::uint8_t missedMassCode(float missedMass);

} // namespace headwater
