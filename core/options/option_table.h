// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/options/option_row.h"

#include <span>
#include <string_view>

namespace headwater {

/// Every option of `run` and `generate`, in the order of --help and of the command line that a trace keeps.
///
/// To add one: a field with its default in RunOptions, a row here, and what acts on it. The row makes the
/// argument of the command line, the parameter of the RPC and of `run.new`, the control of the form (where it
/// has a label), the words of every refusal and the line in docs/cli.md and docs/engine_protocol.md, which
/// tst_option_documents prints as they must be. A rule between several options stands in checkRunOptions()
/// (core/engine/resolve_options.h).
std::span<const OptionRow> optionRows();

/// The row of that name ("keep-keys") which `verb` takes; null when there is none.
const OptionRow* findOption(std::string_view name, OptionVerb verb);
/// The same by the protocol's name ("keep_keys").
const OptionRow* findParameter(std::string_view parameter, OptionVerb verb);

/// The options of `verb` before anything is said.
RunOptions defaultsOf(OptionVerb verb);

} // namespace headwater
