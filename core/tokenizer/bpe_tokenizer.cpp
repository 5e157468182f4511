// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/bpe_tokenizer.h"

#include "core/base/text.h"
#include "core/model/limits.h"
#include "core/tokenizer/byte_alphabet.h"
#include "core/tokenizer/tokenizer_identity.h"

#include <algorithm>
#include <fmt/format.h>

namespace headwater {
namespace {

// ggml's token types (llama.h, llama_token_type).
constexpr std::int32_t kUnknownType = 2;
constexpr std::int32_t kControlType = 3;
constexpr std::int32_t kUserDefinedType = 4;

/// Control tokens that end an answer whatever the file names as EOS.
constexpr std::array<std::string_view, 2> kEndings = {"<|im_end|>", "<|endoftext|>"};

using Ids = std::unordered_map<std::string_view, std::int32_t>;

Error badTokenizer(const std::string& field, const std::string& found, const std::string& expected)
{
    return {ErrorCode::BadFormat, fmt::format("{}, expected {}", found, expected), field};
}

Result<Ids> idsOf(const std::vector<std::string>& tokens)
{
    if (tokens.empty() || tokens.size() > limits::kVocabSize)
        return badTokenizer("tokenizer.ggml.tokens", fmt::format("{} tokens", tokens.size()),
                            fmt::format("1 to {}", limits::kVocabSize));
    Ids ids;
    ids.reserve(tokens.size());
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (!ids.emplace(tokens[i], static_cast<std::int32_t>(i)).second)
            return badTokenizer(fmt::format("tokenizer.ggml.tokens[{}]", i),
                                fmt::format("\"{}\" again", printable(tokens[i].substr(0, 60))),
                                "every token once");
    }
    return ids;
}

Result<void> fillMerges(const TokenizerData& data, const Ids& ids, MergeTable& merges)
{
    if (data.merges.empty())
        return badTokenizer("tokenizer.ggml.merges", "0 merges", "the merges of a byte-level BPE");
    const auto idOf = [&ids](std::string_view token) {
        const auto found = ids.find(token);
        return found == ids.end() ? -1 : found->second;
    };
    std::string merged;
    for (std::size_t i = 0; i < data.merges.size(); ++i) {
        const std::string_view merge = data.merges[i];
        const std::size_t space = std::min(merge.find(' ', 1), merge.size());
        merged.assign(merge.substr(0, space)).append(merge.substr(std::min(space + 1, merge.size())));
        const std::int32_t left = idOf(merge.substr(0, space));
        const std::int32_t right = idOf(merge.substr(std::min(space + 1, merge.size())));
        const std::int32_t result = idOf(merged);
        if (left < 0 || right < 0 || result < 0)
            return badTokenizer(fmt::format("tokenizer.ggml.merges[{}]", i),
                                fmt::format("\"{}\"", printable(merge.substr(0, 60))),
                                "two known tokens that make a third");
        merges.insert(left, right, {static_cast<std::uint32_t>(i), result});
    }
    return {};
}

} // namespace

/// Words of one text that came before: most of any text repeats.
class BpeTokenizer::WordCache {
public:
    struct Entry {
        std::uint32_t first = 0; ///< in m_pieces
        std::uint32_t count = 0;
    };

    const Entry* find(std::string_view word) const
    {
        const auto found = m_entries.find(word);
        return found == m_entries.end() ? nullptr : &found->second;
    }
    std::span<const WordMerger::Piece> pieces(const Entry& entry) const
    {
        return std::span(m_pieces).subspan(entry.first, entry.count);
    }
    /// `word` must outlive the cache.
    void keep(std::string_view word, const std::vector<WordMerger::Piece>& pieces)
    {
        if (word.size() > kLongestWord || m_entries.size() >= kMostWords)
            return;
        m_entries.emplace(
            word,
            Entry{static_cast<std::uint32_t>(m_pieces.size()), static_cast<std::uint32_t>(pieces.size())});
        m_pieces.insert(m_pieces.end(), pieces.begin(), pieces.end());
    }

private:
    static constexpr std::size_t kLongestWord = 32;
    static constexpr std::size_t kMostWords = 1 << 18;

    std::unordered_map<std::string_view, Entry> m_entries;
    std::vector<WordMerger::Piece> m_pieces;
};

BpeTokenizer::BpeTokenizer(Pretokenizer pretokenizer, std::size_t numMerges)
    : m_pretokenizer(std::move(pretokenizer))
    , m_merges(numMerges)
{
}

Result<std::unique_ptr<Tokenizer>> BpeTokenizer::make(const TokenizerData& data)
{
    HEADWATER_TRY_ASSIGN(Pretokenizer pretokenizer, Pretokenizer::make(data.preTokenizer));
    HEADWATER_TRY_ASSIGN(const Ids ids, idsOf(data.tokens));
    if (!data.tokenTypes.empty() && data.tokenTypes.size() != data.tokens.size())
        return badTokenizer("tokenizer.ggml.token_type", fmt::format("{} types", data.tokenTypes.size()),
                            fmt::format("{}, one a token", data.tokens.size()));
    const auto numTokens = static_cast<std::int32_t>(data.tokens.size());
    for (const std::int32_t id : {data.bos, data.eos, data.endOfTurn, data.unknown, data.padding}) {
        if (id < -1 || id >= numTokens)
            return badTokenizer("tokenizer.ggml", fmt::format("special token {}", id),
                                fmt::format("an id below {}", numTokens));
    }
    if ((data.addBos && data.bos < 0) || (data.addEos && data.eos < 0))
        return badTokenizer("tokenizer.ggml", "add_bos_token or add_eos_token without its id",
                            "the id of the token to add");

    std::unique_ptr<BpeTokenizer> tokenizer(new BpeTokenizer(std::move(pretokenizer), data.merges.size()));
    HEADWATER_TRY(fillMerges(data, ids, tokenizer->m_merges));
    for (std::size_t i = 0; i < data.tokens.size(); ++i) {
        const std::int32_t type = data.tokenTypes.empty() ? 1 : data.tokenTypes[i];
        const auto id = static_cast<std::int32_t>(i);
        const std::string& token = data.tokens[i];
        const bool control = type == kControlType || type == kUnknownType;
        const bool added = control || type == kUserDefinedType;
        if (added && token.size() > limits::kAddedTokenBytes)
            return badTokenizer(fmt::format("tokenizer.ggml.tokens[{}]", i),
                                fmt::format("an added token of {} bytes", token.size()),
                                fmt::format("at most {}", limits::kAddedTokenBytes));
        if (added)
            tokenizer->m_added.add(token, id);
        if (added && !control)
            tokenizer->m_userDefined.add(token, id);
        const bool ends = id == data.eos || id == data.endOfTurn
            || (control && std::ranges::find(kEndings, token) != kEndings.end());
        tokenizer->m_pieces.push_back({added ? token : bytesOfSpelling(token), control, ends});
    }
    for (unsigned byte = 0; byte < 256; ++byte) {
        const auto found = ids.find(characterOfByte(static_cast<std::uint8_t>(byte)));
        tokenizer->m_byteIds[byte] = found == ids.end() ? -1 : found->second;
    }
    tokenizer->m_bos = data.addBos ? data.bos : -1;
    tokenizer->m_eos = data.addEos ? data.eos : -1;
    tokenizer->m_identity = tokenizerIdentity(data);
    return std::unique_ptr<Tokenizer>(std::move(tokenizer));
}

/// Before and after `plain` the text is a frame, whose control tokens stay what they are. Between the nearest
/// two of them it is one piece, the frame's ends included: a word may begin in the frame and end in the text.
std::vector<AddedTokens::Match> BpeTokenizer::findAdded(std::string_view text, PlainRange plain) const
{
    if (plain.begin >= plain.end)
        return m_added.find(text);
    const auto isControl = [this](const AddedTokens::Match& match) {
        return m_pieces[static_cast<std::size_t>(match.id)].control;
    };
    const auto append = [](std::vector<AddedTokens::Match>& matches, auto first, auto last, std::size_t at) {
        for (; first != last; ++first)
            matches.push_back({static_cast<std::uint32_t>(first->start + at), first->length, first->id});
    };
    std::vector<AddedTokens::Match> matches = m_added.find(text.substr(0, plain.begin));
    while (!matches.empty() && !isControl(matches.back()))
        matches.pop_back();
    const std::vector<AddedTokens::Match> after = m_added.find(text.substr(plain.end));
    const auto next = std::ranges::find_if(after, isControl);
    const std::size_t begin = matches.empty() ? 0 : matches.back().start + matches.back().length;
    const std::size_t end = next == after.end() ? text.size() : plain.end + next->start;
    const auto between = m_userDefined.findFromLeft(text.substr(begin, end - begin));
    append(matches, between.begin(), between.end(), begin);
    append(matches, next, after.end(), plain.end);
    return matches;
}

Result<TokenSequence> BpeTokenizer::encode(std::string_view text, PlainRange plain) const
{
    if (text.size() > limits::kPromptBytes)
        return Error{
            ErrorCode::InvalidArgument,
            fmt::format("{}, expected at most {}", humanBytes(text.size()), humanBytes(limits::kPromptBytes)),
            "text"};
    TokenSequence out;
    WordMerger merger(m_merges);
    WordCache cache;
    if (m_bos >= 0) {
        out.ids.push_back(m_bos);
        out.offsets.push_back(0);
    }
    std::uint32_t done = 0;
    for (const AddedTokens::Match& match : findAdded(text, plain)) {
        HEADWATER_TRY(encodeFragment(text.substr(done, match.start - done), done, merger, cache, out));
        out.ids.push_back(match.id);
        out.offsets.push_back(match.start);
        done = match.start + match.length;
    }
    HEADWATER_TRY(encodeFragment(text.substr(done), done, merger, cache, out));
    // Bytes without a token at the very start belong to the first token that has bytes.
    const std::size_t first = m_bos >= 0 ? 1 : 0;
    if (first < out.offsets.size())
        out.offsets[first] = 0;
    if (m_eos >= 0) {
        out.ids.push_back(m_eos);
        out.offsets.push_back(static_cast<std::uint32_t>(text.size()));
    }
    out.offsets.push_back(static_cast<std::uint32_t>(text.size()));
    if (out.ids.size() > limits::kPromptTokens)
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("{} tokens, expected at most {}", out.ids.size(), limits::kPromptTokens),
                     "text"};
    return out;
}

Result<void> BpeTokenizer::encodeFragment(std::string_view text, std::uint32_t start, WordMerger& merger,
                                          WordCache& cache, TokenSequence& out) const
{
    HEADWATER_TRY_ASSIGN(const std::vector<std::uint32_t> ends, m_pretokenizer.split(text));
    std::uint32_t wordStart = 0;
    for (const std::uint32_t end : ends) {
        encodeWord(text.substr(wordStart, end - wordStart), start + wordStart, merger, cache, out);
        wordStart = end;
    }
    return {};
}

void BpeTokenizer::encodeWord(std::string_view word, std::uint32_t start, WordMerger& merger,
                              WordCache& cache, TokenSequence& out) const
{
    const auto append = [&out, start](std::span<const WordMerger::Piece> pieces) {
        for (const WordMerger::Piece& piece : pieces) {
            if (piece.id < 0)
                continue;
            out.ids.push_back(piece.id);
            out.offsets.push_back(start + piece.start);
        }
    };
    if (const WordCache::Entry* known = cache.find(word)) {
        append(cache.pieces(*known));
        return;
    }
    std::vector<std::int32_t> symbols(word.size());
    std::ranges::transform(word, symbols.begin(),
                           [this](char c) { return m_byteIds[static_cast<unsigned char>(c)]; });
    const std::vector<WordMerger::Piece>& pieces = merger.merge(symbols);
    append(pieces);
    cache.keep(word, pieces);
}

std::string BpeTokenizer::decode(std::int32_t id, bool withControl) const
{
    if (id < 0 || id >= vocabSize())
        return {};
    const Piece& piece = m_pieces[static_cast<std::size_t>(id)];
    return piece.control && !withControl ? std::string{} : piece.bytes;
}

bool BpeTokenizer::endsGeneration(std::int32_t id) const
{
    return id >= 0 && id < vocabSize() && m_pieces[static_cast<std::size_t>(id)].endsGeneration;
}

} // namespace headwater
