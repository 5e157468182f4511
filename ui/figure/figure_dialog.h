// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/figure/heatmap_options.h"
#include "ui/bridge/background_job.h"
#include "ui/figure/figure_form.h"

#include <QDialog>
#include <QImage>
#include <QString>
#include <QTimer>

class QComboBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;

namespace headwater {

class FigurePreview;
class WrappedLabel;

/// Where the figure of a head is to stand if nobody says otherwise: beside the trace, or at home where
/// nothing can be written there, as "needle-8k-L5H1.pdf".
QString figurePathOf(const FigureSubject& subject);

/// A figure before it is written: the page itself at its physical size and closer, drawn again at every
/// change; the options; the caption as a text to copy. Opened with open(); the drawing waits for nothing and
/// is stopped by the next change.
class FigureDialog : public QDialog {
    Q_OBJECT
public:
    /// `path`: where the figure is to stand, its ending its format.
    FigureDialog(FigureSubject subject, const QString& path, QWidget* parent = nullptr);

    const HeatmapFigureOptions& options() const { return m_form->options(); }
    /// Where it is to be written, as pathText().
    QString path() const;
    /// The command that makes the same file.
    QString command() const;
    /// A figure of the options as they stand is drawn.
    bool isDrawn() const { return m_isDrawn; }

signals:
    void exportAsked(const headwater::HeatmapFigureOptions& options, const QString& path);
    void drawn(); ///< or not, and the failure is said

private:
    /// What the drawing came to.
    struct Page {
        QString failure;
        QString caption;
        QString dropped;
        double widthMm = 0;
        double heightMm = 0;
        QImage physical;
        QImage closeUp;
    };
    static Page draw(const std::shared_ptr<const Trace>& trace, const HeatmapFigureOptions& options,
                     double dpi, double closer, double pixelRatio, const std::stop_token& stop);

    QWidget* makePreview();
    QWidget* makeOptions();
    QLayout* makeButtons();
    void changeFormat(const QString& extension);
    void choosePath();
    void showPath();
    void redraw();
    void show(const Page& page);
    void say(const QString& failure);

    std::shared_ptr<const Trace> m_trace;
    FigureForm* m_form;
    QLabel* m_size = nullptr;
    FigurePreview* m_physical = nullptr;
    FigurePreview* m_closeUp = nullptr;
    QComboBox* m_closer = nullptr;
    QPlainTextEdit* m_caption = nullptr;
    WrappedLabel* m_note = nullptr;
    QLineEdit* m_path = nullptr;
    QPushButton* m_export = nullptr;
    BackgroundJob m_job;
    QTimer m_pause;
    bool m_isDrawn = false;
};

} // namespace headwater
