// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/mass_table.h"

#include "ui/theme/focus_frame.h"
#include "ui/theme/fonts.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <QSortFilterProxyModel>
#include <QStyledItemDelegate>
#include <algorithm>

namespace headwater {

namespace {

constexpr int kRowHeight = 20;
constexpr double kBarHeight = 6;
constexpr int kBarMost = 68; ///< beside a token, whose words come first
constexpr int kBarLeast = 32;
constexpr int kTokenLeast = 76; ///< its header with the sort arrow, and a short word
constexpr double kStaleOpacity = 0.35;
constexpr int kMeasuredRows = 24; ///< that columns are fitted to: a thousand heads are not measured each time

/// Draws a table's cells: figures of one width, tokens in their own font, bars.
class MassDelegate : public QStyledItemDelegate {
public:
    MassDelegate(const MassTableLook& look, QObject* parent)
        : QStyledItemDelegate(parent)
        , m_look(look)
    {
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        // A row that the list's lower edge would cut is not shown: half a number can be read as another.
        if (option.widget && option.rect.bottom() >= viewportHeight(*option.widget))
            return;
        const Theme& theme = themeOf(option.palette);
        painter->save();
        if (index.data(MassTableModel::StaleRole).toBool())
            painter->setOpacity(kStaleOpacity);
        if (option.state & QStyle::State_Selected)
            painter->fillRect(option.rect, option.palette.brush(QPalette::Highlight));
        else if (index.data(MassTableModel::CurrentRole).toBool())
            painter->fillRect(option.rect, theme.raised);
        const QRectF cell = QRectF(option.rect).adjusted(6, 0, -6, 0);
        const QString text = index.data().toString();
        switch (index.column()) {
        case MassTableModel::Name:
            painter->setFont(wordsFont(13));
            painter->setPen(m_look.names ? colourOf(theme, *m_look.names) : theme.text);
            drawTabular(*painter, cell,
                        (m_look.tokenHeader.isEmpty() ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter,
                        text);
            break;
        case MassTableModel::Token:
            painter->setFont(tokensFont(12));
            painter->setPen(theme.text);
            painter->drawText(cell, Qt::AlignLeft | Qt::AlignVCenter,
                              QFontMetricsF(painter->font()).elidedText(text, Qt::ElideRight, cell.width()));
            break;
        case MassTableModel::Mass:
            painter->setFont(wordsFont(13));
            painter->setPen(theme.text);
            drawTabular(*painter, cell, Qt::AlignRight | Qt::AlignVCenter, text);
            break;
        default:
            paintBar(*painter, theme, cell, index.data(MassTableModel::ShareRole).toDouble());
        }
        painter->restore();
    }

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const override
    {
        if (index.column() == MassTableModel::Token)
            return {60, kRowHeight};
        const QFontMetricsF metrics(wordsFont(13));
        return {static_cast<int>(tabularWidth(metrics, index.data().toString())) + 13, kRowHeight};
    }

private:
    static int viewportHeight(const QWidget& table)
    {
        return static_cast<const QAbstractItemView&>(table).viewport()->height();
    }

    static const QColor& colourOf(const Theme& theme, MassColour colour)
    {
        return colour == MassColour::Query ? theme.query : theme.key;
    }

    void paintBar(QPainter& painter, const Theme& theme, const QRectF& cell, double share) const
    {
        if (!(share > 0))
            return;
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(colourOf(theme, m_look.bars));
        const QRectF bar(cell.left(), cell.center().y() - kBarHeight / 2,
                         std::max(kBarHeight, cell.width() * share), kBarHeight);
        painter.drawRoundedRect(bar, kBarHeight / 2, kBarHeight / 2);
    }

    MassTableLook m_look;
};

/// Says which column it is sorted by in the header's own words: the style's arrow would lie on the text.
class SortedMasses : public QSortFilterProxyModel {
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;

    QVariant headerData(int section, Qt::Orientation orientation, int role) const override
    {
        const QVariant header = QSortFilterProxyModel::headerData(section, orientation, role);
        if (role != Qt::DisplayRole || section != sortColumn() || section == MassTableModel::Bar)
            return header;
        return header.toString()
            + (sortOrder() == Qt::AscendingOrder ? QStringLiteral(" ↑") : QStringLiteral(" ↓"));
    }
};

} // namespace

MassTable::MassTable(const MassTableLook& look, QWidget* parent)
    : QTableView(parent)
    , m_look(look)
    , m_model(new MassTableModel(look.nameHeader, look.tokenHeader, this))
    , m_sorted(new SortedMasses(this))
{
    m_sorted->setSourceModel(m_model);
    m_sorted->setSortRole(MassTableModel::SortRole);
    setModel(m_sorted);
    setItemDelegate(new MassDelegate(look, this));
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setShowGrid(false);
    setWordWrap(false);
    setTabKeyNavigation(false);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    verticalHeader()->hide();
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setMinimumSectionSize(kRowHeight);
    verticalHeader()->setDefaultSectionSize(kRowHeight);
    QHeaderView* const header = horizontalHeader();
    header->setFont(wordsFont(11));
    header->setHighlightSections(false);
    header->setMinimumSectionSize(44);
    header->setResizeContentsPrecision(kMeasuredRows);
    header->setSectionResizeMode(MassTableModel::Name, QHeaderView::ResizeToContents);
    header->setSectionResizeMode(MassTableModel::Token, QHeaderView::Stretch);
    header->setSectionResizeMode(MassTableModel::Mass, QHeaderView::ResizeToContents);
    const bool hasToken = !look.tokenHeader.isEmpty();
    header->setSectionResizeMode(MassTableModel::Bar, hasToken ? QHeaderView::Fixed : QHeaderView::Stretch);
    header->resizeSection(MassTableModel::Bar, kBarMost);
    setColumnHidden(MassTableModel::Token, !hasToken);
    setSortingEnabled(true);
    header->setSortIndicatorShown(false);
    sortByColumn(MassTableModel::Mass, Qt::DescendingOrder);
    connect(this, &QTableView::clicked, this, [this](const QModelIndex& index) { choose(index.row()); });
    // Wide names (spans of a million tokens) leave less for the bar, never less for the token's header.
    connect(header, &QHeaderView::sectionResized, this, [this](int section) {
        if (section != MassTableModel::Bar && section != MassTableModel::Token)
            fitBar();
    });
}

void MassTable::fitBar()
{
    if (m_look.tokenHeader.isEmpty())
        return;
    const QHeaderView* const header = horizontalHeader();
    const int names = header->sectionSize(MassTableModel::Name) + header->sectionSize(MassTableModel::Mass);
    const int width = std::clamp(viewport()->width() - names - kTokenLeast, kBarLeast, kBarMost);
    horizontalHeader()->resizeSection(MassTableModel::Bar, width);
}

void MassTable::resizeEvent(QResizeEvent* event)
{
    QTableView::resizeEvent(event);
    fitBar();
}

void MassTable::paintEvent(QPaintEvent* event)
{
    QTableView::paintEvent(event);
    paintFocusFrame(*this);
}

void MassTable::focusInEvent(QFocusEvent* event)
{
    QTableView::focusInEvent(event);
    if (event->reason() != Qt::MouseFocusReason && !currentIndex().isValid() && m_sorted->rowCount() > 0)
        setCurrentIndex(m_sorted->index(0, 0)); // arrows have somewhere to begin
    viewport()->update();
}

void MassTable::focusOutEvent(QFocusEvent* event)
{
    QTableView::focusOutEvent(event);
    viewport()->update();
}

void MassTable::choose(int viewRow)
{
    if (!m_model->isStale())
        emit chosen(rowAt(viewRow));
}

const MassRow& MassTable::rowAt(int viewRow) const
{
    const QModelIndex source = m_sorted->mapToSource(m_sorted->index(viewRow, 0));
    return m_model->rows()[static_cast<std::size_t>(source.row())];
}

QString MassTable::copyText() const
{
    if (m_model->isStale())
        return {};
    std::vector<int> viewRows;
    for (const QModelIndex& index : selectionModel()->selectedRows())
        viewRows.push_back(index.row());
    std::sort(viewRows.begin(), viewRows.end());
    if (viewRows.empty()) {
        for (int row = 0; row < m_sorted->rowCount(); ++row)
            viewRows.push_back(row);
    }
    std::vector<int> rows;
    for (const int row : viewRows)
        rows.push_back(m_sorted->mapToSource(m_sorted->index(row, 0)).row());
    return m_model->tsv(rows);
}

void MassTable::copy() const
{
    if (const QString text = copyText(); !text.isEmpty())
        QApplication::clipboard()->setText(text);
}

void MassTable::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Copy)) {
        copy();
        return;
    }
    if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && currentIndex().isValid()) {
        choose(currentIndex().row());
        return;
    }
    QTableView::keyPressEvent(event);
}

} // namespace headwater
