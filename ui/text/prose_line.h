// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QFont>
#include <QString>
#include <QTextLayout>
#include <cstdint>
#include <string_view>
#include <vector>

class QPainter;

namespace headwater {

/// One laid-out line of the prompt, with the way back from pixels to bytes.
class ProseLine {
public:
    /// The bytes [begin, end) of `text`; a newline at the end is not shown. `escapes`: the colour of what is
    /// escaped.
    ProseLine(std::string_view text, std::uint32_t begin, std::uint32_t end, const QFont& font,
              const QColor& escapes);

    std::uint32_t begin() const { return m_begin; }
    std::uint32_t end() const { return m_end; }
    QString text() const { return m_layout.text(); }
    double width() const;

    /// Pixels of the characters that bytes [from, to) begin or continue: x and width. Empty where they show
    /// nothing. `isTrimmed`: without blanks at the ends.
    struct Span {
        double x = 0;
        double width = 0;
    };
    Span spanOf(std::uint32_t from, std::uint32_t to, bool isTrimmed = false) const;
    /// The byte at a pixel of the line.
    std::uint32_t byteAt(double x) const;

    void draw(QPainter& painter, const QPointF& topLeft, double height) const;

private:
    qsizetype unitOf(std::uint32_t byte, bool isEnd) const;

    std::uint32_t m_begin;
    std::uint32_t m_end;
    std::vector<std::uint32_t> m_byteOf; ///< of each UTF-16 unit, and behind the last
    QTextLayout m_layout;
};

} // namespace headwater
