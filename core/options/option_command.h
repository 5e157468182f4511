// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/options/option_row.h"

#include <string>

namespace headwater {

/// The command line that asks `headwater` for the same, every argument quoted for a POSIX shell.
std::string commandLineOf(OptionVerb verb, const RunOptions& options);

/// `command` with what was left to the prompt's format or to the clock spelt out: a later version, whose rule
/// may be another, repeats the run as it was. `used` is what it came to (plain or control), `day` what the
/// format has named, empty where it has named none.
std::string withWhatWasLeft(std::string command, const RunOptions& asked, TextTokens used,
                            const std::string& day);

} // namespace headwater
