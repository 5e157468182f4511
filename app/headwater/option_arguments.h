// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/options/option_row.h"

#include <CLI/CLI.hpp>
#include <initializer_list>
#include <string_view>

namespace headwater {

/// The table's options (core/options/option_table.h) as arguments of a verb: what is typed comes `into` the
/// options, whose values before that are the defaults that --help shows. Both live as long as the verb.
void addOptions(CLI::App& verb, OptionVerb of, RunOptions& into);

/// Those options of `run` alone, for a verb that is not in the table.
void addOptions(CLI::App& verb, std::initializer_list<std::string_view> names, RunOptions& into);

/// --prompt, --text and --turns, with --encoding and --system. The first three stand in the group that is
/// given back, exactly one of which is to be said.
CLI::App* addPromptOptions(CLI::App& verb, RunOptions& into);

} // namespace headwater
