// SPDX-License-Identifier: Apache-2.0
#include "core/figure/png_density.h"

#include "core/figure/figure_length.h"

#include <cmath>
#include <cstdint>
#include <string_view>

namespace headwater {

namespace {

/// Signature (8), then IHDR: length, name, 13 bytes, checksum.
constexpr std::size_t kEndOfHeader = 8 + 4 + 4 + 13 + 4;

/// CRC-32 of PNG (ISO 3309), bit by bit: the chunk has 13 bytes.
std::uint32_t crc32(std::string_view bytes)
{
    std::uint32_t crc = 0xFFFFFFFF;
    for (const char byte : bytes) {
        crc ^= static_cast<unsigned char>(byte);
        for (int bit = 0; bit < 8; ++bit)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    return ~crc;
}

std::string bigEndian(std::uint32_t value)
{
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes += static_cast<char>(value >> shift & 0xFF);
    return bytes;
}

} // namespace

std::string withPngDensity(std::string png, double dpi)
{
    if (png.size() < kEndOfHeader || !png.starts_with("\x89PNG"))
        return png;
    const auto perMetre = static_cast<std::uint32_t>(std::lround(dpi / kMmPerInch * 1000));
    const std::string body = "pHYs" + bigEndian(perMetre) + bigEndian(perMetre) + '\x01';
    png.insert(kEndOfHeader, bigEndian(9) + body + bigEndian(crc32(body)));
    return png;
}

} // namespace headwater
