// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/text/glyph_cells.h"
#include "ui/theme/quoted_text.h"

#include <QFont>
#include <QString>
#include <QTextLayout>
#include <cstdint>
#include <string_view>
#include <vector>

class QPainter;

namespace headwater {

/// One laid-out line of the prompt, with the way from bytes to pixels and back. Its words stand as they would
/// in the whole paragraph, in its direction: neighbouring lines are looked at for a kilobyte each way.
class ProseLine {
public:
    /// The bytes [begin, end) of `text`, all of `paragraph`; a newline at the end is not shown. `escapes`:
    /// the colour of what is escaped.
    ProseLine(std::string_view text, const Paragraph& paragraph, std::uint32_t begin, std::uint32_t end,
              const QFont& font, const QColor& escapes);

    std::uint32_t begin() const { return m_begin; }
    std::uint32_t end() const { return m_end; }
    QString text() const { return m_layout.text().mid(m_first, numUnits()); }
    double width() const;
    /// The line begins at its right end.
    bool isRightToLeft() const { return m_isRightToLeft; }

    struct Span {
        double x = 0;
        double width = 0;
    };
    /// Where the characters that bytes [from, to) begin or continue are drawn: apart where the direction
    /// turns among them, the one with the first character first. Nothing of other lines' bytes; one span
    /// without width where they show nothing. `isTrimmed`: without blanks at the ends.
    std::vector<Span> spansOf(std::uint32_t from, std::uint32_t to, bool isTrimmed = false) const;
    /// The byte of the character at a pixel of the line; of the nearest one beside it.
    std::uint32_t byteAt(double x) const;
    /// The same, but beyond the line's end the last byte that shows something but a blank, before its begin
    /// the first.
    std::uint32_t byteNear(double x) const;

    void draw(QPainter& painter, const QPointF& topLeft, double height) const;

private:
    int numUnits() const { return static_cast<int>(m_byteOf.size()) - 1; }
    int unitOf(std::uint32_t byte, bool isEnd) const;
    QTextLine line() const;

    std::uint32_t m_begin;
    std::uint32_t m_end;
    bool m_isRightToLeft;
    int m_first = 0; ///< the line's first unit in the layout, which may begin with what stands before it
    std::vector<std::uint32_t> m_byteOf; ///< of each UTF-16 unit of the line, and behind the last
    std::vector<GlyphCell> m_cells; ///< of each unit
    QTextLayout m_layout;
};

} // namespace headwater
