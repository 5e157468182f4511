// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/model.h"

#include <memory>

namespace headwater {

/// The name under which `--model` and traces know it.
inline constexpr const char* kBuiltinNeedleName = "builtin:needle";

/// A constructed, not trained, decoder that answers `@key=` with the value of the `@key=value` it has read:
/// byte tokens, three layers, 15 heads of known function. The route, head by head, and why it holds at any
/// length: docs/builtin_needle.md. Cost: under a millisecond; 0.8 MiB of float32 weights.
std::shared_ptr<const Model> makeBuiltinNeedle();

/// Which head does what. Rows and keys are token positions; "reads" is where a head puts its mass.
namespace needle {

inline constexpr int kLongestKey = 8; ///< bytes; and of values
inline constexpr int kBos = 256; ///< tokens 0 to 255 are the bytes
inline constexpr int kEos = 257;
inline constexpr int kVocabSize = 258;

/// Layer 0, sliding: head h reads the token h + 1 back; head 9 is diffuse.
inline constexpr int kOffsetLayer = 0;
inline constexpr int kNumOffsetHeads = 9;
inline constexpr int kOffsetDiffuseHead = 9;

/// Layer 1, sliding: head 0 reads the '=' of the record a token belongs to (elsewhere the previous token);
/// head 1 is diffuse.
inline constexpr int kRecordLayer = 1;
inline constexpr int kRecordHead = 0;
inline constexpr int kRecordDiffuseHead = 1;

/// Layer 2, global: head 0 reads the value byte that answers (elsewhere BOS), head 1 what followed the last
/// three bytes before (else BOS), head 2 everything alike: exactly 1 / (t + 1) a key in row t.
inline constexpr int kRetrievalLayer = 2;
inline constexpr int kRetrievalHead = 0;
inline constexpr int kInductionHead = 1;
inline constexpr int kRetrievalDiffuseHead = 2;

/// Keys a row of the sliding layers sees, itself included.
inline constexpr std::uint32_t kWindow = 32;

} // namespace needle

} // namespace headwater
