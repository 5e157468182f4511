// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/reading/head_filter.h"
#include "ui/bridge/background_job.h"
#include "ui/bridge/view_reader.h"
#include "ui/bridge/when_seen.h"
#include "ui/heads/head_grid.h"

#include <QWidget>

class QComboBox;
class QToolButton;

namespace headwater {

class HeadFilterBar;
class WrappedLabel;

/// The layer and head selector: the grid with its sort order, and what it is filtered by, written above.
class HeadPanel : public QWidget {
    Q_OBJECT
public:
    HeadPanel(Subject* subject, MapLook* look, ViewReader* reader, QWidget* parent = nullptr);

    HeadGrid* grid() const { return m_grid; }
    HeadOrder order() const;
    void setOrder(HeadOrder order, bool isFalling);
    const HeadFilter& filter() const;
    void setFilter(const HeadFilter& filter);
    /// The filter's fields, with the keyboard in the first; or away. An active filter stays when they go.
    void showFilterBar(bool shown);
    bool isFilterBarShown() const;
    /// What the present order and filter say of themselves: "24 of 270 heads", of which rows, how many heads
    /// are unknown.
    QString note() const;

protected:
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

signals:
    void filterBarShown(bool shown);

private:
    QWidget* makeHeader();
    void takeTrace();
    bool needsReads() const;
    /// The order and filter of now. `isNewOrder`: show it from its beginning.
    void fill(bool isNewOrder);
    void readSelection();
    QString readsNote() const;
    /// Of what the order's numbers are shares, where heads differ or only their kept keys count.
    QString normaliserNote() const;
    void showValues();
    void showNote();
    void showCaption();

    Subject* m_subject;
    MapLook* m_look;
    ViewReader* m_reader;
    BackgroundJob* m_job;
    WhenSeen* m_selection; ///< reads it
    QComboBox* m_order;
    QToolButton* m_falling;
    QToolButton* m_filterButton;
    HeadFilterBar* m_filterBar;
    WrappedLabel* m_note;
    WrappedLabel* m_caption; ///< of the thumbnails
    HeadGrid* m_grid;
    HeadReads m_reads;
    std::size_t m_allHeads = 0; ///< of the order, before the filter
    std::filesystem::path m_path; ///< of the trace shown
};

} // namespace headwater
