// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <cstdint>
#include <string_view>

namespace headwater {

/// Words of a prompt, a file's or a model's name as the window shows them: whole and alone or inside a
/// sentence of ours, they take the direction of their first letter and turn nothing else round (isolates
/// U+2068, U+2069; none where nothing is written from right to left). For what is drawn, never for what is
/// copied: see withoutIsolates().
QString isolated(const QString& quotation);

/// A sentence of ours that may quote anything anywhere, names of files for instance: it keeps its order.
QString leftToRight(const QString& sentence);

/// The text without isolates, for the clipboard and for programs.
QString withoutIsolates(const QString& text);

/// A paragraph of a prompt: what lies between two newlines. Its first letter decides the direction of all its
/// lines, however they are wrapped.
struct Paragraph {
    std::uint32_t begin = 0;
    std::uint32_t end = 0; ///< the newline behind it, or the end of the text
    bool isRightToLeft = false;

    bool holds(std::uint32_t byte) const { return byte >= begin && byte <= end; }
};

/// The paragraph of a byte; the newline that ends it belongs to it. Cost: O(the paragraph's bytes), a tenth
/// of a nanosecond each.
Paragraph paragraphAt(std::string_view text, std::uint32_t byte);

} // namespace headwater
