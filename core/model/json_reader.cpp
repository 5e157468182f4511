// SPDX-License-Identifier: Apache-2.0
#include "core/model/json_reader.h"

#include "core/base/text.h"
#include "core/model/byte_reader.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <numeric>
#include <utility>

namespace headwater {
namespace {

constexpr bool isBlank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

constexpr bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

void appendUtf8(char32_t point, std::string& out)
{
    const auto append = [&out](char32_t bits) { out += static_cast<char>(static_cast<unsigned char>(bits)); };
    if (point < 0x80) {
        append(point);
        return;
    }
    if (point < 0x800) {
        append(0xC0 | point >> 6);
    } else {
        if (point < 0x10000) {
            append(0xE0 | point >> 12);
        } else {
            append(0xF0 | point >> 18);
            append(0x80 | (point >> 12 & 0x3F));
        }
        append(0x80 | (point >> 6 & 0x3F));
    }
    append(0x80 | (point & 0x3F));
}

/// RFC 8259, no more.
class Parser {
public:
    Parser(std::string_view text, const std::string& file, std::uint64_t start, JsonLimits limits)
        : m_text(text)
        , m_file(file)
        , m_start(start)
        , m_limits(limits)
    {
    }

    Result<JsonValue> run()
    {
        if (!isUtf8(m_text))
            return fail(firstInvalidByte(), "bytes that are no UTF-8", "JSON in UTF-8");
        JsonValue root;
        HEADWATER_TRY(readValue(root, 0));
        skipBlanks();
        if (m_at < m_text.size())
            return fail(m_at, found(), "the end after the value");
        return root;
    }

private:
    Error fail(std::size_t at, const std::string& found, const std::string& expected) const
    {
        return formatError(m_file, m_start + at, "JSON", found, expected);
    }

    std::size_t firstInvalidByte() const
    {
        std::size_t at = 0;
        while (at < m_text.size()) {
            const CodePoint point = codePointAt(m_text.substr(at));
            if (!point.isValid)
                break;
            at += point.bytes;
        }
        return at;
    }

    bool isAt(char c) const { return m_at < m_text.size() && m_text[m_at] == c; }

    /// The byte at the cursor, for a message.
    std::string found() const
    {
        if (m_at >= m_text.size())
            return "the end of the text";
        return fmt::format("\"{}\"", printable(m_text.substr(m_at, codePointAt(m_text.substr(m_at)).bytes)));
    }

    void skipBlanks()
    {
        while (m_at < m_text.size() && isBlank(m_text[m_at]))
            ++m_at;
    }

    Result<void> readValue(JsonValue& out, std::size_t depth)
    {
        skipBlanks();
        out.offset = m_start + m_at;
        if (++m_count > m_limits.values)
            return fail(m_at, "one more value", fmt::format("at most {}", m_limits.values));
        if (m_at >= m_text.size())
            return fail(m_at, found(), "a value");
        switch (m_text[m_at]) {
        case '{':
            out.kind = JsonValue::Kind::Object;
            return readList(out, '}', depth + 1);
        case '[':
            out.kind = JsonValue::Kind::Array;
            return readList(out, ']', depth + 1);
        case '"':
            out.kind = JsonValue::Kind::String;
            return readString(out.text);
        case 't':
            return readWord("true", JsonValue::Kind::Bool, out);
        case 'f':
            return readWord("false", JsonValue::Kind::Bool, out);
        case 'n':
            return readWord("null", JsonValue::Kind::Null, out);
        default:
            return readNumber(out);
        }
    }

    /// An object's or an array's values, up to `end`; the cursor is at the opening bracket.
    Result<void> readList(JsonValue& out, char end, std::size_t depth)
    {
        if (depth > m_limits.depth)
            return fail(m_at, fmt::format("a list {} deep", depth),
                        fmt::format("at most {}", m_limits.depth));
        const bool isObject = end == '}';
        ++m_at;
        skipBlanks();
        std::vector<std::size_t> nameOffsets;
        while (!isAt(end)) {
            if (!out.values.empty()) {
                if (!isAt(','))
                    return fail(m_at, found(), fmt::format("\",\" or \"{}\"", end));
                ++m_at;
                skipBlanks();
            }
            if (isObject) {
                nameOffsets.push_back(m_at);
                HEADWATER_TRY(readName(out.names.emplace_back()));
            }
            HEADWATER_TRY(readValue(out.values.emplace_back(), depth));
            skipBlanks();
        }
        ++m_at;
        return checkNames(out.names, nameOffsets);
    }

    Result<void> readName(std::string& name)
    {
        if (!isAt('"'))
            return fail(m_at, found(), "a name in quotation marks");
        HEADWATER_TRY(readString(name));
        skipBlanks();
        if (!isAt(':'))
            return fail(m_at, found(), "\":\"");
        ++m_at;
        return {};
    }

    /// Two parsers may take two values of a name that is there twice: one file would be two models.
    Result<void> checkNames(const std::vector<std::string>& names, const std::vector<std::size_t>& offsets)
    {
        std::vector<std::size_t> order(names.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::ranges::stable_sort(order, {}, [&names](std::size_t i) { return std::string_view(names[i]); });
        for (std::size_t i = 1; i < order.size(); ++i)
            if (names[order[i]] == names[order[i - 1]])
                return fail(offsets[order[i]],
                            fmt::format("\"{}\" again (first at byte {})",
                                        printable(std::string_view(names[order[i]]).substr(0, 200)),
                                        m_start + offsets[order[i - 1]]),
                            "every name once");
        return {};
    }

    Result<void> readWord(std::string_view word, JsonValue::Kind kind, JsonValue& out)
    {
        if (!m_text.substr(m_at).starts_with(word))
            return fail(m_at, found(), "a value");
        out.kind = kind;
        out.text = word;
        m_at += word.size();
        return {};
    }

    Result<void> readNumber(JsonValue& out)
    {
        const std::size_t begin = m_at;
        const auto digits = [this] {
            const std::size_t first = m_at;
            while (m_at < m_text.size() && isDigit(m_text[m_at]))
                ++m_at;
            return m_at - first;
        };
        if (isAt('-'))
            ++m_at;
        const bool isZero = isAt('0');
        const std::size_t whole = digits();
        if (whole == 0 || (isZero && whole > 1))
            return fail(begin, foundAt(begin), "a value");
        if (isAt('.')) {
            ++m_at;
            if (digits() == 0)
                return fail(m_at, found(), "a digit");
        }
        if (isAt('e') || isAt('E')) {
            ++m_at;
            if (isAt('+') || isAt('-'))
                ++m_at;
            if (digits() == 0)
                return fail(m_at, found(), "a digit");
        }
        out.kind = JsonValue::Kind::Number;
        out.text = m_text.substr(begin, m_at - begin);
        if (!out.asDouble())
            return fail(begin, fmt::format("{:.40}", out.text), "a number within float64");
        return {};
    }

    std::string foundAt(std::size_t at)
    {
        m_at = at;
        return found();
    }

    /// The cursor is at the opening quotation mark.
    Result<void> readString(std::string& out)
    {
        const std::size_t begin = m_at++;
        while (m_at < m_text.size()) {
            const char c = m_text[m_at];
            if (c == '"') {
                ++m_at;
                return {};
            }
            if (static_cast<unsigned char>(c) < 0x20)
                return fail(m_at, found(), "control characters as \\u escapes");
            if (c == '\\') {
                HEADWATER_TRY(readEscape(out));
                continue;
            }
            out += c;
            ++m_at;
        }
        return fail(begin, "a string without end", "a closing quotation mark");
    }

    Result<void> readEscape(std::string& out)
    {
        constexpr std::string_view kLetters = "\"\\/bfnrt";
        constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
        const std::size_t begin = m_at++;
        if (isAt('u'))
            return readUnicodeEscape(begin, out);
        const std::size_t which = m_at < m_text.size() ? kLetters.find(m_text[m_at]) : std::string_view::npos;
        if (which == std::string_view::npos)
            return fail(begin, "an unknown escape", "one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u");
        out += kMeant[which];
        ++m_at;
        return {};
    }

    Result<void> readUnicodeEscape(std::size_t begin, std::string& out)
    {
        const std::string expected = "four hex digits, surrogates in pairs";
        ++m_at;
        const auto high = readHex();
        if (!high || (*high >= 0xDC00 && *high < 0xE000))
            return fail(begin, "a broken \\u escape", expected);
        char32_t point = *high;
        if (point >= 0xD800 && point < 0xDC00) {
            std::optional<char32_t> low;
            if (m_text.substr(m_at).starts_with("\\u")) {
                m_at += 2;
                low = readHex();
            }
            if (!low || *low < 0xDC00 || *low >= 0xE000)
                return fail(begin, "half a surrogate pair", expected);
            point = 0x10000 + ((point - 0xD800) << 10) + (*low - 0xDC00);
        }
        appendUtf8(point, out);
        return {};
    }

    std::optional<char32_t> readHex()
    {
        std::uint32_t value = 0;
        const std::string_view digits = m_text.substr(std::min(m_at, m_text.size()), 4);
        const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (failed != std::errc() || digits.size() < 4 || end != digits.data() + digits.size())
            return std::nullopt;
        m_at += digits.size();
        return value;
    }

    std::string_view m_text;
    const std::string& m_file;
    std::uint64_t m_start;
    JsonLimits m_limits;
    std::size_t m_at = 0;
    std::size_t m_count = 0;
};

} // namespace

Result<JsonValue> readJson(std::string_view text, const std::string& file, std::uint64_t start,
                           JsonLimits limits)
{
    return Parser(text, file, start, limits).run();
}

} // namespace headwater
