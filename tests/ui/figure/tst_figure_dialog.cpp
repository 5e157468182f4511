// SPDX-License-Identifier: GPL-3.0-or-later
// The figure before it is written: what the fields say is what is drawn, written and copied.
#include "ui/figure/figure_dialog.h"

#include "core/figure/cairo_painter.h"
#include "core/figure/figure_length.h"
#include "core/figure/heatmap_figure.h"
#include "support/patience.h"
#include "ui/figure/figure_preview.h"
#include "ui/map/made_trace.h"

#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>

using namespace headwater;
using namespace headwater::testing;

class TestFigureDialog : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::shared_ptr<const Trace> m_trace;

    FigureSubject subject() const
    {
        FigureSubject made;
        made.trace = m_trace;
        made.onScreen.layer = 1;
        made.onScreen.queries = TokenRange{600, 1000};
        made.onScreen.keys = TokenRange{200, 1000};
        made.query = 990;
        made.key = 212;
        return made;
    }
    QString file(const char* name) const { return m_folder.filePath(QLatin1String(name)); }

    std::unique_ptr<FigureDialog> opened(const FigureSubject& of) const
    {
        auto dialog = std::make_unique<FigureDialog>(of, file("a.pdf"));
        dialog->setAttribute(Qt::WA_DeleteOnClose, false);
        dialog->open();
        return dialog;
    }
    template <class Widget> static Widget* in(const FigureDialog& dialog, const char* name)
    {
        return dialog.findChild<Widget*>(QLatin1String(name));
    }
    /// Waits until the fields as they stand are drawn or refused.
    static void wait(FigureDialog& dialog)
    {
        QSignalSpy drawn(&dialog, &FigureDialog::drawn);
        QVERIFY(drawn.wait(headwater::test::kPatienceMs));
    }

private slots:
    void initTestCase()
    {
        auto trace = writeMadeTrace(file("made.hwt").toStdString(), MadeTrace{});
        QVERIFY2(trace.has_value(), trace ? "" : trace.error().text().c_str());
        m_trace = *trace;
    }

    void preview_isTheFigureItself()
    {
        auto dialog = opened(subject());
        wait(*dialog);
        QVERIFY(dialog->isDrawn());
        const HeatmapFigureOptions& options = dialog->options();
        QCOMPARE(options.markedQueries, (std::vector<TokenRange>{{990, 991}}));
        QCOMPARE(options.markedKeys, (std::vector<TokenRange>{{212, 213}}));
        auto fonts = FigureFonts::load();
        QVERIFY(fonts);
        const auto spec = heatmapFigure(m_trace, options, *fonts);
        QVERIFY(spec);
        const double ratio = dialog->devicePixelRatioF();
        const double dpi = dialog->screen()->physicalDotsPerInch() / ratio;
        const auto raster = rasteriseFigure(*spec, *fonts, dpi * 2 * ratio);
        QVERIFY(raster);
        const auto previews = dialog->findChildren<FigurePreview*>();
        QCOMPARE(previews.size(), 2);
        const QImage& closeUp = previews[1]->page();
        QCOMPARE(closeUp.size(), QSize(static_cast<int>(raster->width), static_cast<int>(raster->height)));
        for (int row = 0; row < closeUp.height(); ++row) {
            for (int x = 0; x < closeUp.width(); ++x)
                QCOMPARE(closeUp.pixel(x, row),
                         raster->pixels[std::size_t(row) * raster->width + std::size_t(x)]);
        }
        QCOMPARE(in<QPlainTextEdit>(*dialog, "figure_caption_text")->toPlainText().toStdString(),
                 spec->caption);
        QVERIFY(spec->caption.find("Framed: query 990") != std::string::npos);
        QVERIFY(in<QLabel>(*dialog, "figure_size")->text().startsWith(QStringLiteral("77.0 × ")));
    }

    void fields_areTheOptions()
    {
        auto dialog = opened(subject());
        in<QLineEdit>(*dialog, "figure_heads")->setText(QStringLiteral("L1H0, l0 h1"));
        auto* const width = in<QComboBox>(*dialog, "figure_width");
        width->setCurrentIndex(width->findText(QStringLiteral("ICML, both columns")));
        in<QComboBox>(*dialog, "figure_part")->setCurrentIndex(1);
        in<QComboBox>(*dialog, "figure_quantity")->setCurrentIndex(1);
        in<QLineEdit>(*dialog, "figure_low")->setText(QStringLiteral("0.01"));
        in<QComboBox>(*dialog, "figure_scale")->setCurrentIndex(1);
        in<QCheckBox>(*dialog, "figure_caption")->setChecked(false);
        in<QCheckBox>(*dialog, "figure_margin_query")->setChecked(true);
        wait(*dialog);
        const HeatmapFigureOptions& options = dialog->options();
        QVERIFY((options.heads == std::vector<HeadId>{{1, 0}, {0, 1}}));
        QCOMPARE(options.widthMm, 171.45);
        QVERIFY(!options.queries && !options.keys);
        QCOMPARE(options.quantity, CellQuantity::Count);
        QCOMPARE(options.limits, (ScaleLimits{0.01, 1, false}));
        QVERIFY(!options.hasCaption && options.hasRowMargin && !options.hasKeyMargin);
        QVERIFY2(dialog->isDrawn(), qPrintable(in<QLabel>(*dialog, "figure_note")->text()));
        // A width of nobody's is free.
        in<QDoubleSpinBox>(*dialog, "figure_width_mm")->setValue(123.4);
        QCOMPARE(width->currentText(), QStringLiteral("free"));
        QCOMPARE(dialog->options().widthMm, 123.4);
    }

    void wrongFields_areSaid_andNothingIsExported()
    {
        auto dialog = opened(subject());
        wait(*dialog);
        auto* const heads = in<QLineEdit>(*dialog, "figure_heads");
        auto* const note = in<QLabel>(*dialog, "figure_note");
        for (const char* wrong : {"L9H0", "nine", "", "L1H0, "}) {
            const bool isRight = QLatin1String(wrong) == QLatin1String("L1H0, ");
            heads->setText(QLatin1String(wrong));
            wait(*dialog);
            QCOMPARE(in<QPushButton>(*dialog, "figure_export")->isEnabled(), isRight);
            QCOMPARE(heads->property("invalid").toBool(), !isRight);
            QVERIFY(isRight || note->text().contains(QStringLiteral("head"))
                    || note->text().contains(QStringLiteral("L9H0 is not in this trace")));
        }
        in<QLineEdit>(*dialog, "figure_high")->setText(QStringLiteral("0.00001"));
        wait(*dialog);
        QVERIFY(note->text().contains(QStringLiteral("low < high")));
        QVERIFY(!in<QPushButton>(*dialog, "figure_export")->isEnabled());
        in<QLineEdit>(*dialog, "figure_high")->setText(QStringLiteral("1"));
        in<QDoubleSpinBox>(*dialog, "figure_width_mm")->setValue(10); // no room for a map
        wait(*dialog);
        QVERIFY(note->text().contains(QStringLiteral("are the least")));
    }

    void lockOutsideThePart_cannotBeMarked()
    {
        FigureSubject of = subject();
        of.query = 10;
        of.key.reset();
        auto dialog = opened(of);
        QVERIFY(!in<QCheckBox>(*dialog, "figure_mark_lock")->isEnabled());
        QVERIFY(!in<QCheckBox>(*dialog, "figure_margin_query")->isEnabled());
        QVERIFY(dialog->options().markedQueries.empty());
        in<QComboBox>(*dialog, "figure_part")->setCurrentIndex(1); // all tokens: now it is in
        QVERIFY(in<QCheckBox>(*dialog, "figure_mark_lock")->isEnabled());
        QCOMPARE(dialog->options().markedQueries, (std::vector<TokenRange>{{10, 11}}));
    }

    void file_namesItsFormat_andSaysWhatItReplaces()
    {
        auto dialog = opened(subject());
        wait(*dialog);
        auto* const path = in<QLineEdit>(*dialog, "figure_path");
        QVERIFY(in<QPushButton>(*dialog, "figure_pdf")->isChecked());
        QVERIFY(!in<QSpinBox>(*dialog, "figure_dpi")->isEnabled());
        QTest::mouseClick(in<QPushButton>(*dialog, "figure_svg"), Qt::LeftButton);
        QCOMPARE(path->text(), file("a.svg"));
        QVERIFY(in<QCheckBox>(*dialog, "figure_live_text")->isEnabled());
        QTest::mouseClick(in<QPushButton>(*dialog, "figure_png"), Qt::LeftButton);
        QVERIFY(in<QSpinBox>(*dialog, "figure_dpi")->isEnabled());
        path->setText(file("a.txt"));
        QVERIFY(!in<QPushButton>(*dialog, "figure_export")->isEnabled());
        path->setText(file("there.pdf"));
        QCOMPARE(in<QPushButton>(*dialog, "figure_export")->text(), QStringLiteral("Export"));
        QFile there(file("there.pdf"));
        QVERIFY(there.open(QIODevice::WriteOnly));
        there.close();
        path->setText(file("ther.pdf"));
        path->setText(file("there.pdf"));
        QCOMPARE(in<QPushButton>(*dialog, "figure_export")->text(), QStringLiteral("Replace"));
    }

    void export_andCopies_areOfTheFields()
    {
        auto dialog = opened(subject());
        wait(*dialog);
        QTest::mouseClick(in<QPushButton>(*dialog, "figure_copy_command"), Qt::LeftButton);
        const QString line = QApplication::clipboard()->text();
        QVERIFY2(line.startsWith(QStringLiteral("headwater figure ")) && line.contains(file("made.hwt"))
                     && line.contains(QStringLiteral("--layer 1 --head 0 --query 600:1000 --key 200:1000"))
                     && line.contains(QStringLiteral("--mark-query 990:991 --mark-key 212:213"))
                     && line.endsWith(QStringLiteral("-o ") + file("a.pdf")),
                 qPrintable(line));
        QTest::mouseClick(in<QPushButton>(*dialog, "figure_copy_caption"), Qt::LeftButton);
        QCOMPARE(QApplication::clipboard()->text(),
                 in<QPlainTextEdit>(*dialog, "figure_caption_text")->toPlainText());
        HeatmapFigureOptions asked;
        QString path;
        connect(dialog.get(), &FigureDialog::exportAsked, this,
                [&](const HeatmapFigureOptions& options, const QString& to) {
                    asked = options;
                    path = to;
                });
        QTest::mouseClick(in<QPushButton>(*dialog, "figure_export"), Qt::LeftButton);
        QCOMPARE(path, file("a.pdf"));
        QCOMPARE(asked.markedKeys, (std::vector<TokenRange>{{212, 213}}));
        QVERIFY(!dialog->isVisible());
    }
};

QTEST_MAIN(TestFigureDialog)
#include "tst_figure_dialog.moc"
