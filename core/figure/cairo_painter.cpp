// SPDX-License-Identifier: Apache-2.0
#include "core/figure/cairo_painter.h"

#include "core/figure/figure_length.h"
#include "core/figure/png_density.h"
#include "core/figure/svg_ids.h"
#include "core/figure/svg_text.h"
#include "core/figure/text_box.h"

#include <algorithm>
#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <cairo.h>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <memory>
#include <pango/pangocairo.h>

namespace headwater {

namespace {

/// Fewer cells than this are drawn as vectors (except in a PNG, where the pixel grid decides).
constexpr std::size_t kVectorCells = 5000;
/// Cells of an image are blown up to this density at least, so that no viewer has anything to smooth.
constexpr double kCellsDpi = 600;
constexpr std::uint32_t kMaxImageSide = 6000;
constexpr double kMaxPixels = double{1u << 28};
constexpr double kMaxSide = 32767; ///< of a cairo image

struct DestroySurface {
    void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
struct DestroyCairo {
    void operator()(cairo_t* cairo) const { cairo_destroy(cairo); }
};
using Surface = std::unique_ptr<cairo_surface_t, DestroySurface>;
using Cairo = std::unique_ptr<cairo_t, DestroyCairo>;

Error cairoError(cairo_status_t status)
{
    return {status == CAIRO_STATUS_NO_MEMORY ? ErrorCode::OutOfMemory : ErrorCode::Internal,
            fmt::format("the figure could not be painted: {}", cairo_status_to_string(status)),
            {}};
}

void setColour(cairo_t* cairo, Rgb colour)
{
    cairo_set_source_rgb(cairo, colour.red / 255.0, colour.green / 255.0, colour.blue / 255.0);
}

Rgb unpack(std::uint32_t packed)
{
    return {static_cast<std::uint8_t>(packed >> 16), static_cast<std::uint8_t>(packed >> 8),
            static_cast<std::uint8_t>(packed)};
}

/// Draws one display list. The context's unit is a point.
class Painter {
public:
    Painter(cairo_t* cairo, FigureFonts& fonts, bool isRaster, bool leavesLiveText)
        : m_cairo(cairo)
        , m_fonts(fonts)
        , m_isRaster(isRaster)
        , m_leavesLiveText(leavesLiveText)
    {
    }

    void operator()(const FigureText& text)
    {
        if (m_leavesLiveText && isLiveText(text, m_fonts))
            return;
        const FigureFonts::Layout layout = m_fonts.layOut(text);
        const TextOrigin origin = originOf(layout.get(), text);
        cairo_save(m_cairo);
        cairo_translate(m_cairo, text.x * kPtPerMm, text.y * kPtPerMm);
        cairo_rotate(m_cairo, text.turnDegrees * M_PI / 180);
        cairo_move_to(m_cairo, origin.left, origin.top);
        setColour(m_cairo, text.colour);
        pango_cairo_show_layout(m_cairo, layout.get());
        cairo_restore(m_cairo);
    }

    void operator()(const FigureLine& line)
    {
        cairo_move_to(m_cairo, line.x1 * kPtPerMm, line.y1 * kPtPerMm);
        cairo_line_to(m_cairo, line.x2 * kPtPerMm, line.y2 * kPtPerMm);
        stroke(line.colour, line.widthPt);
    }

    void operator()(const FigureRectangle& box)
    {
        addRectangle(box.x, box.y, box.width, box.height);
        if (box.fill) {
            setColour(m_cairo, *box.fill);
            box.stroke ? cairo_fill_preserve(m_cairo) : cairo_fill(m_cairo);
        }
        if (box.stroke)
            stroke(*box.stroke, box.strokePt);
    }

    /// Lines from the lower left to the upper right, cut at the rectangle by arithmetic: clips do not survive
    /// everywhere.
    void operator()(const FigureHatch& hatch)
    {
        // A line's ends are as wide as it is: so much nearer to the middle they stay inside.
        const double inset = hatch.widthPt / kPtPerMm;
        const double width = hatch.width - 2 * inset;
        const double height = hatch.height - 2 * inset;
        if (width <= 0 || height <= 0)
            return;
        cairo_save(m_cairo);
        cairo_translate(m_cairo, (hatch.x + inset) * kPtPerMm, (hatch.y + inset) * kPtPerMm);
        for (double offset = hatch.spacing; offset < width + height; offset += hatch.spacing) {
            const double x1 = std::max(0.0, offset - height);
            const double x2 = std::min(offset, width);
            cairo_move_to(m_cairo, x1 * kPtPerMm, (offset - x1) * kPtPerMm);
            cairo_line_to(m_cairo, x2 * kPtPerMm, (offset - x2) * kPtPerMm);
        }
        stroke(hatch.colour, hatch.widthPt);
        cairo_restore(m_cairo);
    }

    void operator()(const FigureCells& cells)
    {
        const auto drawn = static_cast<std::size_t>(std::count_if(
            cells.colours.begin(), cells.colours.end(), [](std::uint32_t c) { return c != kNoCell; }));
        if (drawn < kVectorCells && !m_isRaster)
            paintVectors(cells);
        else if (!cells.colours.empty())
            paintImage(cells);
    }

private:
    void addRectangle(double x, double y, double width, double height)
    {
        cairo_rectangle(m_cairo, x * kPtPerMm, y * kPtPerMm, width * kPtPerMm, height * kPtPerMm);
    }

    void stroke(Rgb colour, double widthPt)
    {
        setColour(m_cairo, colour);
        cairo_set_line_width(m_cairo, widthPt);
        cairo_stroke(m_cairo);
    }

    /// Runs of one colour as rectangles. Each reaches half a cell under its right and lower neighbours, which
    /// are drawn later and cover it: viewers would show seams between shapes that only touch.
    void paintVectors(const FigureCells& cells)
    {
        const double cellWidth = cells.width / cells.columns;
        const double cellHeight = cells.height / cells.rows;
        for (std::uint32_t row = 0; row < cells.rows; ++row) {
            const std::uint32_t* const colours = &cells.colours[std::size_t{row} * cells.columns];
            for (std::uint32_t from = 0, to = 0; from < cells.columns; from = to) {
                while (to < cells.columns && colours[to] == colours[from])
                    ++to;
                if (colours[from] == kNoCell)
                    continue;
                const std::uint32_t* const next = colours + cells.columns;
                const bool isCoveredRight = to < cells.columns && colours[to] != kNoCell;
                const bool isCoveredBelow = row + 1 < cells.rows
                    && std::find(next + from, next + std::min(to + 1, cells.columns), kNoCell)
                        == next + std::min(to + 1, cells.columns);
                addRectangle(cells.x + from * cellWidth, cells.y + row * cellHeight,
                             (to - from + (isCoveredRight ? 0.5 : 0)) * cellWidth,
                             (isCoveredBelow ? 1.5 : 1) * cellHeight);
                setColour(m_cairo, unpack(colours[from]));
                cairo_fill(m_cairo);
            }
        }
    }

    /// An image of whole multiples of the cells, never filtered.
    void paintImage(const FigureCells& cells)
    {
        const auto factorOf = [](double mm, std::uint32_t count) {
            const double wanted = std::ceil(mm / kMmPerInch * kCellsDpi / count);
            return static_cast<std::uint32_t>(
                std::clamp(wanted, 1.0, std::max(1.0, double{kMaxImageSide} / count)));
        };
        const std::uint32_t scaleX = m_isRaster ? 1 : factorOf(cells.width, cells.columns);
        const std::uint32_t scaleY = m_isRaster ? 1 : factorOf(cells.height, cells.rows);
        const bool isOpaque =
            std::find(cells.colours.begin(), cells.colours.end(), kNoCell) == cells.colours.end();
        const Surface image(cairo_image_surface_create(isOpaque ? CAIRO_FORMAT_RGB24 : CAIRO_FORMAT_ARGB32,
                                                       static_cast<int>(cells.columns * scaleX),
                                                       static_cast<int>(cells.rows * scaleY)));
        if (cairo_surface_status(image.get()) != CAIRO_STATUS_SUCCESS) {
            // Puts the context in the same state of error, which the caller reports.
            cairo_set_source_surface(m_cairo, image.get(), 0, 0);
            return;
        }
        cairo_surface_flush(image.get());
        unsigned char* const data = cairo_image_surface_get_data(image.get());
        const auto stride = static_cast<std::size_t>(cairo_image_surface_get_stride(image.get()));
        for (std::uint32_t y = 0; y < cells.rows * scaleY; ++y) {
            const std::uint32_t* const colours = &cells.colours[std::size_t{y / scaleY} * cells.columns];
            for (std::uint32_t x = 0; x < cells.columns * scaleX; ++x) {
                const std::uint32_t colour = colours[x / scaleX];
                const std::uint32_t pixel = colour == kNoCell ? 0 : colour | 0xFF000000;
                std::memcpy(data + y * stride + x * sizeof pixel, &pixel, sizeof pixel);
            }
        }
        cairo_surface_mark_dirty(image.get());
        cairo_save(m_cairo);
        cairo_translate(m_cairo, cells.x * kPtPerMm, cells.y * kPtPerMm);
        cairo_scale(m_cairo, cells.width * kPtPerMm / (cells.columns * scaleX),
                    cells.height * kPtPerMm / (cells.rows * scaleY));
        cairo_set_source_surface(m_cairo, image.get(), 0, 0);
        cairo_pattern_set_filter(cairo_get_source(m_cairo), CAIRO_FILTER_NEAREST);
        // Painted, not filled into a rectangle: in an SVG that would become a repeating pattern.
        cairo_paint(m_cairo);
        cairo_restore(m_cairo);
    }

    cairo_t* m_cairo;
    FigureFonts& m_fonts;
    bool m_isRaster;
    bool m_leavesLiveText; ///< to svgTexts()
};

cairo_status_t appendTo(void* closure, const unsigned char* data, unsigned length)
{
    static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), length);
    return CAIRO_STATUS_SUCCESS;
}

/// Draws everything and finishes the surface, so that its bytes are complete.
Result<void> paint(const FigureSpec& spec, FigureFonts& fonts, cairo_surface_t* surface, double unitsPerPt,
                   bool isRaster, bool leavesLiveText = false)
{
    const Cairo cairo(cairo_create(surface));
    cairo_scale(cairo.get(), unitsPerPt, unitsPerPt);
    setColour(cairo.get(), spec.background);
    cairo_paint(cairo.get());
    Painter painter(cairo.get(), fonts, isRaster, leavesLiveText);
    for (const FigureGroup& group : spec.groups) {
        for (const FigureItem& item : group.items)
            std::visit(painter, item);
    }
    cairo_show_page(cairo.get());
    if (const cairo_status_t status = cairo_status(cairo.get()); status != CAIRO_STATUS_SUCCESS)
        return cairoError(status);
    return {};
}

/// What cairo's images and kMaxPixels allow, a little less for the rounding of sides.
double mostDpi(const FigureSpec& spec)
{
    const double width = spec.widthMm / kMmPerInch;
    const double height = spec.heightMm / kMmPerInch;
    return std::floor(
        std::min((kMaxSide - 1) / std::max(width, height), std::sqrt(kMaxPixels / (width * height)) - 1));
}

Result<Surface> rasterSurface(const FigureSpec& spec, FigureFonts& fonts, double dpi)
{
    const double width = std::round(spec.widthMm / kMmPerInch * dpi);
    const double height = std::round(spec.heightMm / kMmPerInch * dpi);
    if (!(width >= 1 && height >= 1 && width * height <= kMaxPixels && width <= kMaxSide
          && height <= kMaxSide)) {
        return Error{
            ErrorCode::OutOfMemory,
            fmt::format("a picture of {:.0f} × {:.0f} pixels is too large; {:.0f} dots per inch are the "
                        "most for this figure",
                        width, height, mostDpi(spec)),
            {}};
    }
    Surface surface(
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(width), static_cast<int>(height)));
    if (const cairo_status_t status = cairo_surface_status(surface.get()); status != CAIRO_STATUS_SUCCESS)
        return cairoError(status);
    HEADWATER_TRY(paint(spec, fonts, surface.get(), dpi / 72, true));
    cairo_surface_flush(surface.get());
    return surface;
}

Result<std::string> paintPng(const FigureSpec& spec, FigureFonts& fonts, double dpi)
{
    HEADWATER_TRY_ASSIGN(const Surface surface, rasterSurface(spec, fonts, dpi));
    std::string bytes;
    const cairo_status_t status = cairo_surface_write_to_png_stream(surface.get(), appendTo, &bytes);
    if (status != CAIRO_STATUS_SUCCESS)
        return cairoError(status);
    return withPngDensity(std::move(bytes), dpi);
}

Result<std::string> paintVector(const FigureSpec& spec, FigureFonts& fonts, bool isPdf, bool hasLiveText)
{
    std::string bytes;
    const double width = spec.widthMm * kPtPerMm;
    const double height = spec.heightMm * kPtPerMm;
    const Surface surface(isPdf ? cairo_pdf_surface_create_for_stream(appendTo, &bytes, width, height)
                                : cairo_svg_surface_create_for_stream(appendTo, &bytes, width, height));
    if (isPdf) {
        cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_TITLE, spec.title.c_str());
        cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATOR,
                                       "Headwater " HEADWATER_VERSION);
        cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATE_DATE,
                                       spec.createDate.c_str());
    }
    HEADWATER_TRY(paint(spec, fonts, surface.get(), 1, false, hasLiveText));
    cairo_surface_finish(surface.get());
    if (const cairo_status_t status = cairo_surface_status(surface.get()); status != CAIRO_STATUS_SUCCESS)
        return cairoError(status);
    if (hasLiveText) {
        const std::size_t end = bytes.rfind("</svg>");
        if (end == std::string::npos)
            return Error{ErrorCode::Internal, "the figure could not be painted: cairo's SVG has no end", {}};
        bytes.insert(end, svgTexts(spec, fonts));
    }
    return isPdf ? bytes : nameSvgIds(bytes);
}

} // namespace

Result<FigureFormat> figureFormatOf(const std::filesystem::path& path)
{
    std::string extension = path.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    if (extension == ".pdf")
        return FigureFormat::Pdf;
    if (extension == ".svg")
        return FigureFormat::Svg;
    if (extension == ".png")
        return FigureFormat::Png;
    return Error{ErrorCode::InvalidArgument, "the name's ending is no figure format: use .pdf, .svg or .png",
                 path.string()};
}

Result<std::string> paintFigure(const FigureSpec& spec, FigureFonts& fonts, FigureFormat format,
                                const FigurePaint& how)
{
    switch (format) {
    case FigureFormat::Pdf:
        return paintVector(spec, fonts, true, false);
    case FigureFormat::Svg:
        return paintVector(spec, fonts, false, how.hasLiveText);
    case FigureFormat::Png:
        break;
    }
    return paintPng(spec, fonts, how.pngDpi);
}

Result<FigureRaster> rasteriseFigure(const FigureSpec& spec, FigureFonts& fonts, double dpi)
{
    HEADWATER_TRY_ASSIGN(const Surface surface, rasterSurface(spec, fonts, dpi));
    FigureRaster raster;
    raster.width = static_cast<std::uint32_t>(cairo_image_surface_get_width(surface.get()));
    raster.height = static_cast<std::uint32_t>(cairo_image_surface_get_height(surface.get()));
    raster.pixels.resize(std::size_t{raster.width} * raster.height);
    const unsigned char* const data = cairo_image_surface_get_data(surface.get());
    const auto stride = static_cast<std::size_t>(cairo_image_surface_get_stride(surface.get()));
    for (std::uint32_t y = 0; y < raster.height; ++y) {
        std::uint32_t* const row = &raster.pixels[std::size_t{y} * raster.width];
        std::memcpy(row, data + y * stride, std::size_t{raster.width} * sizeof *row);
        for (std::uint32_t x = 0; x < raster.width; ++x)
            row[x] |= 0xFF000000;
    }
    return raster;
}

} // namespace headwater
