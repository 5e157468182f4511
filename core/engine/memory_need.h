// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/memory.h"
#include "core/model/model.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace headwater {

/// What a run holds besides what its backend plans: program, tokenizer, SQLite, GEMM library, allocator
/// slack. Measured.
inline constexpr std::uint64_t kProgramBytes = 120ull << 20;

/// "needs 3.3 GiB, 522 MiB free (WHOSE LIMIT); SUGGESTION": the words in which every verb refuses.
std::string refusalText(std::uint64_t needed, const AvailableMemory& free, const std::string& suggestion);

/// Of a model whose weights stay as stored.
std::string storedWeightsNote(const Model& model);

/// A sentence for each limit that could not be read.
std::vector<std::string> unreadLimitNotes(const AvailableMemory& free);

/// The largest number below `tooLarge` for which `fits` holds, by bisection; 0 when it holds for none. Once
/// it fails, it must fail for all larger numbers.
std::uint32_t largestThatFits(std::uint32_t tooLarge, const std::function<bool(std::uint32_t)>& fits);

/// The same in whole tiles of 256 tokens, and where `fits` fails for smaller numbers too (another selection
/// below a boundary may need more): what is returned fits.
std::uint32_t longestPromptThatFits(std::uint32_t tooLong, const std::function<bool(std::uint32_t)>& fits);

} // namespace headwater
