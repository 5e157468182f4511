// SPDX-License-Identifier: Apache-2.0
#include "core/model/json_reader.h"

#include "core/base/text.h"
#include "core/model/byte_reader.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

namespace headwater {
namespace {

/// Takes what nlohmann's parser finds and walks along in the text, since the parser says of nothing where it
/// stands: every event is one token.
class ValueBuilder : public nlohmann::json_sax<nlohmann::json> {
public:
    ValueBuilder(std::string_view text, const std::string& file, std::uint64_t start, JsonLimits limits)
        : m_text(text)
        , m_file(file)
        , m_start(start)
        , m_limits(limits)
    {
    }

    Result<JsonValue> take(bool isWhole)
    {
        if (m_error)
            return *m_error;
        if (!isWhole) // cannot be: the parser stops for our errors and its own, which are ours too
            return failAt(m_at, "no JSON", "JSON");
        return std::move(m_root);
    }

    bool null() override { return add(JsonValue::Kind::Null, wordEnd()) != nullptr; }
    bool boolean(bool) override { return add(JsonValue::Kind::Bool, wordEnd()) != nullptr; }
    bool number_integer(number_integer_t) override { return number(); }
    bool number_unsigned(number_unsigned_t) override { return number(); }
    bool number_float(number_float_t, const string_t&) override { return number(); }

    bool string(string_t& value) override
    {
        toToken();
        JsonValue* const added = add(JsonValue::Kind::String, stringEnd());
        if (added)
            added->text = std::move(value);
        return added != nullptr;
    }

    bool binary(binary_t&) override { return false; } // no JSON text has one

    bool start_object(std::size_t) override { return open(JsonValue::Kind::Object); }
    bool start_array(std::size_t) override { return open(JsonValue::Kind::Array); }

    bool key(string_t& name) override
    {
        toToken();
        m_open.back().nameOffsets.push_back(m_at);
        m_open.back().value->names.push_back(std::move(name));
        m_at = stringEnd();
        return true;
    }

    bool end_object() override { return close(); }
    bool end_array() override { return close(); }

    bool parse_error(std::size_t read, const std::string&,
                     const nlohmann::json::exception& exception) override
    {
        toToken();
        m_at = std::min(m_at, std::max<std::size_t>(read, 1) - 1); // where the token is a comma or a colon
        // "[json.exception.parse_error.101] parse error at line 1, column 4: syntax error …"
        std::string_view said = exception.what();
        if (const std::size_t begin = said.find(": "); begin != std::string_view::npos)
            said.remove_prefix(begin + 2);
        const std::string found = m_at < m_text.size()
            ? fmt::format("\"{}\"", printable(m_text.substr(m_at, codePointAt(m_text.substr(m_at)).bytes)))
            : "the end of the text";
        return fail(m_at, found, fmt::format("JSON ({})", printable(said.substr(0, kMostSaid))));
    }

private:
    static constexpr std::size_t kMostSaid = 200;

    struct Open {
        JsonValue* value = nullptr;
        std::vector<std::size_t> nameOffsets;
    };

    Error failAt(std::size_t at, const std::string& found, const std::string& expected) const
    {
        return formatError(m_file, m_start + at, "JSON", found, expected);
    }

    bool fail(std::size_t at, const std::string& found, const std::string& expected)
    {
        m_error = failAt(at, found, expected);
        return false;
    }

    /// To the first byte of the next token: commas and colons are no events.
    void toToken() { m_at = std::min(m_text.find_first_not_of(" \t\n\r,:", m_at), m_text.size()); }

    std::size_t wordEnd()
    {
        toToken();
        return std::min(m_text.find_first_not_of("truefalsn", m_at), m_text.size());
    }

    /// Behind the closing quotation mark of the string at the cursor.
    std::size_t stringEnd() const
    {
        std::size_t at = m_at + 1;
        while (at < m_text.size() && m_text[at] != '"')
            at += m_text[at] == '\\' ? 2 : 1;
        return std::min(at + 1, m_text.size());
    }

    bool number()
    {
        toToken();
        return add(JsonValue::Kind::Number,
                   std::min(m_text.find_first_not_of("+-.0123456789eE", m_at), m_text.size()));
    }

    /// A value that begins at the cursor, which goes to `end`; null where there are too many.
    JsonValue* add(JsonValue::Kind kind, std::size_t end)
    {
        if (++m_count > m_limits.values) {
            fail(m_at, "one more value", fmt::format("at most {}", m_limits.values));
            return nullptr;
        }
        JsonValue& value = m_open.empty() ? m_root : m_open.back().value->values.emplace_back();
        value.kind = kind;
        value.offset = m_start + m_at;
        if (kind != JsonValue::Kind::String)
            value.text = m_text.substr(m_at, end - m_at);
        m_at = end;
        return &value;
    }

    bool open(JsonValue::Kind kind)
    {
        toToken();
        if (m_open.size() >= m_limits.depth)
            return fail(m_at, fmt::format("a list {} deep", m_open.size() + 1),
                        fmt::format("at most {}", m_limits.depth));
        JsonValue* const added = add(kind, m_at + 1);
        if (!added)
            return false;
        added->text.clear();
        m_open.push_back({.value = added, .nameOffsets = {}}); // stays in place while it is open
        return true;
    }

    bool close()
    {
        toToken();
        ++m_at;
        const Open closed = std::move(m_open.back());
        m_open.pop_back();
        return checkNames(closed.value->names, closed.nameOffsets);
    }

    /// Two parsers may take two values of a name that is there twice: one file would be two models.
    bool checkNames(const std::vector<std::string>& names, const std::vector<std::size_t>& offsets)
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
        return true;
    }

    std::string_view m_text;
    const std::string& m_file;
    std::uint64_t m_start;
    JsonLimits m_limits;
    std::size_t m_at = 0; ///< behind the last token
    std::size_t m_count = 0;
    JsonValue m_root;
    std::vector<Open> m_open;
    std::optional<Error> m_error;
};

} // namespace

Result<JsonValue> readJson(std::string_view text, const std::string& file, std::uint64_t start,
                           JsonLimits limits)
{
    if (text.starts_with("\xEF\xBB\xBF")) // which nlohmann skips and Python refuses
        return formatError(file, start, "JSON", "a mark of byte order", "JSON in UTF-8 without one");
    ValueBuilder builder(text, file, start, limits);
    const bool isWhole = nlohmann::json::sax_parse(text, &builder);
    return builder.take(isWhole);
}

} // namespace headwater
