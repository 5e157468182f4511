// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <filesystem>

namespace headwater {

/// A path as the window writes, keeps and hands it on: itself where every text field leaves it as it is, else
/// as a URI (bytes that are no UTF-8, control characters, blanks at an end, "file:" in front).
QString pathText(const std::filesystem::path& path);

/// What a file dialog gave, as pathText; empty stays empty.
QString chosenPath(const QString& chosen);

/// The path of such a text, or of any other that a user gives: a name, a file URI. A URI that names no file
/// of this computer stays a name, which no file has.
std::filesystem::path pathOf(const QString& text);

} // namespace headwater
