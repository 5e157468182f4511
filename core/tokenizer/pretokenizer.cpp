// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/pretokenizer.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace headwater {
namespace {

// White_Space of Unicode, spelled out: PCRE2's \s takes U+180E as well.
#define HEADWATER_SPACES                                                                                     \
    R"(\x09-\x0D\x20\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})"

constexpr const char* kEachNumber = R"(\p{N})";
constexpr const char* kGpt2 =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^)" HEADWATER_SPACES R"(\p{L}\p{N}]+|[)" HEADWATER_SPACES
    R"(]+(?![^)" HEADWATER_SPACES R"(])|[)" HEADWATER_SPACES R"(]+)";

/// Words of Llama 3 and what grew from it; `NUMBERS` is how digits are grouped.
#define HEADWATER_WORDS(NUMBERS)                                                                             \
    R"('[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]|[^\r\n\p{L}\p{N}]?\p{L}+|)" NUMBERS             \
    R"(| ?[^)" HEADWATER_SPACES R"(\p{L}\p{N}]+[\r\n]*|[)" HEADWATER_SPACES                                  \
    R"(]*[\r\n]+|[)" HEADWATER_SPACES R"(]+(?![^)" HEADWATER_SPACES R"(])|[)" HEADWATER_SPACES R"(]+)"

constexpr const char* kLlama3 = HEADWATER_WORDS(R"(\p{N}{1,3})");
constexpr const char* kQwen2 = HEADWATER_WORDS(R"(\p{N})");
/// Mistral's own pattern: words of one case, or with a capital first.
constexpr const char* kTekken =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^)" HEADWATER_SPACES
    R"(\p{L}\p{N}]+[\r\n/]*|[)" HEADWATER_SPACES R"(]*[\r\n]+|[)" HEADWATER_SPACES
    R"(]+(?![^)" HEADWATER_SPACES R"(])|[)" HEADWATER_SPACES R"(]+)";

struct NamedPatterns {
    const char* name; ///< tokenizer.ggml.pre
    std::array<const char*, 2> patterns; ///< null: unused
};

/// Source: the patterns of the families' own tokenizer.json, under the names that llama.cpp gives them
/// (src/llama-vocab.cpp).
constexpr std::array kNamed = {
    NamedPatterns{"smollm", {kEachNumber, kGpt2}},
    NamedPatterns{"gpt-2", {kGpt2, nullptr}},
    NamedPatterns{"llama-bpe", {kLlama3, nullptr}},
    NamedPatterns{"llama3", {kLlama3, nullptr}},
    NamedPatterns{"llama-v3", {kLlama3, nullptr}},
    NamedPatterns{"falcon3", {kLlama3, nullptr}},
    NamedPatterns{"dbrx", {kLlama3, nullptr}},
    NamedPatterns{"qwen2", {kQwen2, nullptr}},
    NamedPatterns{"deepseek-r1-qwen", {kQwen2, nullptr}},
    NamedPatterns{"tekken", {kTekken, nullptr}},
};

// Ample for linear patterns over 64 MiB, small enough to end a runaway in seconds.
constexpr std::uint32_t kMatchLimit = 200'000'000;
constexpr std::uint32_t kDepthLimit = 10'000;
constexpr std::uint32_t kHeapLimitKib = 65'536;

struct MatchDataDeleter {
    void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};
struct MatchContextDeleter {
    void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};
struct CodeDeleter {
    void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};

/// Length of the well-formed UTF-8 sequence at `i`, 0 if there is none.
std::size_t sequenceLength(std::string_view text, std::size_t i)
{
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    return isUtf8(text.substr(i, length)) && i + length <= text.size() ? length : 0;
}

/// Text as PCRE2 demands it, with every stray byte replaced by U+FFFD, and the way back.
class CleanText {
public:
    explicit CleanText(std::string_view text)
        : m_view(text)
    {
        if (isUtf8(text))
            return;
        for (std::size_t i = 0; i < text.size();) {
            const std::size_t length = sequenceLength(text, i);
            if (length == 0) {
                m_strays.push_back(static_cast<std::uint32_t>(m_clean.size()));
                m_clean += "\xEF\xBF\xBD";
                ++i;
            } else {
                m_clean += text.substr(i, length);
                i += length;
            }
        }
        m_view = m_clean;
    }

    std::string_view view() const { return m_view; }

    /// Turns ascending positions in view() into positions in the original.
    void toOriginal(std::vector<std::uint32_t>& positions) const
    {
        std::size_t strays = 0;
        for (std::uint32_t& position : positions) {
            while (strays < m_strays.size() && m_strays[strays] < position)
                ++strays;
            position -= static_cast<std::uint32_t>(2 * strays); // each stray byte became three
        }
    }

private:
    std::string m_clean;
    std::string_view m_view;
    std::vector<std::uint32_t> m_strays; ///< where U+FFFD stands for a byte
};

/// A pattern of a model's file that is none of PCRE2's, or runs away; ours do neither.
Error gaveUp(int code)
{
    PCRE2_UCHAR message[256];
    pcre2_get_error_message(code, message, sizeof message);
    return {ErrorCode::Unsupported,
            fmt::format("PCRE2 gave up on a pattern: {}, expected one that it matches within its limits",
                        reinterpret_cast<const char*>(message)),
            "pre-tokenizer"};
}

} // namespace

struct Pretokenizer::Pattern {
    std::unique_ptr<pcre2_code, CodeDeleter> code;
    bool compiledToMachineCode = false;

    /// The next match in text[start, end); matched is false when there is none.
    Result<bool> next(std::string_view text, std::size_t start, std::size_t end, pcre2_match_data* data,
                      pcre2_match_context* context) const
    {
        const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data());
        int found = PCRE2_ERROR_JIT_STACKLIMIT;
        if (compiledToMachineCode)
            found = pcre2_jit_match(code.get(), subject, end, start, 0, data, context);
        if (found == PCRE2_ERROR_JIT_STACKLIMIT)
            found = pcre2_match(code.get(), subject, end, start, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, data,
                                context);
        if (found < 0 && found != PCRE2_ERROR_NOMATCH)
            return gaveUp(found);
        return found >= 0;
    }

    /// Cuts every piece (given by its end) at this pattern's matches.
    Result<std::vector<std::uint32_t>> cut(std::string_view text,
                                           const std::vector<std::uint32_t>& ends) const
    {
        const std::unique_ptr<pcre2_match_data, MatchDataDeleter> data(pcre2_match_data_create(1, nullptr));
        const std::unique_ptr<pcre2_match_context, MatchContextDeleter> context(
            pcre2_match_context_create(nullptr));
        if (!data || !context)
            return Error{ErrorCode::OutOfMemory, "no memory for a match", "pre-tokenizer"};
        pcre2_set_match_limit(context.get(), kMatchLimit);
        pcre2_set_depth_limit(context.get(), kDepthLimit);
        pcre2_set_heap_limit(context.get(), kHeapLimitKib);
        const PCRE2_SIZE* const range = pcre2_get_ovector_pointer(data.get());

        std::vector<std::uint32_t> finer;
        std::size_t start = 0;
        for (const std::uint32_t end : ends) {
            while (start < end) {
                HEADWATER_TRY_ASSIGN(const bool matched, next(text, start, end, data.get(), context.get()));
                if (!matched || range[1] == range[0])
                    break;
                if (range[0] > start)
                    finer.push_back(static_cast<std::uint32_t>(range[0]));
                finer.push_back(static_cast<std::uint32_t>(range[1]));
                start = range[1];
            }
            if (start < end)
                finer.push_back(end);
            start = end;
        }
        return finer;
    }
};

Pretokenizer::Pretokenizer(std::vector<Pattern> patterns)
    : m_patterns(std::move(patterns))
{
}
Pretokenizer::Pretokenizer(Pretokenizer&&) noexcept = default;
Pretokenizer& Pretokenizer::operator=(Pretokenizer&&) noexcept = default;
Pretokenizer::~Pretokenizer() = default;

Result<Pretokenizer> Pretokenizer::make(const std::string& name)
{
    const auto* named =
        std::ranges::find_if(kNamed, [&name](const NamedPatterns& n) { return name == n.name; });
    if (named == kNamed.end()) {
        std::vector<std::string_view> names;
        for (const NamedPatterns& known : kNamed)
            names.push_back(known.name);
        return Error{ErrorCode::Unsupported,
                     fmt::format("\"{}\", expected one this version knows ({})",
                                 printable(name.substr(0, 80)), fmt::join(names, ", ")),
                     "tokenizer.ggml.pre"};
    }
    std::vector<std::string> patterns;
    for (const char* pattern : named->patterns) {
        if (pattern)
            patterns.emplace_back(pattern);
    }
    return make(patterns);
}

Result<Pretokenizer> Pretokenizer::make(std::span<const std::string> sources)
{
    std::vector<Pattern> patterns;
    for (const std::string& source : sources) {
        int failed = 0;
        PCRE2_SIZE offset = 0;
        Pattern pattern;
        pattern.code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(source.data()), source.size(),
                                         PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &failed, &offset,
                                         nullptr));
        if (!pattern.code)
            return gaveUp(failed);
        pattern.compiledToMachineCode = pcre2_jit_compile(pattern.code.get(), PCRE2_JIT_COMPLETE) == 0;
        patterns.push_back(std::move(pattern));
    }
    return Pretokenizer(std::move(patterns));
}

Result<std::vector<std::uint32_t>> Pretokenizer::split(std::string_view text) const
{
    if (text.empty())
        return std::vector<std::uint32_t>{};
    const CleanText clean(text);
    std::vector<std::uint32_t> ends{static_cast<std::uint32_t>(clean.view().size())};
    for (const Pattern& pattern : m_patterns) {
        HEADWATER_TRY_ASSIGN(ends, pattern.cut(clean.view(), ends));
    }
    clean.toOriginal(ends);
    return ends;
}

} // namespace headwater
