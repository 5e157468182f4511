// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/option_fields.h"

#include "core/options/option_table.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>
#include <QValidator>
#include <limits>

namespace headwater {

namespace {

constexpr int kPairsARow = 3; ///< a label and its control
constexpr double kStep = 0.01;
constexpr int kDecimals = 6;

QString fromView(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

/// What the table says in one line, as a sentence begins.
QString toolTipOf(const OptionRow& row)
{
    const QString help = QString::fromStdString(helpOf(row));
    return help.left(1).toUpper() + help.mid(1);
}

/// "by length (auto)": the value that leaves it to a rule, in words.
QString autoText(std::string_view words)
{
    return OptionFields::tr("%1 (auto)").arg(fromView(words));
}

/// A fraction as it is, without zeros behind it.
class NumberBox : public QDoubleSpinBox {
public:
    using QDoubleSpinBox::QDoubleSpinBox;
    QString textFromValue(double value) const override { return locale().toString(value, 'g', kDecimals); }
};

/// Lets through what the option takes; what was left unfinished becomes what it was before.
class OptionValidator : public QValidator {
public:
    OptionValidator(const OptionRow& row, QObject* parent)
        : QValidator(parent)
        , m_row(row)
    {
    }

    State validate(QString& text, int& /*at*/) const override
    {
        if (!valueOfText(m_row, text.toStdString()))
            return Intermediate;
        m_last = text;
        return Acceptable;
    }

    void fixup(QString& text) const override { text = m_last; }
    const QString& last() const { return m_last; }

private:
    const OptionRow& m_row;
    mutable QString m_last;
};

} // namespace

OptionFields::OptionFields(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("run_options"));
    auto* const advanced = new QWidget(this);
    advanced->setObjectName(QStringLiteral("run_advanced"));
    auto* const basic = new QWidget(this);
    int places[2] = {0, 0};
    QGridLayout* grids[2] = {new QGridLayout(basic), new QGridLayout(advanced)};
    for (QGridLayout* const grid : grids) {
        grid->setContentsMargins(0, 0, 0, 0);
        grid->setHorizontalSpacing(16);
        grid->setVerticalSpacing(8);
        for (int pair = 0; pair < kPairsARow; ++pair)
            grid->setColumnStretch(2 * pair + 1, 1);
    }
    for (const OptionRow& row : optionRows()) {
        const int part = row.traits.isAdvanced ? 1 : 0;
        if (row.isOf(RunVerb) && !row.traits.label.empty())
            add(grids[part], row, places[part]++);
    }
    auto* const fold = new QToolButton(this);
    fold->setObjectName(QStringLiteral("run_advanced_fold"));
    fold->setText(tr("More parameters"));
    fold->setAccessibleName(fold->text());
    fold->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    fold->setArrowType(Qt::RightArrow);
    fold->setCheckable(true);
    fold->setAutoRaise(true);
    advanced->hide();
    connect(fold, &QToolButton::toggled, this, [fold, advanced](bool isOpen) {
        fold->setArrowType(isOpen ? Qt::DownArrow : Qt::RightArrow);
        advanced->setVisible(isOpen);
    });
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(basic);
    layout->addWidget(fold);
    layout->addWidget(advanced);
    setOptions({});
}

void OptionFields::setOptions(const RunOptions& options)
{
    const QSignalBlocker silent(this);
    for (const Field& field : m_fields)
        field.show(field.row->get(options));
}

void OptionFields::applyTo(RunOptions& options) const
{
    for (const Field& field : m_fields)
        field.row->set(options, field.value());
}

void OptionFields::add(QGridLayout* grid, const OptionRow& row, int place)
{
    QWidget* const control = makeControl(row);
    control->setObjectName(QStringLiteral("run_") + QString::fromStdString(row.parameter));
    control->setAccessibleName(fromView(row.traits.label));
    control->setToolTip(toolTipOf(row));
    const int line = place / kPairsARow;
    const int column = 2 * (place % kPairsARow);
    if (std::holds_alternative<Flag>(row.kind)) {
        grid->addWidget(control, line, column, 1, 2);
        return;
    }
    auto* const label = new QLabel(fromView(row.traits.label), this);
    label->setProperty("role", QStringLiteral("dim"));
    label->setBuddy(control);
    grid->addWidget(label, line, column);
    grid->addWidget(control, line, column + 1);
}

QWidget* OptionFields::makeControl(const OptionRow& row)
{
    if (std::holds_alternative<Flag>(row.kind)) {
        auto* const box = new QCheckBox(fromView(row.traits.label), this);
        m_fields.push_back({&row, [box] { return OptionValue(box->isChecked()); },
                            [box](const OptionValue& value) { box->setChecked(std::get<bool>(value)); }});
        connect(box, &QCheckBox::toggled, this, &OptionFields::changed);
        return box;
    }
    if (std::holds_alternative<Choice>(row.kind))
        return makeChoice(row, std::get<Choice>(row.kind));
    if (const auto* const count = std::get_if<Count>(&row.kind))
        return makeCount(row, *count);
    if (const auto* const number = std::get_if<Number>(&row.kind))
        return makeNumber(row, *number);
    return makeText(row);
}

QComboBox* OptionFields::makeList(const OptionRow& row)
{
    auto* const box = new QComboBox(this);
    // The item's data is the value as the command line has it.
    m_fields.push_back({&row,
                        [box, &row] {
                            const Result<OptionValue> value =
                                valueOfText(row, box->currentData().toString().toStdString());
                            return value ? *value : OptionValue();
                        },
                        [box, &row](const OptionValue& value) {
                            const QString text = QString::fromStdString(textOf(row, value));
                            box->setCurrentIndex(std::max(0, box->findData(text)));
                        }});
    connect(box, &QComboBox::currentIndexChanged, this, &OptionFields::changed);
    return box;
}

QWidget* OptionFields::makeChoice(const OptionRow& row, const Choice& kind)
{
    QComboBox* const box = makeList(row);
    for (const OptionChoice& one : kind.all) {
        const bool isRule = one.name == "auto" && !one.words.empty();
        box->addItem(isRule ? autoText(one.words) : fromView(one.name), fromView(one.name));
        box->setItemData(box->count() - 1, fromView(one.words), Qt::ToolTipRole);
    }
    return box;
}

QWidget* OptionFields::makeCount(const OptionRow& row, const Count& kind)
{
    if (kind.isPowerOfTwo) {
        QComboBox* const box = makeList(row);
        if (!kind.zero.empty())
            box->addItem(fromView(kind.zero), QStringLiteral("0"));
        for (std::uint64_t power = kind.least; power <= kind.most; power *= 2)
            box->addItem(QString::number(power), QString::number(power));
        return box;
    }
    if (kind.most > static_cast<std::uint64_t>(std::numeric_limits<int>::max()))
        return makeText(row);
    auto* const box = new QSpinBox(this);
    box->setRange(kind.zero.empty() ? static_cast<int>(kind.least) : 0, static_cast<int>(kind.most));
    box->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
    if (!kind.zero.empty())
        box->setSpecialValueText(fromView(kind.zero));
    m_fields.push_back({&row, [box] { return OptionValue(static_cast<std::uint64_t>(box->value())); },
                        [box](const OptionValue& value) {
                            box->setValue(static_cast<int>(std::get<std::uint64_t>(value)));
                        }});
    connect(box, &QSpinBox::valueChanged, this, &OptionFields::changed);
    return box;
}

QWidget* OptionFields::makeNumber(const OptionRow& row, const Number& kind)
{
    auto* const box = new NumberBox(this);
    const bool hasRule = std::holds_alternative<std::monostate>(row.get(RunOptions{}));
    box->setDecimals(kDecimals);
    box->setSingleStep(kStep);
    box->setRange(hasRule ? kind.least - kStep : kind.least, kind.most);
    if (hasRule)
        box->setSpecialValueText(tr("auto"));
    const double least = kind.least;
    m_fields.push_back(
        {&row, [box, least] { return box->value() < least ? OptionValue() : OptionValue(box->value()); },
         [box](const OptionValue& value) {
             const auto* const number = std::get_if<double>(&value);
             box->setValue(number != nullptr ? *number : box->minimum());
         }});
    connect(box, &QDoubleSpinBox::valueChanged, this, &OptionFields::changed);
    return box;
}

QWidget* OptionFields::makeText(const OptionRow& row)
{
    auto* const line = new QLineEdit(this);
    auto* const validator = new OptionValidator(row, line);
    line->setValidator(validator);
    m_fields.push_back({&row,
                        [validator, &row] {
                            const Result<OptionValue> value =
                                valueOfText(row, validator->last().toStdString());
                            return value ? *value : OptionValue();
                        },
                        [line, &row](const OptionValue& value) {
                            line->setText(QString::fromStdString(textOf(row, value)));
                        }});
    connect(line, &QLineEdit::textChanged, this, &OptionFields::changed);
    return line;
}

} // namespace headwater
