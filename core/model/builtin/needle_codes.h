// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/builtin/builtin_needle.h"

#include <array>
#include <vector>

namespace headwater::needle {

/// What a byte is to the matching heads of the built-in needle (docs/builtin_needle.md): a root of D5.
constexpr int kCode = 5; ///< dimensions of a byte code
constexpr int kCodeNorm2 = 2; ///< its squared length; two different codes have a dot product of 1 at most
using Code = std::array<float, kCode>;
constexpr int kOtherCode = 39; ///< shared by every byte that is neither [a-z0-9] nor one of "@= "

/// The 40 roots of D5, (±1, ±1, 0, 0, 0) in every arrangement: 40 integer vectors of one length, exact in
/// binary16.
std::vector<Code> rootsOfD5();
bool isAlnum(int token);
/// Which root a token has. Range: [0, 40).
int codeIndex(int token);

// ---- the residual stream ----

constexpr int kOne = 0; ///< 1 everywhere
constexpr int kIsBos = 1;
constexpr int kIsAt = 2;
constexpr int kEquals = 3; ///< + j: "the record's '=' is j back", j = 0 .. 9
constexpr int kByte = 13; ///< code of the byte, kCode dimensions
constexpr int kValue = 18; ///< code of the byte if it is [a-z0-9], then kIsEnd
constexpr int kIsEnd = 23; ///< the byte is not [a-z0-9]: a value ends here
constexpr int kAnswer = 24; ///< what layer 2 says, in the layout of kValue
constexpr int kBefore = 30; ///< codes of the bytes 1, 2, 3 back
constexpr int kKeySlots = 45; ///< + 5 (j - 1): code of the byte j before '=', back to '@', j = 1 .. 8
constexpr int kAt = 85; ///< + j - 1: "the '@' of the key is j before '='", j = 1 .. 9
constexpr int kEnded = 94; ///< + j - 1: the byte j back is not [a-z0-9], j = 1 .. 8
constexpr int kHidden = 104;

constexpr int kNumSlots = kLongestKey;
constexpr int kSlotDims = kNumSlots * kCode;
constexpr int kMaxOffset = kNumOffsetHeads;

} // namespace headwater::needle
