// SPDX-License-Identifier: Apache-2.0
#include "core/base/text_encoding.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <iconv.h>

namespace headwater {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kMark = "\xEF\xBB\xBF";

struct Mark {
    std::string_view bytes;
    std::size_t unit; ///< bytes of one
    const char* name;
    const char* what;
};

// UTF-32 first: its little-endian mark begins as that of UTF-16 does.
constexpr Mark kMarks[] = {
    {"\xFF\xFE\0\0"sv, 4, "UTF-32LE", "UTF-32 text, little endian, with a byte-order mark"},
    {"\0\0\xFE\xFF"sv, 4, "UTF-32BE", "UTF-32 text, big endian, with a byte-order mark"},
    {"\xFF\xFE"sv, 2, "UTF-16LE", "UTF-16 text, little endian, with a byte-order mark"},
    {"\xFE\xFF"sv, 2, "UTF-16BE", "UTF-16 text, big endian, with a byte-order mark"},
};

/// A converter to UTF-8.
class Converter {
public:
    explicit Converter(const std::string& encoding)
        : m_converter(::iconv_open("UTF-8", encoding.c_str()))
    {
    }
    Converter(const Converter&) = delete;
    Converter& operator=(const Converter&) = delete;
    ~Converter()
    {
        if (isOpen())
            ::iconv_close(m_converter);
    }

    bool isOpen() const { return m_converter != reinterpret_cast<iconv_t>(-1); }

    /// Converts until the end or the first byte that cannot be; how many bytes that was, and errno.
    std::pair<std::size_t, int> convert(std::string_view bytes, std::string& out)
    {
        char* from = const_cast<char*>(bytes.data()); // iconv does not write there
        std::size_t left = bytes.size();
        std::array<char, 1 << 14> buffer{};
        int failure = 0;
        bool isFlushed = false;
        do {
            char* to = buffer.data();
            std::size_t room = buffer.size();
            // At the end once more, for what an encoding still holds: a letter whose mark might follow.
            const bool flushes = left == 0;
            const std::size_t done = flushes ? ::iconv(m_converter, nullptr, nullptr, &to, &room)
                                             : ::iconv(m_converter, &from, &left, &to, &room);
            failure = done == static_cast<std::size_t>(-1) ? errno : 0;
            isFlushed = flushes && failure == 0;
            out.append(buffer.data(), static_cast<std::size_t>(to - buffer.data()));
        } while (failure == E2BIG || (failure == 0 && !isFlushed));
        return {bytes.size() - left, failure};
    }

private:
    iconv_t m_converter;
};

/// Whether a decoded text looks like one: no control characters but those of lines, no unassigned planes'
/// ends.
bool isReadable(std::string_view text)
{
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f') || byte == 0x7F)
            return false;
    }
    return text.find("\xEF\xBF\xBE") == std::string_view::npos;
}

/// No text of two bytes or more a character is that: half of an English one is zero bytes, and of a Chinese
/// one some half is beyond ASCII.
bool isMostlyAscii(std::string_view bytes)
{
    const auto printing = std::ranges::count_if(bytes, [](char c) { return c >= 0x20 && c < 0x7F; });
    return static_cast<std::size_t>(printing) > bytes.size() / 4 * 3;
}

/// UTF-32 without a mark: every fourth byte is zero, which no other text has. One character is too few.
std::optional<EncodingSign> unmarkedUtf32(std::string_view bytes)
{
    if (bytes.size() < 8 || bytes.size() % 4 != 0)
        return std::nullopt;
    for (const bool isLittle : {true, false}) {
        const std::string name = isLittle ? "UTF-32LE" : "UTF-32BE";
        const Result<std::string> text = toUtf8(bytes, name);
        if (text && isReadable(*text))
            return EncodingSign{name, fmt::format("UTF-32 text, {} endian", isLittle ? "little" : "big"),
                                false};
    }
    return std::nullopt;
}

/// UTF-16 without a mark: the high byte of at least an eighth of its units is zero, and seldom the low one.
std::optional<EncodingSign> unmarkedUtf16(std::string_view bytes)
{
    if (bytes.size() < 4 || bytes.size() % 2 != 0)
        return std::nullopt;
    std::array<std::size_t, 2> zeros{};
    for (std::size_t i = 0; i < bytes.size(); ++i)
        zeros[i % 2] += bytes[i] == '\0' ? 1 : 0;
    const bool isLittle = zeros[1] > zeros[0];
    const std::size_t high = zeros[isLittle ? 1 : 0];
    if (high == 0 || high < bytes.size() / 16 || zeros[isLittle ? 0 : 1] > high / 4)
        return std::nullopt;
    const std::string name = isLittle ? "UTF-16LE" : "UTF-16BE";
    const Result<std::string> text = toUtf8(bytes, name);
    if (!text || !isReadable(*text))
        return std::nullopt;
    return EncodingSign{name, fmt::format("UTF-16 text, {} endian", isLittle ? "little" : "big"), false};
}

} // namespace

std::optional<EncodingSign> encodingOf(std::string_view bytes)
{
    if (bytes.starts_with(kMark))
        return EncodingSign{"UTF-8", "UTF-8 text with a byte-order mark", true};
    for (const Mark& mark : kMarks) {
        // The marks are bytes of no meaning too: what follows must be of the encoding, but for half a
        // character at the end, which a file that was cut, or to which a line's end was added, has.
        if (bytes.starts_with(mark.bytes) && !isMostlyAscii(bytes.substr(mark.bytes.size()))
            && toUtf8(bytes.substr(0, bytes.size() / mark.unit * mark.unit), mark.name))
            return EncodingSign{mark.name, mark.what, false};
    }
    const std::optional<EncodingSign> wide = unmarkedUtf32(bytes);
    return wide ? wide : unmarkedUtf16(bytes);
}

Result<std::string> toUtf8(std::string_view bytes, const std::string& encoding)
{
    Converter converter(encoding);
    if (encoding.empty() || !converter.isOpen())
        return Error{
            ErrorCode::InvalidArgument,
            fmt::format("\"{}\" is no encoding known here; expected one that `iconv -l` lists, as utf-8, "
                        "utf-16le, windows-1252",
                        printable(encoding.substr(0, 40))),
            "encoding"};
    std::string text;
    const auto [read, failure] = converter.convert(bytes, text);
    if (failure != 0)
        return Error{ErrorCode::BadFormat,
                     failure == EINVAL
                         ? fmt::format("ends within a character of {}", encoding)
                         : fmt::format("byte {} ({:02x}) does not belong to {}", read,
                                       static_cast<unsigned char>(bytes[std::min(read, bytes.size() - 1)]),
                                       encoding),
                     ""};
    if (text.starts_with(kMark))
        text.erase(0, kMark.size());
    return text;
}

} // namespace headwater
