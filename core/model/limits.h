// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

/// What a file may ask for, at most. Readers refuse anything beyond before they allocate or multiply.
namespace headwater::limits {

inline constexpr std::uint64_t kFileBytes = std::uint64_t{1} << 48;
inline constexpr std::uint64_t kMetadataEntries = 65'536;
inline constexpr std::uint64_t kKeyBytes = 65'535;
inline constexpr std::uint64_t kStringBytes = std::uint64_t{64} << 20;
inline constexpr std::uint64_t kArrayElements = std::uint64_t{4} << 20;
inline constexpr std::uint64_t kTensors = 65'536;
inline constexpr std::uint64_t kTensorNameBytes = 64;
inline constexpr std::uint64_t kDimensions = 4;
inline constexpr std::uint64_t kDimension = std::uint64_t{1} << 32;
inline constexpr std::uint64_t kAlignmentMin = 8;
inline constexpr std::uint64_t kAlignmentMax = std::uint64_t{1} << 20;
inline constexpr std::uint64_t kLayers = 1'024;
inline constexpr std::uint64_t kHeads = 1'024;
inline constexpr std::uint64_t kHeadDim = 1'024;
inline constexpr std::uint64_t kHiddenSize = 65'536;
inline constexpr std::uint64_t kFfnSize = std::uint64_t{1} << 20;
inline constexpr std::uint64_t kVocabSize = std::uint64_t{4} << 20;
/// A file of a sharded model, by the longest name that file systems have.
inline constexpr std::uint64_t kShardNameBytes = 255;
/// Added tokens are looked for at every byte of a text, one look a length.
inline constexpr std::uint64_t kAddedTokenBytes = 256;
inline constexpr std::uint64_t kContextLength = std::uint64_t{1} << 31;
inline constexpr std::uint64_t kPromptBytes = std::uint64_t{64} << 20;
inline constexpr std::uint64_t kPromptTokens = std::uint64_t{4} << 20;

} // namespace headwater::limits
