// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/text/prose_view.h"

#include "ui/theme/fonts.h"
#include "ui/theme/theme.h"

#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <algorithm>
#include <cmath>

namespace headwater {

namespace {

constexpr int kColumnGap = 28;
constexpr int kLeastColumn = 400; ///< pixels a column needs
constexpr int kMostColumns = 3;
constexpr std::size_t kKeptPages = 6; ///< pages of laid-out lines that are kept

} // namespace

ProseView::ProseView(Subject* subject, MapLook* look, QWidget* parent)
    : QAbstractScrollArea(parent)
    , m_subject(subject)
    , m_look(look)
    , m_job(new BackgroundJob(this))
    , m_font(wordsFont(13))
    , m_advances(m_font)
{
    setAccessibleName(tr("Text of the prompt"));
    viewport()->setAccessibleName(tr("Text of the prompt"));
    viewport()->setMouseTracking(true);
    viewport()->setCursor(Qt::IBeamCursor);
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn); // text must not rewrap because a bar comes or goes
    verticalScrollBar()->setAccessibleName(tr("Scroll the text"));
    connect(subject, &Subject::traceChanged, this, &ProseView::takeTrace);
    connect(subject, &Subject::lockedChanged, viewport(), qOverload<>(&QWidget::update));
    connect(subject, &Subject::hoveredChanged, viewport(), qOverload<>(&QWidget::update));
    connect(look, &MapLook::coloursChanged, viewport(), qOverload<>(&QWidget::update));
    takeTrace();
}

void ProseView::takeTrace()
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    const bool isSame = m_trace && trace && m_trace->path() == trace->path();
    m_trace = trace;
    if (!isSame) {
        m_topByte = 0;
        m_reveal.reset();
        m_hits.reset();
        m_currentHit.reset();
        m_shade.reset();
        m_losses.reset();
        m_cursor.reset();
        m_anchor.reset();
    }
    rewrap();
}

void ProseView::rewrap()
{
    m_lines.clear();
    m_paragraph.reset();
    m_index.reset();
    m_topByte = std::min(m_topByte, static_cast<std::uint32_t>(text().size()));
    const bool isPutAway = isHidden() && testAttribute(Qt::WA_WState_ExplicitShowHide);
    if (!m_trace || lineWidth() <= 0 || isPutAway) {
        m_job->cancel();
    } else {
        m_job->start(
            [trace = m_trace, width = lineWidth(), font = m_font](const std::stop_token& stop) {
                return indexLines(trace->text(), width, font, stop);
            },
            [this](std::optional<LineIndex> index) { takeIndex(std::move(index)); });
    }
    updateScrollBar();
    viewport()->update();
}

void ProseView::takeIndex(std::optional<LineIndex> index)
{
    if (!index)
        return;
    m_index = std::make_shared<const LineIndex>(std::move(*index));
    m_topByte = m_index->begins[m_index->lineOf(m_topByte)];
    updateScrollBar();
    if (m_reveal)
        reveal(*std::exchange(m_reveal, std::nullopt));
    viewport()->update();
}

void ProseView::updateScrollBar()
{
    QScrollBar* const bar = verticalScrollBar();
    m_isMovingBar = true;
    const double perLine = bytesPerLine(lineWidth());
    const auto lines = m_index ? static_cast<int>(m_index->begins.size())
                               : static_cast<int>(std::ceil(static_cast<double>(text().size()) / perLine));
    bar->setPageStep(std::max(1, pageLines()));
    bar->setSingleStep(1);
    bar->setRange(0, std::max(0, lines - pageLines()));
    bar->setValue(m_index ? static_cast<int>(m_index->lineOf(m_topByte))
                          : static_cast<int>(m_topByte / perLine));
    m_isMovingBar = false;
    emit viewMoved();
}

void ProseView::scrollContentsBy(int, int)
{
    if (m_isMovingBar)
        return;
    const auto line = static_cast<std::size_t>(std::max(0, verticalScrollBar()->value()));
    if (m_index) {
        m_topByte = m_index->begins[std::min(line, m_index->begins.size() - 1)];
    } else {
        // Not indexed yet: a place in proportion, at the beginning of a token.
        const double byte = static_cast<double>(line) * bytesPerLine(lineWidth());
        m_topByte = m_trace ? byteOfToken(tokenOfByte(static_cast<std::uint32_t>(byte))) : 0;
    }
    viewport()->update();
    emit viewMoved();
}

void ProseView::setTop(std::uint32_t byte)
{
    if (m_index) {
        const std::size_t last = m_index->begins.size()
            - std::min(m_index->begins.size(), static_cast<std::size_t>(std::max(1, pageLines())));
        m_topByte = m_index->begins[std::min(m_index->lineOf(byte), last)];
    } else {
        m_topByte = byte;
    }
    updateScrollBar();
    viewport()->update();
}

void ProseView::setShade(std::shared_ptr<const RowShade> shade)
{
    m_shade = std::move(shade);
    viewport()->update();
}

void ProseView::setLosses(std::shared_ptr<const Predictions> losses)
{
    if (losses == m_losses)
        return;
    m_losses = std::move(losses);
    viewport()->update();
}

void ProseView::setFindHits(std::shared_ptr<const std::vector<TokenRange>> hits)
{
    m_hits = std::move(hits);
    m_currentHit.reset();
    viewport()->update();
}

void ProseView::setCurrentHit(const TokenRange& hit)
{
    m_currentHit = hit;
    viewport()->update();
}

std::string_view ProseView::text() const
{
    return m_trace ? m_trace->text() : std::string_view();
}

int ProseView::columns() const
{
    return std::clamp((viewport()->width() + kColumnGap) / (kLeastColumn + kColumnGap), 1, kMostColumns);
}

double ProseView::lineWidth() const
{
    const int gaps = (columns() - 1) * kColumnGap;
    return std::floor((viewport()->width() - 2.0 * kMargin - gaps) / columns());
}

int ProseView::rows() const
{
    return std::max(1, (viewport()->height() - kMargin) / kLineHeight);
}

double ProseView::bytesPerLine(double width) const
{
    return std::max(8.0, width / m_advances.average());
}

std::uint32_t ProseView::pageBytes(int width) const
{
    return static_cast<std::uint32_t>(rows() * bytesPerLine(width - 2.0 * kMargin - 12));
}

std::uint32_t ProseView::tokenOfByte(std::uint32_t byte) const
{
    const std::span<const std::uint32_t> offsets = m_trace->tokenOffsets();
    const auto after = std::upper_bound(offsets.begin(), offsets.end(), byte);
    const auto token = static_cast<std::uint32_t>(std::max<std::ptrdiff_t>(0, after - offsets.begin() - 1));
    return std::min(token, m_trace->seqLen() == 0 ? 0 : m_trace->seqLen() - 1);
}

std::uint32_t ProseView::byteOfToken(std::uint32_t token) const
{
    return m_trace->tokenOffsets()[std::min(token, m_trace->seqLen())];
}

std::uint32_t ProseView::lineEnd(std::uint32_t begin) const
{
    if (!m_index)
        return endOfLine(text(), begin, lineWidth(), m_advances);
    const std::size_t line = m_index->lineOf(begin);
    return line + 1 < m_index->begins.size() ? m_index->begins[line + 1]
                                             : static_cast<std::uint32_t>(text().size());
}

std::uint32_t ProseView::lineBefore(std::uint32_t byte, int lines) const
{
    if (m_index) {
        const std::size_t line = m_index->lineOf(byte);
        return m_index->begins[line - std::min(line, static_cast<std::size_t>(lines))];
    }
    const double back = lines * bytesPerLine(lineWidth());
    const auto from = static_cast<std::uint32_t>(std::max(0.0, byte - back));
    return byteOfToken(tokenOfByte(from));
}

const ProseLine* ProseView::lineAt(std::uint32_t begin) const
{
    std::unique_ptr<ProseLine>& line = m_lines[begin];
    if (!line) {
        line = std::make_unique<ProseLine>(text(), paragraphOf(begin), begin, lineEnd(begin), m_font,
                                           themeOf(palette()).dim);
        ++m_linesLaidOut;
    }
    return line.get();
}

const Paragraph& ProseView::paragraphOf(std::uint32_t byte) const
{
    if (!m_paragraph || !m_paragraph->holds(byte))
        m_paragraph = paragraphAt(text(), byte);
    return *m_paragraph;
}

int ProseView::insetOf(const ProseLine& line) const
{
    return line.isRightToLeft() ? static_cast<int>(std::floor(lineWidth() - line.width())) : 0;
}

void ProseView::forVisibleLines(const std::function<bool(const ProseLine&, const QPoint&)>& visit) const
{
    if (!m_trace)
        return;
    if (m_lines.size() > kKeptPages * static_cast<std::size_t>(pageLines() + 1))
        m_lines.clear();
    std::uint32_t begin = m_topByte;
    for (int i = 0; i < pageLines(); ++i) {
        const ProseLine* const line = lineAt(begin);
        const QPoint at(kMargin + i / rows() * (static_cast<int>(lineWidth()) + kColumnGap) + insetOf(*line),
                        kMargin + i % rows() * kLineHeight);
        if (!visit(*line, at))
            return;
        if (line->end() >= text().size() || line->end() == begin)
            return;
        begin = line->end();
    }
}

bool ProseView::isInView(std::uint32_t token) const
{
    const auto place = placeOf(token);
    return place && viewport()->rect().contains(*place);
}

void ProseView::reveal(std::uint32_t token)
{
    if (!m_trace || token >= m_trace->seqLen())
        return;
    if (!m_index)
        m_reveal = token;
    if (isInView(token))
        return;
    setTop(lineBefore(byteOfToken(token), std::max(0, std::min(2, pageLines() / 3))));
}

std::optional<QRect> ProseView::placeOf(std::uint32_t token) const
{
    std::optional<QRect> place;
    const std::uint32_t end = m_trace ? std::max(byteOfToken(token) + 1, byteOfToken(token + 1)) : 0;
    // A word is where its letters are: the blank before it may be the end of another line.
    std::uint32_t begin = m_trace ? byteOfToken(token) : 0;
    while (begin + 1 < end && begin < text().size() && text()[begin] == ' ')
        ++begin;
    forVisibleLines([&](const ProseLine& line, const QPoint& at) {
        if (begin >= line.end())
            return true;
        if (end > line.begin()) {
            const std::vector<ProseLine::Span> spans = line.spansOf(begin, end);
            const ProseLine::Span span = spans.empty() ? ProseLine::Span{} : spans.front();
            place = QRect(at.x() + static_cast<int>(span.x), at.y(),
                          std::max(1, static_cast<int>(std::ceil(span.width))), kLineHeight);
        }
        return false;
    });
    return place;
}

std::optional<std::uint32_t> ProseView::tokenAt(const QPoint& point) const
{
    std::optional<std::uint32_t> token;
    forVisibleLines([&](const ProseLine& line, const QPoint& at) {
        const QPoint inLine = point - at;
        if (inLine.y() < 0 || inLine.y() >= kLineHeight || inLine.x() < 0 || inLine.x() >= line.width())
            return true;
        token = tokenOfByte(line.byteAt(inLine.x()));
        return false;
    });
    return token;
}

bool ProseView::viewportEvent(QEvent* event)
{
    switch (event->type()) {
    case QEvent::MouseMove:
        moveMouse(*static_cast<QMouseEvent*>(event));
        return true;
    case QEvent::Leave:
        emit tokenHovered(std::nullopt);
        break;
    case QEvent::MouseButtonPress:
        pressMouse(*static_cast<QMouseEvent*>(event));
        return true;
    case QEvent::MouseButtonRelease:
        releaseMouse(*static_cast<QMouseEvent*>(event));
        return true;
    default:
        break;
    }
    return QAbstractScrollArea::viewportEvent(event);
}

void ProseView::resizeEvent(QResizeEvent* event)
{
    if (event->size().width() != event->oldSize().width())
        rewrap();
    else
        setTop(m_topByte);
}

void ProseView::showEvent(QShowEvent* event)
{
    QAbstractScrollArea::showEvent(event);
    if (!m_index && !m_job->isRunning())
        rewrap();
}

void ProseView::changeEvent(QEvent* event)
{
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        m_lines.clear();
        viewport()->update();
    }
}

} // namespace headwater
