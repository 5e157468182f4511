// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

namespace headwater {

/// A prompt for builtin:needle of about `bytes` bytes (its tokens): filler sentences with one `@key=value` a
/// third of the way in, and the question `@key=` at the end. Always the same text for the same length.
QString needlePrompt(int bytes);

} // namespace headwater
