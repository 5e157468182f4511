// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/options/option_row.h"

#include <QWidget>
#include <functional>
#include <vector>

class QComboBox;
class QGridLayout;

namespace headwater {

/// One control for each option that has a label in the table (core/options/option_table.h), by its kind, with
/// its range, its default and its help; those of the advanced part are folded away.
class OptionFields : public QWidget {
    Q_OBJECT
public:
    explicit OptionFields(QWidget* parent = nullptr);

    /// Shows what the options say; says nothing of it.
    void setOptions(const RunOptions& options);
    /// Sets what the controls say; options without a control stay as they are.
    void applyTo(RunOptions& options) const;

signals:
    void changed();

private:
    struct Field {
        const OptionRow* row;
        std::function<OptionValue()> value;
        std::function<void(const OptionValue&)> show;
    };

    void add(QGridLayout* grid, const OptionRow& row, int place);
    QWidget* makeControl(const OptionRow& row);
    QComboBox* makeList(const OptionRow& row);
    QWidget* makeChoice(const OptionRow& row, const Choice& kind);
    QWidget* makeCount(const OptionRow& row, const Count& kind);
    QWidget* makeNumber(const OptionRow& row, const Number& kind);
    QWidget* makeText(const OptionRow& row);

    std::vector<Field> m_fields;
};

} // namespace headwater
