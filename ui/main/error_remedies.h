// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QString>
#include <vector>

namespace headwater {

/// A command that helps against an error, and what its button says then.
struct Remedy {
    QString command;
    QString text;
};

/// What can be done about an error, best first; empty when nothing but reading it helps. `path`: the file
/// that could not be opened, or empty; else the error's context names the command that failed.
std::vector<Remedy> remediesFor(const Error& error, const QString& path);

} // namespace headwater
