// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QFile>
#include <QString>
#include <cairo.h>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace headwater::test {

/// Pixels of a PNG file as 0xRRGGBB.
struct Pixels {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::vector<std::uint32_t> rgb;

    explicit Pixels(const QString& path)
    {
        cairo_surface_t* surface = cairo_image_surface_create_from_png(QFile::encodeName(path).constData());
        width = static_cast<std::uint32_t>(cairo_image_surface_get_width(surface));
        height = static_cast<std::uint32_t>(cairo_image_surface_get_height(surface));
        const int stride = cairo_image_surface_get_stride(surface);
        for (std::uint32_t y = 0; y < height; ++y) {
            const unsigned char* row =
                cairo_image_surface_get_data(surface) + static_cast<std::ptrdiff_t>(y) * stride;
            for (std::uint32_t x = 0; x < width; ++x) {
                std::uint32_t pixel = 0;
                std::memcpy(&pixel, row + 4 * x, 4);
                rgb.push_back(pixel & 0xFFFFFF);
            }
        }
        cairo_surface_destroy(surface);
    }
    std::uint32_t at(double x, double y) const
    {
        return rgb[static_cast<std::size_t>(y) * width + static_cast<std::size_t>(x)];
    }
    /// The pixels of the columns [from, to), row by row.
    std::vector<std::uint32_t> columns(std::uint32_t from, std::uint32_t to) const
    {
        std::vector<std::uint32_t> part;
        for (std::size_t row = 0; row < height; ++row) {
            const std::uint32_t* const first = rgb.data() + row * width;
            part.insert(part.end(), first + from, first + to);
        }
        return part;
    }
};

} // namespace headwater::test
