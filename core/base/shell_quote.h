// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// One argument as a POSIX shell takes it back: plain words as they are, everything else in single quotes.
/// Control bytes (but for line feeds and tabs) and bytes that are no UTF-8 are printed by the shell
/// ("$(printf '\377')"): the result is UTF-8 that no terminal acts on. The one byte that no argument can
/// hold, NUL, is left out.
std::string shellQuoted(const std::string& argument);

/// The words of a command line whose arguments are plain or in single quotes, as shellQuoted() writes them; a
/// word that the shell would print ("$(printf …)") or change otherwise comes as it stands.
std::vector<std::string> shellWords(std::string_view line);

} // namespace headwater
