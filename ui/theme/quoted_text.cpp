// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/quoted_text.h"

#include "core/base/bidi_text.h"
#include "core/base/text.h"

#include <QChar>
#include <algorithm>

namespace headwater {

namespace {

/// Rule P2 of the Unicode bidirectional algorithm; its controls are not obeyed in a prompt, so none is
/// skipped.
bool beginsRightToLeft(std::string_view paragraph)
{
    for (std::size_t at = 0; at < paragraph.size();) {
        const CodePoint point = codePointAt(paragraph.substr(at));
        at += point.bytes;
        if (!point.isValid || isBidiControl(point.character))
            continue;
        const QChar::Direction direction = QChar::direction(point.character);
        if (direction == QChar::DirL)
            return false;
        if (direction == QChar::DirR || direction == QChar::DirAL)
            return true;
    }
    return false;
}

} // namespace

QString isolated(const QString& quotation)
{
    return QString::fromStdString(isolated(quotation.toStdString()));
}

QString leftToRight(const QString& sentence)
{
    return QString::fromStdString(leftToRight(sentence.toStdString()));
}

QString withoutIsolates(const QString& text)
{
    return QString::fromStdString(withoutIsolates(text.toStdString()));
}

Paragraph paragraphAt(std::string_view text, std::uint32_t byte)
{
    const std::size_t at = std::min<std::size_t>(byte, text.size());
    const std::size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
    Paragraph paragraph;
    paragraph.begin = before == std::string_view::npos ? 0 : static_cast<std::uint32_t>(before + 1);
    paragraph.end = static_cast<std::uint32_t>(std::min(text.find('\n', at), text.size()));
    paragraph.isRightToLeft =
        beginsRightToLeft(text.substr(paragraph.begin, paragraph.end - paragraph.begin));
    return paragraph;
}

} // namespace headwater
