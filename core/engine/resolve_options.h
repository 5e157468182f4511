// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/options/option_names.h"
#include "core/record/block_grid.h"
#include "core/record/head_kinds.h"

#include <cstdint>
#include <string_view>

namespace headwater {

/// Selection parameters with every default filled in for a prompt of `seqLen` tokens: a rule of the length
/// alone, never of the machine. Errors: InvalidArgument naming the option, what was given and what is
/// allowed.
Result<SelectParams> resolveSelect(const SelectParams& params, std::uint32_t seqLen);

/// Whether the options make sense, each by its row and together, before a model is loaded for them. Errors:
/// InvalidArgument naming the option ("--block-q"), what was given and what is allowed.
Result<void> checkRunOptions(const RunOptions& options);

/// The text without the white space at its ends: how an answer and what was expected of it are compared.
std::string_view trimmed(std::string_view text);

/// The grid of resolved parameters.
BlockGrid gridOf(const SelectParams& resolved, std::uint32_t seqLen);

} // namespace headwater
