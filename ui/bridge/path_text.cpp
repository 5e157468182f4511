// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/path_text.h"

#include "core/base/file_name.h"

#include <algorithm>

namespace headwater {

QString pathText(const std::filesystem::path& path)
{
    const QString text = QString::fromStdString(textOfPath(path));
    const bool isOdd = text.trimmed() != text || std::any_of(text.begin(), text.end(), [](QChar c) {
                           return c.category() == QChar::Other_Control || c == QChar::LineSeparator
                               || c == QChar::ParagraphSeparator;
                       });
    return isOdd ? QString::fromStdString(uriOfPath(path)) : text;
}

QString chosenPath(const QString& chosen)
{
    return pathText(chosen.toStdString());
}

std::filesystem::path pathOf(const QString& text)
{
    const std::string name = text.toStdString();
    const Result<std::filesystem::path> path = pathOfArgument(name);
    return path ? *path : std::filesystem::path(name);
}

} // namespace headwater
