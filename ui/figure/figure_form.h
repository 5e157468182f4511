// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/figure/heatmap_options.h"
#include "core/trace/trace_reader.h"

#include <QString>
#include <QWidget>
#include <cstdint>
#include <memory>
#include <optional>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLineEdit;
class QSpinBox;

namespace headwater {

/// What a figure is to be made of: the trace, what the map shows of it, and what is locked there.
struct FigureSubject {
    std::shared_ptr<const Trace> trace;
    HeatmapFigureOptions onScreen; ///< head, part, masks and colours as the map has them
    std::optional<std::uint32_t> query;
    std::optional<std::uint32_t> key;
};

/// The options of a figure as fields. A field that says what no figure can be is framed, and tells why.
class FigureForm : public QWidget {
    Q_OBJECT
public:
    explicit FigureForm(FigureSubject subject, QWidget* parent = nullptr);

    /// What the fields say; where one is wrong, its last right value stands.
    const HeatmapFigureOptions& options() const { return m_options; }
    /// Why the fields are no figure; empty when they are one.
    const QString& failure() const { return m_failure; }
    /// Words as text are a choice of SVG alone, resolution one of PNG.
    void setFormat(const QString& extension);

signals:
    void changed();

private:
    void addSubject(QFormLayout& form);
    void addPage(QFormLayout& form);
    void addMarks(QFormLayout& form);
    void addColours(QFormLayout& form);
    void addParts(QFormLayout& form);
    void fill();
    void read();
    QCheckBox* check(const char* name, const QString& text);
    QString readHeads(HeatmapFigureOptions& options) const;
    void readMarks(HeatmapFigureOptions& options) const;
    QString readRange(HeatmapFigureOptions& options) const;

    FigureSubject m_subject;
    HeatmapFigureOptions m_options;
    QString m_failure;
    QLineEdit* m_heads;
    QComboBox* m_part;
    QComboBox* m_quantity;
    QComboBox* m_width;
    QDoubleSpinBox* m_widthMm;
    QSpinBox* m_dpi;
    QCheckBox* m_lock;
    QCheckBox* m_rowMargin;
    QCheckBox* m_keyMargin;
    QComboBox* m_colours;
    QComboBox* m_scale;
    QLineEdit* m_low;
    QLineEdit* m_high;
    QCheckBox* m_title;
    QCheckBox* m_caption;
    QCheckBox* m_bar;
    QCheckBox* m_liveText;
};

} // namespace headwater
