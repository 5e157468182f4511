// SPDX-License-Identifier: Apache-2.0
#include "core/base/bounded_json.h"
#include "core/base/text.h"
#include "core/model/folder/hf_tokenizer.h"
#include "core/model/limits.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>

namespace headwater {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kSpace = "\xE2\x96\x81"; // U+2581

std::string shownWord(std::string_view text)
{
    return fmt::format("\"{}\"", printable(text.substr(0, 60)));
}

/// Errors of one file.
class Complaint {
public:
    explicit Complaint(std::string where)
        : m_where(std::move(where))
    {
    }
    Error bad(std::string_view field, const std::string& found, std::string_view expected) const
    {
        return {ErrorCode::BadFormat, fmt::format("{}: {}, expected {}", field, found, expected), m_where};
    }
    Error unsupported(std::string_view field, const std::string& found, std::string_view expected) const
    {
        return {
            ErrorCode::Unsupported,
            fmt::format("{}: {}, expected {}: llama.cpp's convert_hf_to_gguf.py may make a GGUF file of it",
                        field, found, expected),
            m_where};
    }

private:
    std::string m_where;
};

/// A member of an object; null where it is missing.
const Json& memberOf(const Json& object, const char* name)
{
    static const Json nothing;
    if (!object.is_object())
        return nothing;
    const auto found = object.find(name);
    return found == object.end() ? nothing : *found;
}

bool isTrue(const Json& object, const char* name)
{
    const Json& value = memberOf(object, name);
    return value.is_boolean() && value.get<bool>();
}

std::string wordOf(const Json& object, const char* name)
{
    const Json& value = memberOf(object, name);
    return value.is_string() ? value.get<std::string>() : std::string{};
}

/// The parts of a Sequence, or the one part itself.
std::vector<const Json*> partsOf(const Json& step, const char* listName)
{
    std::vector<const Json*> parts;
    if (step.is_null())
        return parts;
    if (wordOf(step, "type") != "Sequence")
        return {&step};
    for (const Json& part : memberOf(step, listName))
        for (const Json* const inner : partsOf(part, listName))
            parts.push_back(inner);
    return parts;
}

struct Vocabulary {
    std::vector<std::string> tokens;
    std::vector<double> scores; ///< [tokens] of a unigram model; else empty
    std::vector<TokenType> types;
    std::vector<AddedTokenRule> rules;
};

Result<std::size_t> idOf(const Json& value, const std::string& field, const Complaint& complaint)
{
    if (!value.is_number_integer() || value.is_number_float() || value < 0
        || value.get<std::uint64_t>() >= limits::kVocabSize)
        return complaint.bad(field, value.dump(-1, ' ', true, Json::error_handler_t::replace).substr(0, 60),
                             "an id from 0");
    return value.get<std::size_t>();
}

/// The model's own tokens and the added ones, by id.
Result<Vocabulary> readVocabulary(const Json& root, const Complaint& complaint)
{
    const Json& vocab = memberOf(memberOf(root, "model"), "vocab");
    const Json& added = memberOf(root, "added_tokens");
    const bool isScored = vocab.is_array(); // a unigram model's: [spelling, score] by id
    if ((!vocab.is_object() && !isScored) || vocab.empty())
        return complaint.bad("model.vocab", vocab.is_null() ? "missing" : "0 tokens",
                             "tokens with their ids, or with their scores");
    std::vector<std::optional<std::string>> tokens;
    const auto place = [&](const std::string& token, std::size_t id) -> Result<void> {
        if (id >= tokens.size())
            tokens.resize(id + 1);
        if (tokens[id] && *tokens[id] != token)
            return complaint.bad(fmt::format("id {}", id),
                                 shownWord(*tokens[id]) + " and " + shownWord(token), "one token an id");
        tokens[id] = token;
        return {};
    };
    // An id beyond what so many tokens can have leaves holes: it is refused before room is made for it.
    const std::size_t most = vocab.size() + (added.is_array() ? added.size() : 0);
    Vocabulary out;
    if (isScored) {
        for (const Json& entry : vocab) {
            if (!entry.is_array() || entry.size() != 2 || !entry[0].is_string() || !entry[1].is_number())
                return complaint.bad(fmt::format("model.vocab[{}]", tokens.size()), "no such pair",
                                     "a token and its score");
            tokens.emplace_back(entry[0].get<std::string>());
            out.scores.push_back(entry[1].get<double>());
        }
    } else {
        for (const auto& [token, id] : vocab.items()) {
            HEADWATER_TRY_ASSIGN(const std::size_t at,
                                 idOf(id, "model.vocab " + shownWord(token), complaint));
            if (at >= most)
                return complaint.bad("model.vocab " + shownWord(token), fmt::format("id {}", at),
                                     fmt::format("ids below {}, the number of tokens", most));
            HEADWATER_TRY(place(token, at));
        }
    }
    std::vector<std::pair<std::size_t, TokenType>> addedTypes;
    for (const Json& token : added.is_array() ? added : Json::array()) {
        const std::string content = wordOf(token, "content");
        HEADWATER_TRY_ASSIGN(const std::size_t at,
                             idOf(memberOf(token, "id"), "added_tokens " + shownWord(content), complaint));
        if (content.empty() || at >= most)
            return complaint.bad("added_tokens", fmt::format("{} as id {}", shownWord(content), at),
                                 "a spelling, and an id without holes before it");
        HEADWATER_TRY(place(content, at));
        addedTypes.emplace_back(at, isTrue(token, "special") ? TokenType::Control : TokenType::UserDefined);
        const AddedTokenRule rule{static_cast<std::int32_t>(at), isTrue(token, "lstrip"),
                                  isTrue(token, "rstrip"), isTrue(token, "single_word"),
                                  isTrue(token, "normalized")};
        if (rule.stripsLeft || rule.stripsRight || rule.isWord || rule.inNormalised)
            out.rules.push_back(rule);
    }
    for (std::size_t id = 0; id < tokens.size(); ++id) {
        if (!tokens[id])
            return complaint.bad(fmt::format("id {}", id), "no token", "a token for every id");
        out.tokens.push_back(std::move(*tokens[id]));
    }
    out.types.assign(out.tokens.size(), TokenType::Normal);
    if (isScored)
        out.scores.resize(out.tokens.size()); // added tokens have none
    for (const auto& [id, type] : addedTypes)
        out.types[id] = type;
    return out;
}

/// Both spellings: ["a", "b"] and "a b".
Result<std::vector<MergePair>> readMerges(const Json& model, const Complaint& complaint)
{
    const Json& merges = memberOf(model, "merges");
    if (!merges.is_array() || merges.empty())
        return complaint.bad("model.merges", merges.is_array() ? "0 merges" : "missing",
                             "the merges of a BPE");
    std::vector<MergePair> pairs;
    pairs.reserve(merges.size());
    for (const Json& merge : merges) {
        if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
            pairs.push_back({merge[0].get<std::string>(), merge[1].get<std::string>()});
            continue;
        }
        const std::string text = merge.is_string() ? merge.get<std::string>() : std::string{};
        const std::size_t space = text.find(' ');
        if (space == std::string::npos || text.find(' ', space + 1) != std::string::npos)
            return complaint.bad(fmt::format("model.merges[{}]", pairs.size()),
                                 merge.is_string() ? shownWord(text) : "no pair", "two tokens");
        pairs.push_back({text.substr(0, space), text.substr(space + 1)});
    }
    return pairs;
}

/// What the normalisers of the file come to.
struct Normalising {
    bool isNfc = false;
    bool marksSpaces = false; ///< " " becomes U+2581
    bool prepends = false; ///< U+2581 before every fragment
};

Result<Normalising> readNormalising(const Json& root, const Complaint& complaint)
{
    Normalising out;
    for (const Json* const step : partsOf(memberOf(root, "normalizer"), "normalizers")) {
        const std::string type = wordOf(*step, "type");
        const bool isSpaces =
            wordOf(memberOf(*step, "pattern"), "String") == " " && wordOf(*step, "content") == kSpace;
        if (type == "NFC")
            out.isNfc = true;
        else if (type == "Replace" && isSpaces)
            out.marksSpaces = true;
        else if (type == "Prepend" && wordOf(*step, "prepend") == kSpace)
            out.prepends = true;
        else
            return complaint.unsupported("normalizer", shownWord(type),
                                         "NFC, or U+2581 in place of spaces and before the text");
    }
    return out;
}

/// A pattern of Oniguruma's for PCRE2: \s is Unicode's White_Space there.
Result<std::string> patternOf(std::string_view source, const Complaint& complaint)
{
    constexpr std::size_t kLongest = 4096;
    constexpr std::string_view kSpaces =
        R"(\x09-\x0D\x20\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})";
    if (source.size() > kLongest)
        return complaint.unsupported("pre_tokenizer", fmt::format("a pattern of {} bytes", source.size()),
                                     fmt::format("at most {}", kLongest));
    std::string out;
    bool inClass = false;
    for (std::size_t i = 0; i < source.size(); ++i) {
        const char c = source[i];
        const char next = i + 1 < source.size() ? source[i + 1] : '\0';
        if (c == '\\' && (next == 's' || next == 'S')) {
            if (next == 'S' && inClass)
                return complaint.unsupported("pre_tokenizer", "\\S in a class of characters",
                                             "\\s, or a list");
            const std::string_view open = inClass ? "" : next == 's' ? "[" : "[^";
            out.append(open).append(kSpaces).append(inClass ? "" : "]");
            ++i;
        } else if (c == '\\') {
            out += c;
            if (i + 1 < source.size())
                out += source[++i];
        } else {
            inClass = c == '[' ? true : c == ']' ? false : inClass;
            out += c;
        }
    }
    return out;
}

constexpr std::string_view kGpt2 =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

/// Text as itself in a pattern.
std::string escaped(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (std::string_view(R"(\^$.[]|()?*+{}-#)").find(c) != std::string_view::npos)
            out += '\\';
        out += c;
    }
    return out;
}

/// What the pre-tokenizers of the file come to.
struct Splitting {
    std::vector<std::string> patterns;
    bool isByteLevel = false;
    std::optional<SpacePrefix> metaspace;
    bool metaspaceSplits = false; ///< at every U+2581, which begins a word
};

Result<void> addSplit(const Json& step, const Normalising& normalising, const Complaint& complaint,
                      Splitting& out)
{
    const Json& pattern = memberOf(step, "pattern");
    const std::string behavior = wordOf(step, "behavior");
    const std::string text = wordOf(pattern, "String");
    if (normalising.marksSpaces && text == " ")
        return {}; // there are no spaces left
    if (behavior != "Isolated" || isTrue(step, "invert"))
        return complaint.unsupported("pre_tokenizer",
                                     fmt::format("a Split whose matches are {}{}", shownWord(behavior),
                                                 isTrue(step, "invert") ? ", inverted" : ""),
                                     "\"Isolated\" ones");
    const std::string regex = wordOf(pattern, "Regex");
    if (regex.empty() && text.empty())
        return complaint.bad("pre_tokenizer", "a Split without a pattern", "a Regex or a String");
    HEADWATER_TRY_ASSIGN(std::string own,
                         regex.empty() ? Result<std::string>(escaped(text)) : patternOf(regex, complaint));
    out.patterns.push_back(std::move(own));
    return {};
}

Result<Splitting> readSplitting(const Json& root, const Normalising& normalising, const Complaint& complaint)
{
    Splitting out;
    for (const Json* const step : partsOf(memberOf(root, "pre_tokenizer"), "pretokenizers")) {
        const std::string type = wordOf(*step, "type");
        if (type == "Split") {
            HEADWATER_TRY(addSplit(*step, normalising, complaint, out));
        } else if (type == "Digits") {
            out.patterns.emplace_back(isTrue(*step, "individual_digits") ? R"(\p{N})" : R"(\p{N}+)");
        } else if (type == "ByteLevel") {
            if (isTrue(*step, "add_prefix_space"))
                return complaint.unsupported("pre_tokenizer", "ByteLevel with add_prefix_space", "none");
            // Without the member, as older files are, the pattern is used.
            if (!memberOf(*step, "use_regex").is_boolean() || isTrue(*step, "use_regex")) {
                HEADWATER_TRY_ASSIGN(std::string own, patternOf(kGpt2, complaint));
                out.patterns.push_back(std::move(own));
            }
            out.isByteLevel = true;
        } else if (type == "Metaspace" && wordOf(*step, "replacement") == kSpace) {
            out.metaspaceSplits = !memberOf(*step, "split").is_boolean() || isTrue(*step, "split");
            const std::string scheme = wordOf(*step, "prepend_scheme");
            out.metaspace = scheme == "first" ? SpacePrefix::First
                : scheme == "never"           ? SpacePrefix::None
                                              : SpacePrefix::EveryFragment;
        } else {
            return complaint.unsupported("pre_tokenizer", shownWord(type),
                                         "Split, Digits, ByteLevel or Metaspace");
        }
    }
    constexpr std::size_t kMostPatterns = 16;
    if (out.patterns.size() > kMostPatterns)
        return complaint.unsupported("pre_tokenizer", fmt::format("{} patterns", out.patterns.size()),
                                     fmt::format("at most {}", kMostPatterns));
    return out;
}

/// BOS and EOS as the post-processor's template puts them around a text.
Result<void> readTemplate(const Json& root, const Complaint& complaint, TokenizerData& data)
{
    for (const Json* const step : partsOf(memberOf(root, "post_processor"), "processors")) {
        const std::string type = wordOf(*step, "type");
        if (type == "ByteLevel")
            continue;
        if (type != "TemplateProcessing")
            return complaint.unsupported("post_processor", shownWord(type),
                                         "TemplateProcessing or ByteLevel");
        bool isAfter = false;
        for (const Json& piece : memberOf(*step, "single")) {
            const std::string token = wordOf(memberOf(piece, "SpecialToken"), "id");
            if (token.empty()) {
                isAfter = true;
                continue;
            }
            const auto found = std::ranges::find(data.tokens, token);
            if (found == data.tokens.end())
                return complaint.bad("post_processor", shownWord(token), "a token of the vocabulary");
            bool& isAdded = isAfter ? data.addEos : data.addBos;
            if (isAdded)
                return complaint.unsupported("post_processor", "several tokens on one side of the text",
                                             "one");
            isAdded = true;
            (isAfter ? data.eos : data.bos) = static_cast<std::int32_t>(found - data.tokens.begin());
        }
    }
    return {};
}

/// SentencePiece's, by merges or by scores: a text is one word, or words that begin with U+2581.
Result<void> readPieces(const Json& model, const Normalising& normalising, const Splitting& splitting,
                        std::vector<double> scores, const Complaint& complaint, TokenizerData& data)
{
    if ((!normalising.marksSpaces && !splitting.metaspace) || !splitting.patterns.empty())
        return complaint.unsupported("pre_tokenizer", "words that are neither bytes nor SentencePiece's",
                                     "ByteLevel, or U+2581 in place of spaces");
    if (!isTrue(model, "byte_fallback"))
        return complaint.unsupported("model", "SentencePiece's pieces without byte_fallback",
                                     "byte_fallback");
    const SpacePrefix prefix =
        normalising.prepends ? SpacePrefix::EveryFragment : splitting.metaspace.value_or(SpacePrefix::None);
    if (!scores.empty()) {
        data.kind = Unigram{.scores = std::move(scores),
                            .spacePrefix = prefix,
                            .prefixesSpaces = normalising.prepends,
                            .splitsWords = splitting.metaspaceSplits};
    } else if (splitting.metaspaceSplits) {
        return complaint.unsupported("pre_tokenizer", "a Metaspace that splits",
                                     "\"split\": false with a BPE");
    } else {
        HEADWATER_TRY_ASSIGN(std::vector<MergePair> merges, readMerges(model, complaint));
        data.kind = SentencePieceBpe{.scores = {},
                                     .merges = std::move(merges),
                                     .spacePrefix = prefix,
                                     .prefixesSpaces = normalising.prepends};
    }
    for (std::size_t i = 0; i < data.tokens.size(); ++i) {
        if (data.types[i] == TokenType::Normal && byteOfSpelling(data.tokens[i]) >= 0)
            data.types[i] = TokenType::Byte;
    }
    return {};
}

Result<void> readKind(const Json& root, const Normalising& normalising, Splitting splitting,
                      std::vector<double> scores, const Complaint& complaint, TokenizerData& data)
{
    const Json& model = memberOf(root, "model");
    for (const char* const name : {"continuing_subword_prefix", "end_of_word_suffix"}) {
        if (!wordOf(model, name).empty())
            return complaint.unsupported("model", name, "a BPE without it");
    }
    if (!splitting.isByteLevel)
        return readPieces(model, normalising, splitting, std::move(scores), complaint, data);
    if (normalising.marksSpaces || normalising.prepends || splitting.metaspace)
        return complaint.unsupported("normalizer", "U+2581 in place of spaces", "none in a byte-level BPE");
    if (!scores.empty())
        return complaint.unsupported("pre_tokenizer", "ByteLevel with a unigram model",
                                     "U+2581 in place of spaces");
    HEADWATER_TRY_ASSIGN(std::vector<MergePair> merges, readMerges(model, complaint));
    data.kind = ByteBpe{{}, std::move(splitting.patterns), std::move(merges), isTrue(model, "ignore_merges")};
    return {};
}

} // namespace

Result<TokenizerData> readTokenizerJson(std::string_view text, const std::string& where)
{
    const Complaint complaint(where);
    HEADWATER_TRY_ASSIGN(const Json root, parseBoundedJson(text, where));
    const Json& model = memberOf(root, "model");
    const std::string type = wordOf(model, "type");
    const bool isOld = type.empty() && memberOf(model, "merges").is_array();
    if (type != "BPE" && type != "Unigram" && !isOld)
        return complaint.unsupported("model", type.empty() ? "no type" : shownWord(type),
                                     "\"BPE\" or \"Unigram\"");
    if (memberOf(model, "vocab").is_array() != (type == "Unigram"))
        return complaint.bad("model.vocab", "of another kind of model",
                             "ids with a BPE, scores with a Unigram");
    TokenizerData data;
    HEADWATER_TRY_ASSIGN(Vocabulary vocabulary, readVocabulary(root, complaint));
    data.tokens = std::move(vocabulary.tokens);
    data.types = std::move(vocabulary.types);
    data.addedRules = std::move(vocabulary.rules);
    data.addedOrder = AddedOrder::FromLeft;
    HEADWATER_TRY_ASSIGN(const Normalising normalising, readNormalising(root, complaint));
    data.isNfc = normalising.isNfc;
    HEADWATER_TRY_ASSIGN(Splitting splitting, readSplitting(root, normalising, complaint));
    HEADWATER_TRY(
        readKind(root, normalising, std::move(splitting), std::move(vocabulary.scores), complaint, data));
    HEADWATER_TRY(readTemplate(root, complaint, data));
    const std::string unknown = wordOf(model, "unk_token");
    if (const auto found = std::ranges::find(data.tokens, unknown); found != data.tokens.end())
        data.unknown = static_cast<std::int32_t>(found - data.tokens.begin());
    if (const Json& id = memberOf(model, "unk_id"); !id.is_null()) {
        HEADWATER_TRY_ASSIGN(const std::size_t unknownId, idOf(id, "model.unk_id", complaint));
        if (unknownId >= data.tokens.size())
            return complaint.bad("model.unk_id", fmt::format("{}", unknownId), "a token of the vocabulary");
        data.unknown = static_cast<std::int32_t>(unknownId);
    }
    return data;
}

} // namespace headwater
