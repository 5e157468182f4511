// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace headwater {

/// Probabilities as 8-bit log codes: 0 is "nothing here"; 1 to 255 cover 2^-24 to 1 in steps of 24/254 octave (6.8 %).
/// For colour only: tooltips and exports read the edges. A non-zero value never becomes code 0; what is below 2^-24 is
/// code 1, what is above 1 is code 255. NaN is code 0.
std::uint8_t probabilityCode(float probability);
/// The same for a stored binary16 value. Cost: one look-up in a table of 64 KiB.
std::uint8_t probabilityCodeOfHalf(std::uint16_t half);
/// The middle of the code's range (geometric); 0 for code 0, exactly 1 for code 255.
float probabilityOfCode(std::uint8_t code);

/// Counts as 8-bit log codes: 0 is none, 1 is one; 255 is 2^32.
std::uint8_t countCode(std::uint64_t count);
double countOfCode(std::uint8_t code);

/// Unknown missed mass (hatched, never guessed).
inline constexpr std::uint8_t kUnknownCode = 255;
/// Missed mass of a row: as probabilityCode, but at most 254 (255 is taken); NaN is kUnknownCode.
std::uint8_t missedCodeOfHalf(std::uint16_t half);

} // namespace headwater
