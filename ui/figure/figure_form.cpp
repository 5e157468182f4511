// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/figure/figure_form.h"

#include "core/base/text.h"
#include "core/figure/figure_length.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QRegularExpression>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QStyle>
#include <cmath>
#include <utility>

namespace headwater {

namespace {

constexpr const char* kFree = "free";

QString named(const HeadId& head)
{
    return QStringLiteral("L%1H%2").arg(head.layer).arg(head.head);
}

QString position(std::uint32_t token)
{
    return QString::fromStdString(withThousands(token));
}

/// "queries 8 004–8 011, keys 3 999–4 009".
QString partText(const HeatmapFigureOptions& options, std::uint32_t seqLen)
{
    const auto text = [](const TokenRange& range) {
        return QStringLiteral("%1–%2").arg(position(range.begin), position(range.end - 1));
    };
    const TokenRange all{0, seqLen};
    return FigureForm::tr("as on screen: queries %1, keys %2")
        .arg(text(options.queries.value_or(all)), text(options.keys.value_or(all)));
}

void setInvalid(QLineEdit* edit, bool isInvalid)
{
    if (edit->property("invalid").toBool() == isInvalid)
        return;
    edit->setProperty("invalid", isInvalid);
    edit->style()->unpolish(edit);
    edit->style()->polish(edit);
}

bool holds(const std::optional<TokenRange>& range, std::uint32_t token)
{
    return !range || (range->begin <= token && token < range->end);
}

template <class Widget> Widget* named(Widget* widget, const char* name, const QString& accessible)
{
    widget->setObjectName(QLatin1String(name));
    widget->setAccessibleName(accessible);
    return widget;
}

QWidget* inRow(std::initializer_list<QWidget*> widgets)
{
    auto* const row = new QWidget;
    auto* const layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    for (QWidget* widget : widgets)
        layout->addWidget(widget);
    layout->addStretch(1);
    return row;
}

} // namespace

FigureForm::FigureForm(FigureSubject subject, QWidget* parent)
    : QWidget(parent)
    , m_subject(std::move(subject))
    , m_options(m_subject.onScreen)
{
    auto* const form = new QFormLayout(this);
    form->setContentsMargins(0, 0, 0, 0);
    form->setVerticalSpacing(8);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    addSubject(*form);
    addPage(*form);
    addMarks(*form);
    addColours(*form);
    addParts(*form);
    fill();
    read();
}

void FigureForm::addSubject(QFormLayout& form)
{
    m_heads = named(new QLineEdit, "figure_heads", tr("Heads of the figure, as in L5H1, L23H2"));
    m_heads->setToolTip(tr("One head, or several: each becomes a panel, (a), (b), (c)"));
    connect(m_heads, &QLineEdit::textChanged, this, &FigureForm::read);
    form.addRow(tr("Heads"), m_heads);
    m_part = named(new QComboBox, "figure_part", tr("Part of the map"));
    m_part->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_part->addItem(partText(m_subject.onScreen, m_subject.trace->seqLen()));
    m_part->addItem(tr("all %1 tokens").arg(position(m_subject.trace->seqLen())));
    connect(m_part, &QComboBox::currentIndexChanged, this, &FigureForm::read);
    form.addRow(tr("Part"), m_part);
    m_quantity = named(new QComboBox, "figure_quantity", tr("What a cell shows"));
    m_quantity->addItem(tr("largest probability"), static_cast<int>(CellQuantity::Max));
    m_quantity->addItem(tr("number of kept blocks"), static_cast<int>(CellQuantity::Count));
    m_quantity->addItem(tr("missed mass"), static_cast<int>(CellQuantity::Missed));
    connect(m_quantity, &QComboBox::currentIndexChanged, this, &FigureForm::read);
    form.addRow(tr("A cell shows"), m_quantity);
}

void FigureForm::addPage(QFormLayout& form)
{
    m_width = named(new QComboBox, "figure_width", tr("Width of the figure"));
    for (const PageWidth& width : pageWidths())
        m_width->addItem(QString::fromUtf8(width.of.data(), static_cast<qsizetype>(width.of.size())),
                         width.mm);
    m_width->addItem(tr("free"), QLatin1String(kFree));
    m_widthMm = named(new QDoubleSpinBox, "figure_width_mm", tr("Width in millimetres"));
    m_widthMm->setRange(10, 2000);
    m_widthMm->setDecimals(2);
    m_widthMm->setSuffix(tr(" mm"));
    m_widthMm->setKeyboardTracking(false);
    connect(m_width, &QComboBox::currentIndexChanged, this, [this] {
        if (m_width->currentData().userType() == QMetaType::Double)
            m_widthMm->setValue(m_width->currentData().toDouble());
    });
    connect(m_widthMm, &QDoubleSpinBox::valueChanged, this, [this](double mm) {
        int found = m_width->count() - 1;
        for (int i = 0; i < m_width->count() - 1; ++i)
            found = std::abs(m_width->itemData(i).toDouble() - mm) < 0.005 ? i : found;
        const QSignalBlocker blocker(m_width);
        m_width->setCurrentIndex(found);
        read();
    });
    form.addRow(tr("Width"), inRow({m_width, m_widthMm}));
    m_dpi = named(new QSpinBox, "figure_dpi", tr("Resolution of a PNG, dots an inch"));
    m_dpi->setRange(30, 2400);
    m_dpi->setSuffix(tr(" dpi"));
    m_dpi->setKeyboardTracking(false);
    connect(m_dpi, &QSpinBox::valueChanged, this, &FigureForm::read);
    m_liveText = check("figure_live_text", tr("words as text"));
    m_liveText->setToolTip(
        tr("An SVG's words can be changed in an editor and need its fonts (Inter, JetBrains Mono); else they "
           "are outlines, the same everywhere"));
    form.addRow(tr("File"), inRow({m_dpi, m_liveText}));
}

void FigureForm::addMarks(QFormLayout& form)
{
    m_lock = check("figure_mark_lock", tr("frame what is locked"));
    m_rowMargin = check("figure_margin_query", tr("what the query reads"));
    m_keyMargin = check("figure_margin_key", tr("who reads the key"));
    m_lock->setToolTip(tr("Lock a row, a key or both in the map, inside the part that the figure shows"));
    m_rowMargin->setToolTip(tr("Bars above the map; lock a row first"));
    m_keyMargin->setToolTip(tr("Bars right of the map; lock a key first"));
    form.addRow(tr("Marks"), m_lock);
    form.addRow(tr("Margins"), inRow({m_rowMargin, m_keyMargin}));
}

void FigureForm::addColours(QFormLayout& form)
{
    m_colours = named(new QComboBox, "figure_colours", tr("Colours"));
    for (const Colormap map : {Colormap::Magma, Colormap::Viridis, Colormap::Cividis, Colormap::Greys}) {
        const QString name = QString::fromLatin1(nameOf(map));
        m_colours->addItem(tr("%1, dark on the page").arg(name), QPoint(static_cast<int>(map), 1));
        m_colours->addItem(tr("%1, as published").arg(name), QPoint(static_cast<int>(map), 0));
    }
    m_scale = named(new QComboBox, "figure_scale", tr("Scale of the colours"));
    m_scale->addItem(tr("log"), true);
    m_scale->addItem(tr("linear"), false);
    connect(m_colours, &QComboBox::currentIndexChanged, this, &FigureForm::read);
    connect(m_scale, &QComboBox::currentIndexChanged, this, &FigureForm::read);
    form.addRow(tr("Colours"), inRow({m_colours, m_scale}));
    m_low = named(new QLineEdit, "figure_low", tr("Low end of the colours"));
    m_high = named(new QLineEdit, "figure_high", tr("High end of the colours"));
    for (QLineEdit* edit : {m_low, m_high}) {
        edit->setMaximumWidth(96);
        connect(edit, &QLineEdit::textChanged, this, &FigureForm::read);
    }
    form.addRow(tr("Range"), inRow({m_low, new QLabel(tr("to")), m_high}));
}

void FigureForm::addParts(QFormLayout& form)
{
    m_title = check("figure_title", tr("title"));
    m_caption = check("figure_caption", tr("caption"));
    m_bar = check("figure_bar", tr("colour bar"));
    form.addRow(tr("In the figure"), inRow({m_title, m_caption, m_bar}));
}

QCheckBox* FigureForm::check(const char* name, const QString& text)
{
    QCheckBox* const made = named(new QCheckBox(text), name, text);
    connect(made, &QCheckBox::toggled, this, &FigureForm::read);
    return made;
}

void FigureForm::fill()
{
    const HeatmapFigureOptions& options = m_subject.onScreen;
    const QList<QWidget*> fields = findChildren<QWidget*>();
    for (QWidget* field : fields)
        field->blockSignals(true);
    m_heads->setText(named(HeadId{options.layer, options.head}));
    m_quantity->setCurrentIndex(m_quantity->findData(static_cast<int>(options.quantity)));
    m_widthMm->setValue(options.widthMm);
    m_dpi->setValue(static_cast<int>(std::lround(options.pngDpi)));
    m_colours->setCurrentIndex(
        m_colours->findData(QPoint(static_cast<int>(options.colormap), options.isReversed ? 1 : 0)));
    m_scale->setCurrentIndex(options.limits.isLogarithmic ? 0 : 1);
    m_low->setText(QString::number(options.limits.low));
    m_high->setText(QString::number(options.limits.high));
    m_lock->setChecked(m_subject.query || m_subject.key);
    m_title->setChecked(options.hasTitle);
    m_caption->setChecked(options.hasCaption);
    m_bar->setChecked(options.hasBar);
    for (QWidget* field : fields)
        field->blockSignals(false);
}

void FigureForm::setFormat(const QString& extension)
{
    m_dpi->setEnabled(extension == QStringLiteral("png"));
    m_liveText->setEnabled(extension == QStringLiteral("svg"));
}

/// "L5H1, L23H2": one head, or a panel for each of several.
QString FigureForm::readHeads(HeatmapFigureOptions& options) const
{
    static const QRegularExpression kHead(QStringLiteral("^L(\\d{1,4}) ?[·.]? ?H(\\d{1,4})$"),
                                          QRegularExpression::CaseInsensitiveOption);
    std::vector<HeadId> heads;
    const QStringList names =
        m_heads->text().split(QRegularExpression(QStringLiteral("[,;]")), Qt::SkipEmptyParts);
    for (const QString& name : names) {
        if (name.trimmed().isEmpty()) // a comma more
            continue;
        const auto match = kHead.match(name.trimmed());
        const HeadId head{match.captured(1).toInt(), match.captured(2).toInt()};
        if (!match.hasMatch())
            return tr("“%1” names no head: write L5H1, or several with commas").arg(name.trimmed());
        if (!m_subject.trace->findHead(head.layer, head.head))
            return tr("%1 is not in this trace").arg(named(head));
        heads.push_back(head);
    }
    if (heads.empty() || heads.size() > kMostPanels)
        return tr("One head to %1 can be in a figure").arg(kMostPanels);
    options.layer = heads.front().layer;
    options.head = heads.front().head;
    options.heads = heads.size() > 1 ? heads : std::vector<HeadId>();
    return {};
}

void FigureForm::readMarks(HeatmapFigureOptions& options) const
{
    const bool isQueryShown = m_subject.query && holds(options.queries, *m_subject.query);
    const bool isKeyShown = m_subject.key && holds(options.keys, *m_subject.key);
    m_lock->setEnabled(isQueryShown || isKeyShown);
    m_rowMargin->setEnabled(isQueryShown && m_lock->isChecked());
    m_keyMargin->setEnabled(isKeyShown && m_lock->isChecked());
    options.markedQueries.clear();
    options.markedKeys.clear();
    if (isQueryShown && m_lock->isChecked())
        options.markedQueries = {{*m_subject.query, *m_subject.query + 1}};
    if (isKeyShown && m_lock->isChecked())
        options.markedKeys = {{*m_subject.key, *m_subject.key + 1}};
    options.hasRowMargin = m_rowMargin->isEnabled() && m_rowMargin->isChecked();
    options.hasKeyMargin = m_keyMargin->isEnabled() && m_keyMargin->isChecked();
}

QString FigureForm::readRange(HeatmapFigureOptions& options) const
{
    options.limits.isLogarithmic = m_scale->currentData().toBool();
    bool isLow = false;
    bool isHigh = false;
    options.limits.low = m_low->text().toDouble(&isLow);
    options.limits.high = m_high->text().toDouble(&isHigh);
    const bool isScale = isLow && isHigh && options.limits.low >= 0
        && options.limits.low < options.limits.high && options.limits.high <= 1;
    setInvalid(m_low, !isLow || !isScale);
    setInvalid(m_high, !isHigh || !isScale);
    return isScale ? QString() : tr("The range is two numbers, 0 ≤ low < high ≤ 1");
}

void FigureForm::read()
{
    HeatmapFigureOptions options = m_subject.onScreen;
    QString failure = readHeads(options);
    setInvalid(m_heads, !failure.isEmpty());
    if (m_part->currentIndex() == 1) {
        options.queries.reset();
        options.keys.reset();
    }
    options.quantity = static_cast<CellQuantity>(m_quantity->currentData().toInt());
    options.widthMm = m_widthMm->value();
    options.pngDpi = m_dpi->value();
    options.hasLiveText = m_liveText->isChecked();
    const QPoint colours = m_colours->currentData().toPoint();
    options.colormap = static_cast<Colormap>(colours.x());
    options.isReversed = colours.y() == 1;
    const QString range = readRange(options);
    readMarks(options);
    options.hasTitle = m_title->isChecked();
    options.hasCaption = m_caption->isChecked();
    options.hasBar = m_bar->isChecked();
    m_failure = failure.isEmpty() ? range : failure;
    if (m_failure.isEmpty())
        m_options = std::move(options);
    emit changed();
}

} // namespace headwater
