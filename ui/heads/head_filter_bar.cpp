// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/heads/head_filter_bar.h"

#include "ui/heads/order_text.h"

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QLabel>
#include <QSpinBox>
#include <QToolButton>
#include <algorithm>

namespace headwater {

namespace {

template <class Widget> Widget* named(Widget* widget, const char* name, const QString& accessible)
{
    widget->setObjectName(QLatin1String(name));
    widget->setAccessibleName(accessible);
    return widget;
}

QLabel* caption(const QString& text, QWidget* buddy, QWidget* parent)
{
    auto* const label = new QLabel(text, parent);
    label->setProperty("role", QStringLiteral("dim"));
    label->setBuddy(buddy);
    return label;
}

} // namespace

HeadFilterBar::HeadFilterBar(QWidget* parent)
    : QWidget(parent)
    , m_first(named(new QSpinBox(this), "headFilterFirst", tr("First layer shown")))
    , m_last(named(new QSpinBox(this), "headFilterLast", tr("Last layer shown")))
    , m_leastName(caption(QString(), nullptr, this))
    , m_least(named(new QDoubleSpinBox(this), "headFilterLeast", tr("Least value of the order")))
    , m_readers(named(new QCheckBox(tr("only what reads the locked place"), this), "headFilterReaders",
                      tr("Only heads that read the locked place")))
    , m_leastRead(named(new QDoubleSpinBox(this), "headFilterLeastRead",
                        tr("Share of the row that a reader gives to the locked place at least")))
    , m_clear(named(new QToolButton(this), "headFilterClear", tr("Show all heads")))
{
    setObjectName(QStringLiteral("headFilter"));
    setAccessibleName(tr("Filter of the heads"));
    m_clear->setText(tr("Show all"));
    m_leastName->setBuddy(m_least);
    m_leastName->setMinimumWidth(40);
    for (QSpinBox* const layer : {m_first, m_last}) {
        layer->setPrefix(QStringLiteral("L"));
        layer->setMinimumWidth(56);
    }
    for (QDoubleSpinBox* const least : {m_least, m_leastRead})
        least->setMinimumWidth(56);
    m_leastRead->setSuffix(QStringLiteral(" %"));
    m_leastRead->setRange(0.01, 100);
    m_leastRead->setToolTip(tr("Of recorded rows, exact rows and blocks alike"));
    auto* const grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 4, 0);
    grid->setHorizontalSpacing(6);
    grid->setVerticalSpacing(4);
    grid->addWidget(caption(tr("layers"), m_first, this), 0, 0);
    grid->addWidget(m_first, 0, 1);
    grid->addWidget(m_last, 0, 2);
    grid->addWidget(m_leastName, 1, 0, 1, 2);
    grid->addWidget(m_least, 1, 2);
    grid->addWidget(m_readers, 2, 0, 1, 3);
    grid->addWidget(caption(tr("that is, give it at least"), m_leastRead, this), 3, 0, 1, 2);
    grid->addWidget(m_leastRead, 3, 2);
    grid->addWidget(m_clear, 4, 2);
    grid->setColumnStretch(1, 1);
    grid->setColumnStretch(2, 1);
    for (QSpinBox* const layer : {m_first, m_last})
        connect(layer, &QSpinBox::valueChanged, this, &HeadFilterBar::take);
    for (QDoubleSpinBox* const least : {m_least, m_leastRead})
        connect(least, &QDoubleSpinBox::valueChanged, this, &HeadFilterBar::take);
    connect(m_readers, &QCheckBox::toggled, this, &HeadFilterBar::take);
    connect(m_clear, &QToolButton::clicked, this, [this] { setFilter({}); });
    setOrder(HeadOrder::Layer, {});
}

void HeadFilterBar::setLayers(int layers)
{
    if (layers == m_layers)
        return;
    m_layers = layers;
    showFilter(m_filter);
}

void HeadFilterBar::setOrder(HeadOrder order, const QString& name)
{
    const bool isByLayer = order == HeadOrder::Layer;
    if (order != m_order)
        m_filter.least.reset();
    m_order = order;
    m_leastName->setText(isByLayer ? tr("order by a quantity for its least value")
                                   : tr("%1 at least").arg(name));
    m_leastName->setWordWrap(isByLayer);
    m_least->setVisible(!isByLayer);
    showFilter(m_filter);
}

void HeadFilterBar::setFilter(const HeadFilter& filter)
{
    HeadFilter wanted = filter;
    if (m_order == HeadOrder::Layer)
        wanted.least.reset();
    showFilter(wanted);
    if (wanted == m_filter)
        return;
    m_filter = wanted;
    emit filterChanged();
}

void HeadFilterBar::showFilter(const HeadFilter& filter)
{
    m_filling = true;
    const int last = std::max(0, m_layers - 1);
    for (QSpinBox* const layer : {m_first, m_last})
        layer->setRange(0, last);
    m_first->setValue(filter.firstLayer.value_or(0));
    m_last->setValue(filter.lastLayer.value_or(last));
    const OrderUnit unit = unitOf(m_order);
    m_least->setSuffix(unit.suffix);
    m_least->setDecimals(unit.decimals);
    m_least->setRange(0, unit.most);
    m_least->setSingleStep(unit.most <= 1 ? 0.01 : 1);
    m_least->setValue(filter.least.value_or(0) * unit.scale);
    m_readers->setChecked(filter.leastRead.has_value());
    m_leastRead->setValue(filter.leastRead.value_or(HeadFilter::kLeastRead) * 100);
    m_leastRead->setEnabled(filter.leastRead.has_value());
    m_clear->setEnabled(filter.isActive());
    m_filling = false;
}

void HeadFilterBar::take()
{
    if (m_filling)
        return;
    HeadFilter filter;
    if (m_first->value() > 0)
        filter.firstLayer = m_first->value();
    if (m_last->value() < m_layers - 1)
        filter.lastLayer = m_last->value();
    if (m_order != HeadOrder::Layer && m_least->value() > 0)
        filter.least = m_least->value() / unitOf(m_order).scale;
    if (m_readers->isChecked())
        filter.leastRead = m_leastRead->value() / 100;
    m_leastRead->setEnabled(m_readers->isChecked());
    m_clear->setEnabled(filter.isActive());
    if (filter == m_filter)
        return;
    m_filter = filter;
    emit filterChanged();
}

} // namespace headwater
