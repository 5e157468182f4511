// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/figure/figure_dialog.h"

#include "core/base/shell_quote.h"
#include "core/figure/cairo_painter.h"
#include "core/figure/figure_command.h"
#include "core/figure/figure_length.h"
#include "core/figure/heatmap_figure.h"
#include "ui/bridge/path_text.h"
#include "ui/figure/figure_preview.h"
#include "ui/theme/style_sheet.h"
#include "ui/theme/wrapped_label.h"

#include <QApplication>
#include <QButtonGroup>
#include <QClipboard>
#include <QComboBox>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScreen>
#include <QScrollArea>
#include <QShortcut>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <utility>

namespace headwater {

namespace {

constexpr int kPauseMs = 120; ///< typing a title draws at its end, not at every letter
constexpr double kMostPreviewSide = 6000; ///< pixels: a page of 2 m is shown smaller than it is

QPushButton* button(const char* name, const QString& text)
{
    auto* const made = new QPushButton(text);
    made->setObjectName(QLatin1String(name));
    made->setAutoDefault(false);
    return made;
}

QLabel* section(const QString& text)
{
    auto* const label = new QLabel(text);
    label->setProperty("role", QStringLiteral("title"));
    return label;
}

/// The page at so many pixels an inch, or as many as its longer side may have.
QImage imageOf(const FigureSpec& spec, FigureFonts& fonts, double dpi, double pixelRatio)
{
    const double longer = std::max(spec.widthMm, spec.heightMm) / kMmPerInch;
    const auto raster = rasteriseFigure(spec, fonts, std::min(dpi * pixelRatio, kMostPreviewSide / longer));
    if (!raster)
        return {};
    QImage image(static_cast<int>(raster->width), static_cast<int>(raster->height), QImage::Format_RGB32);
    for (std::uint32_t row = 0; row < raster->height; ++row)
        std::memcpy(image.scanLine(static_cast<int>(row)),
                    raster->pixels.data() + std::size_t{row} * raster->width,
                    std::size_t{raster->width} * sizeof(std::uint32_t));
    image.setDevicePixelRatio(pixelRatio);
    return image;
}

QScrollArea* scrolled(FigurePreview* preview, const char* name)
{
    auto* const area = new QScrollArea;
    area->setObjectName(QLatin1String(name));
    area->setAlignment(Qt::AlignCenter);
    area->setWidget(preview);
    area->setFrameShape(QFrame::NoFrame);
    area->setFocusPolicy(Qt::StrongFocus);
    return area;
}

} // namespace

QString figurePathOf(const FigureSubject& subject)
{
    std::error_code failed;
    const std::filesystem::path trace = std::filesystem::absolute(subject.trace->path(), failed);
    const QString folder = QFileInfo(QString::fromStdString(trace.parent_path().string())).isWritable()
        ? pathText(trace.parent_path())
        : QDir::homePath();
    return pathText(
        pathOf(folder)
        / fmt::format("{}-L{}H{}.pdf", trace.stem().string(), subject.onScreen.layer, subject.onScreen.head));
}

FigureDialog::FigureDialog(FigureSubject subject, const QString& path, QWidget* parent)
    : QDialog(parent)
    , m_trace(subject.trace)
    , m_form(new FigureForm(std::move(subject), this))
    , m_job(this, BackgroundJob::Urgency::Hand)
{
    setObjectName(QStringLiteral("figure_dialog"));
    setWindowTitle(tr("Figure"));
    setStyleSheet(styleSheetOf(themeOf(palette()))); // a window's parts have it each for itself
    setAttribute(Qt::WA_DeleteOnClose);
    m_path = new QLineEdit(path);
    auto* const columns = new QHBoxLayout;
    columns->setSpacing(16);
    columns->addWidget(makePreview(), 1);
    columns->addWidget(makeOptions());
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 12, 16, 12);
    layout->setSpacing(12);
    layout->addLayout(columns, 1);
    layout->addLayout(makeButtons());
    m_pause.setSingleShot(true);
    m_pause.setInterval(kPauseMs);
    connect(&m_pause, &QTimer::timeout, this, &FigureDialog::redraw);
    connect(m_form, &FigureForm::changed, this, [this] {
        m_isDrawn = false;
        m_pause.start();
    });
    showPath();
    redraw();
    const QSize room = screen()->availableSize();
    resize(std::min(1160, room.width() - 32), std::min(760, room.height() - 48));
}

QWidget* FigureDialog::makePreview()
{
    auto* const part = new QWidget;
    auto* const layout = new QVBoxLayout(part);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    m_size = new QLabel;
    m_size->setObjectName(QStringLiteral("figure_size"));
    m_size->setProperty("role", QStringLiteral("dim"));
    auto* const head = new QHBoxLayout;
    head->addWidget(section(tr("PHYSICAL SIZE")));
    head->addWidget(m_size, 1);
    layout->addLayout(head);
    m_physical = new FigurePreview;
    m_physical->setAccessibleName(tr("The figure at its physical size"));
    layout->addWidget(scrolled(m_physical, "figure_physical"), 2);
    m_closer = new QComboBox;
    m_closer->setObjectName(QStringLiteral("figure_closer"));
    m_closer->setAccessibleName(tr("How close the close-up is"));
    for (const double factor : {1.5, 2.0, 4.0})
        m_closer->addItem(tr("%1×").arg(factor), factor);
    m_closer->setCurrentIndex(1);
    connect(m_closer, &QComboBox::currentIndexChanged, this, &FigureDialog::redraw);
    auto* const closeHead = new QHBoxLayout;
    closeHead->addWidget(section(tr("CLOSE-UP")));
    closeHead->addStretch(1);
    closeHead->addWidget(m_closer);
    layout->addLayout(closeHead);
    m_closeUp = new FigurePreview;
    m_closeUp->setAccessibleName(tr("The figure, closer"));
    layout->addWidget(scrolled(m_closeUp, "figure_close_up"), 3);
    return part;
}

QWidget* FigureDialog::makeOptions()
{
    auto* const part = new QWidget;
    auto* const layout = new QVBoxLayout(part);
    layout->setContentsMargins(0, 0, 8, 0);
    layout->setSpacing(8);
    layout->addWidget(m_form);
    auto* const copy = button("figure_copy_caption", tr("Copy"));
    copy->setAccessibleName(tr("Copy the caption"));
    connect(copy, &QPushButton::clicked, this,
            [this] { QApplication::clipboard()->setText(m_caption->toPlainText()); });
    auto* const head = new QHBoxLayout;
    head->addWidget(section(tr("CAPTION")));
    head->addStretch(1);
    head->addWidget(copy);
    layout->addLayout(head);
    m_caption = new QPlainTextEdit;
    m_caption->setObjectName(QStringLiteral("figure_caption_text"));
    m_caption->setAccessibleName(tr("The caption as a text for the paper"));
    m_caption->setReadOnly(true);
    m_caption->setTabChangesFocus(true);
    m_caption->setMinimumHeight(90);
    layout->addWidget(m_caption, 1);
    m_note = new WrappedLabel;
    m_note->setObjectName(QStringLiteral("figure_note"));
    m_note->setLines(1, 3);
    layout->addWidget(m_note);
    auto* const area = new QScrollArea;
    area->setObjectName(QStringLiteral("figure_options"));
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setWidget(part);
    area->setFixedWidth(part->sizeHint().width() + 24);
    return area;
}

QLayout* FigureDialog::makeButtons()
{
    auto* const row = new QHBoxLayout;
    row->setSpacing(8);
    m_path->setObjectName(QStringLiteral("figure_path"));
    m_path->setAccessibleName(tr("File of the figure: .pdf, .svg or .png"));
    connect(m_path, &QLineEdit::textChanged, this, &FigureDialog::showPath);
    row->addWidget(m_path, 1);
    auto* const formats = new QButtonGroup(this);
    for (const char* extension : {"pdf", "svg", "png"}) {
        QPushButton* const format = button("", QString::fromLatin1(extension).toUpper());
        format->setObjectName(QStringLiteral("figure_") + QLatin1String(extension));
        format->setCheckable(true);
        formats->addButton(format);
        connect(format, &QPushButton::clicked, this,
                [this, extension] { changeFormat(QLatin1String(extension)); });
        row->addWidget(format);
    }
    QPushButton* const choose = button("figure_choose", tr("Choose…"));
    connect(choose, &QPushButton::clicked, this, &FigureDialog::choosePath);
    row->addWidget(choose);
    row->addSpacing(8);
    QPushButton* const copyCommand = button("figure_copy_command", tr("Copy as command line"));
    connect(copyCommand, &QPushButton::clicked, this,
            [this] { QApplication::clipboard()->setText(command()); });
    row->addWidget(copyCommand);
    QPushButton* const copyPicture = button("figure_copy_picture", tr("Copy picture"));
    connect(copyPicture, &QPushButton::clicked, this,
            [this] { QApplication::clipboard()->setImage(m_closeUp->page()); });
    row->addWidget(copyPicture);
    QPushButton* const cancel = button("figure_cancel", tr("Cancel"));
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    row->addWidget(cancel);
    m_export = button("figure_export", tr("Export"));
    m_export->setProperty("primary", true);
    m_export->setDefault(true);
    connect(m_export, &QPushButton::clicked, this, [this] {
        emit exportAsked(options(), path());
        accept();
    });
    row->addWidget(m_export);
    return row;
}

QString FigureDialog::path() const
{
    return m_path->text();
}

QString FigureDialog::command() const
{
    QString line =
        QStringLiteral("headwater figure ") + QString::fromStdString(shellQuoted(m_trace->path().string()));
    for (const std::string& argument : figureArguments(options()))
        line += QLatin1Char(' ') + QString::fromStdString(shellQuoted(argument));
    return line + QStringLiteral(" -o ") + QString::fromStdString(shellQuoted(pathOf(path()).string()));
}

void FigureDialog::changeFormat(const QString& extension)
{
    const QString before = QFileInfo(path()).suffix();
    QString name = path();
    if (QStringList{QStringLiteral("pdf"), QStringLiteral("svg"), QStringLiteral("png")}.contains(
            before.toLower()))
        name.chop(before.size() + 1);
    m_path->setText(name + QLatin1Char('.') + extension);
}

void FigureDialog::choosePath()
{
    auto* const chooser =
        new QFileDialog(this, tr("Export figure"), path(), tr("PDF (*.pdf);;SVG (*.svg);;PNG (*.png)"));
    chooser->setAttribute(Qt::WA_DeleteOnClose);
    chooser->setAcceptMode(QFileDialog::AcceptSave);
    chooser->setOption(QFileDialog::DontConfirmOverwrite); // the button says it
    connect(chooser, &QFileDialog::fileSelected, this,
            [this](const QString& file) { m_path->setText(chosenPath(file)); });
    chooser->open();
}

/// What the file's name says: its format, and whether one stands there already.
void FigureDialog::showPath()
{
    const std::filesystem::path file = pathOf(path());
    const QString extension = QFileInfo(path()).suffix().toLower();
    for (const char* name : {"pdf", "svg", "png"}) {
        if (auto* const format = findChild<QPushButton*>(QStringLiteral("figure_") + QLatin1String(name)))
            format->setChecked(extension == QLatin1String(name));
    }
    m_form->setFormat(extension);
    std::error_code ignored;
    const bool isThere = std::filesystem::exists(file, ignored);
    m_export->setText(isThere ? tr("Replace") : tr("Export"));
    m_export->setToolTip(isThere ? tr("A file of that name is there") : QString());
    m_export->setEnabled(m_isDrawn && figureFormatOf(file).has_value());
}

FigureDialog::Page FigureDialog::draw(const std::shared_ptr<const Trace>& trace,
                                      const HeatmapFigureOptions& options, double dpi, double closer,
                                      double pixelRatio, const std::stop_token& stop)
{
    Page page;
    auto fonts = FigureFonts::load();
    const Result<FigureSpec> spec =
        fonts ? heatmapFigure(trace, options, *fonts, stop) : Result<FigureSpec>(fonts.error());
    if (!spec) {
        page.failure = QString::fromStdString(spec.error().text());
        return page;
    }
    page.caption = QString::fromStdString(spec->caption);
    for (const std::string& part : spec->dropped)
        page.dropped +=
            (page.dropped.isEmpty() ? QString() : QStringLiteral(", ")) + QString::fromStdString(part);
    page.widthMm = spec->widthMm;
    page.heightMm = spec->heightMm;
    page.physical = imageOf(*spec, *fonts, dpi, pixelRatio);
    if (!stop.stop_requested())
        page.closeUp = imageOf(*spec, *fonts, dpi * closer, pixelRatio);
    return page;
}

void FigureDialog::redraw()
{
    m_isDrawn = false;
    showPath();
    if (!m_form->failure().isEmpty()) {
        m_job.cancel();
        say(m_form->failure());
        emit drawn();
        return;
    }
    m_job.start([trace = m_trace, options = options(),
                 dpi = screen()->physicalDotsPerInch() / devicePixelRatioF(),
                 closer = m_closer->currentData().toDouble(), ratio = devicePixelRatioF()](
                    const std::stop_token& stop) { return draw(trace, options, dpi, closer, ratio, stop); },
                [this](const Page& page) { show(page); });
}

void FigureDialog::show(const Page& page)
{
    m_isDrawn = page.failure.isEmpty();
    if (m_isDrawn) {
        m_size->setText(tr("%1 × %2 mm · this screen has %3 dpi")
                            .arg(page.widthMm, 0, 'f', 1)
                            .arg(page.heightMm, 0, 'f', 1)
                            .arg(std::lround(screen()->physicalDotsPerInch())));
        m_physical->show(page.physical);
        m_closeUp->show(page.closeUp);
        m_caption->setPlainText(page.caption);
        m_note->setProperty("role",
                            page.dropped.isEmpty() ? QStringLiteral("dim") : QStringLiteral("caution"));
        m_note->setText(page.dropped.isEmpty() ? tr("A .json beside the file makes it again, byte for byte.")
                                               : tr("The page has no room for: %1").arg(page.dropped));
        m_note->style()->polish(m_note);
    } else {
        say(page.failure);
    }
    showPath();
    emit drawn();
}

void FigureDialog::say(const QString& failure)
{
    m_note->setProperty("role", QStringLiteral("caution"));
    m_note->setText(failure);
    m_note->style()->polish(m_note);
}

} // namespace headwater
