// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/token_range.h"
#include "core/reading/row_shade.h"
#include "ui/bridge/background_job.h"
#include "ui/state/map_look.h"
#include "ui/state/subject.h"
#include "ui/text/line_breaks.h"
#include "ui/text/prose_line.h"

#include <QAbstractScrollArea>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace headwater {

/// The prompt as prose of any length, in columns where there is room: only the lines in view are laid out.
/// The index of line breaks is made in the background (a view that is put away by hide() makes none); until
/// it is there lines are broken from the byte in view and the height is estimated. A drag selects; by
/// keyboard the arrows move a cursor from word to word, with Shift they select, Return does what a click
/// does, Ctrl+C copies.
class ProseView : public QAbstractScrollArea {
    Q_OBJECT
public:
    explicit ProseView(Subject* subject, MapLook* look, QWidget* parent = nullptr);

    void setShade(std::shared_ptr<const RowShade> shade);
    /// Words are shaded by their losses while these are there, whatever the other shade.
    void setLosses(std::shared_ptr<const Predictions> losses);
    /// Tokens to mark, ascending as in isInSpans(); none of them is the current hit.
    void setFindHits(std::shared_ptr<const std::vector<TokenRange>> hits);
    /// The hit that is looked at stands out among the others.
    void setCurrentHit(const TokenRange& hit);
    /// Brings a token into view if it is not; never lays out what lies between.
    void reveal(std::uint32_t token);
    /// Whether the token's line is wholly in view.
    bool isInView(std::uint32_t token) const;
    /// About how many bytes of text a page of this height holds at a width.
    std::uint32_t pageBytes(int width) const;

    /// The token at a place of the viewport.
    std::optional<std::uint32_t> tokenAt(const QPoint& point) const;
    /// The token nearest to it: of the end of its line, of the first or last line in view.
    std::optional<std::uint32_t> tokenNear(const QPoint& point) const;
    /// Where a token's characters are on the viewport, where it begins if they are apart; nothing when it is
    /// out of view.
    std::optional<QRect> placeOf(std::uint32_t token) const;
    bool isIndexed() const { return m_index != nullptr; }
    std::size_t numLines() const { return m_index ? m_index->begins.size() : 0; }
    std::uint32_t topByte() const { return m_topByte; }
    /// The tokens whose lines are in view: [first, behind the last).
    std::pair<std::uint32_t, std::uint32_t> tokensInView() const;
    /// Where the keyboard's cursor stands; nothing before the first key.
    std::optional<std::uint32_t> cursor() const { return m_cursor; }
    /// The bytes of the selected tokens, or of the cursor's; invalid UTF-8 as U+FFFD.
    QString copyText() const;
    /// Lines laid out since the beginning: what a test counts.
    std::size_t linesLaidOut() const { return m_linesLaidOut; }

    QSize sizeHint() const override { return {520, 160}; }
    QSize minimumSizeHint() const override { return {160, 60}; }

signals:
    /// A click, or Return on the cursor.
    void tokenClicked(std::uint32_t token, Qt::KeyboardModifiers modifiers);
    void viewMoved(); ///< tokensInView() may have changed
    void tokenHovered(std::optional<std::uint32_t> token);

protected:
    bool viewportEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    static constexpr int kLineHeight = 21;
    static constexpr int kMargin = 4; ///< boxes of the first and last words need room

    void takeTrace();
    void rewrap();
    void takeIndex(std::optional<LineIndex> index);
    void updateScrollBar();
    void setTop(std::uint32_t byte);
    double lineWidth() const;
    int columns() const;
    int rows() const; ///< whole lines of a column
    int pageLines() const { return rows() * columns(); }
    double bytesPerLine(double width) const;
    std::string_view text() const;
    std::uint32_t tokenOfByte(std::uint32_t byte) const;
    std::uint32_t byteOfToken(std::uint32_t token) const;
    std::uint32_t lineBefore(std::uint32_t byte, int lines) const;
    std::uint32_t lineEnd(std::uint32_t begin) const;
    const ProseLine* lineAt(std::uint32_t begin) const;
    const Paragraph& paragraphOf(std::uint32_t byte) const;
    /// How far a line's text begins from its column's left edge: lines read from the right stand there.
    int insetOf(const ProseLine& line) const;
    /// visit(line, its top left) for each line in view, until it says false.
    void forVisibleLines(const std::function<bool(const ProseLine&, const QPoint&)>& visit) const;
    std::uint32_t cursorStart() const;
    /// Shift keeps the selection's other end; without it the selection goes.
    void moveCursor(std::uint32_t token, bool isSelecting);
    /// The token under (over) a token, `lines` lines further down.
    std::uint32_t tokenLinesFrom(std::uint32_t token, int lines);
    std::optional<TokenRange> selection() const;
    void pressMouse(const QMouseEvent& event);
    void moveMouse(const QMouseEvent& event);
    void releaseMouse(const QMouseEvent& event);
    /// How much of the shade's colour lies behind a token; none: the ground.
    std::optional<double> shadeOf(std::uint32_t token) const;
    void paintUnder(QPainter& painter, const ProseLine& line, const QPoint& at) const;
    void paintOver(QPainter& painter, const ProseLine& line, const QPoint& at) const;
    void paintHit(QPainter& painter, const ProseLine& line, const QPoint& at, std::uint32_t token) const;
    void paintBox(QPainter& painter, const ProseLine& line, const QPoint& at, std::uint32_t token,
                  const QColor& colour, bool isLocked) const;

    Subject* m_subject;
    MapLook* m_look;
    BackgroundJob* m_job;
    std::shared_ptr<const Trace> m_trace;
    std::shared_ptr<const LineIndex> m_index;
    std::shared_ptr<const RowShade> m_shade;
    std::shared_ptr<const Predictions> m_losses;
    std::shared_ptr<const std::vector<TokenRange>> m_hits;
    std::optional<TokenRange> m_currentHit;
    QFont m_font;
    mutable GlyphAdvances m_advances;
    std::uint32_t m_topByte = 0; ///< the first line in view begins there
    std::optional<std::uint32_t> m_reveal; ///< asked for before the index was there
    mutable std::map<std::uint32_t, std::unique_ptr<ProseLine>> m_lines; ///< laid out, by first byte
    mutable std::size_t m_linesLaidOut = 0;
    mutable std::optional<Paragraph> m_paragraph; ///< of the line laid out last
    bool m_isMovingBar = false;
    std::optional<std::uint32_t> m_cursor;
    std::optional<std::uint32_t> m_anchor; ///< the other end of a selection
    std::optional<QPoint> m_pressed; ///< of the left button, until it is a drag or let go
    std::optional<std::uint32_t> m_dragFrom; ///< the token where a drag began
};

} // namespace headwater
