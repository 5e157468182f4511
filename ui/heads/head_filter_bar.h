// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/reading/head_filter.h"

#include <QWidget>

class QCheckBox;
class QDoubleSpinBox;
class QLabel;
class QSpinBox;
class QToolButton;

namespace headwater {

/// What the grid is filtered by, as a few fields under the order: layers, the least of the ordered quantity,
/// the heads that read what is locked and how much of it they read at least.
class HeadFilterBar : public QWidget {
    Q_OBJECT
public:
    explicit HeadFilterBar(QWidget* parent = nullptr);

    const HeadFilter& filter() const { return m_filter; }
    void setFilter(const HeadFilter& filter);
    void setLayers(int layers);
    /// The least value belongs to one quantity: another order forgets it.
    void setOrder(HeadOrder order, const QString& name);

signals:
    void filterChanged();

private:
    void take();
    void showFilter(const HeadFilter& filter);

    HeadFilter m_filter;
    HeadOrder m_order = HeadOrder::Layer;
    int m_layers = 0;
    QSpinBox* m_first;
    QSpinBox* m_last;
    QLabel* m_leastName;
    QDoubleSpinBox* m_least;
    QCheckBox* m_readers;
    QDoubleSpinBox* m_leastRead;
    QToolButton* m_clear;
    bool m_filling = false;
};

} // namespace headwater
