// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/inspector/mass_table_model.h"

#include <QTableView>

class QSortFilterProxyModel;

namespace headwater {

/// Which colour the names and bars have: what they speak of.
enum class MassColour { Query, Key };

/// How a table looks: its headers (an empty token header hides the column), the colour of names and of bars.
struct MassTableLook {
    QString nameHeader;
    QString tokenHeader;
    std::optional<MassColour> names; ///< none: plain text
    MassColour bars = MassColour::Query;
};

/// A table of masses: sortable by every column, copied with Ctrl+C (the selected rows, or all) as
/// tab-separated values.
class MassTable : public QTableView {
    Q_OBJECT
public:
    explicit MassTable(const MassTableLook& look, QWidget* parent = nullptr);

    MassTableModel* massModel() const { return m_model; }
    const MassTableLook& look() const { return m_look; }
    /// The row shown at `viewRow` after sorting.
    const MassRow& rowAt(int viewRow) const;
    /// Empty while the rows are stale.
    QString copyText() const;

    /// Low: what is there beyond it is shared out by those who lay lists out, by what they are for.
    QSize sizeHint() const override { return {280, 64}; }
    QSize minimumSizeHint() const override { return {160, 64}; }

signals:
    /// A click or the return key; never on a stale row.
    void chosen(const headwater::MassRow& row);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    void copy() const;
    void choose(int viewRow);
    void fitBar();

    MassTableLook m_look;
    MassTableModel* m_model;
    QSortFilterProxyModel* m_sorted;
};

} // namespace headwater
