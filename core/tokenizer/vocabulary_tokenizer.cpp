// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/vocabulary_tokenizer.h"

#include "core/base/text.h"
#include "core/model/limits.h"
#include "core/tokenizer/byte_bpe.h"
#include "core/tokenizer/sentence_piece_bpe.h"
#include "core/tokenizer/tokenizer_identity.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace headwater {
namespace {

/// Control tokens that end an answer whatever the file names as EOS.
constexpr std::array<std::string_view, 8> kEndings = {
    "<|im_end|>", "<|endoftext|>", "<|eot_id|>",    "<|end_of_text|>",
    "<|eom_id|>", "<|end|>",       "<end_of_turn>", "<\uFF5Cend\u2581of\u2581sentence\uFF5C>"};

Result<std::unique_ptr<SubwordModel>> makeSubwords(const TokenizerData& data, const Vocabulary& vocabulary)
{
    if (const auto* const bpe = std::get_if<SentencePieceBpe>(&data.kind))
        return SentencePieceModel::make(data, *bpe, vocabulary);
    return ByteBpeModel::make(data, std::get<ByteBpe>(data.kind), vocabulary);
}

} // namespace

Result<std::unique_ptr<Tokenizer>> VocabularyTokenizer::make(const TokenizerData& data)
{
    HEADWATER_TRY_ASSIGN(const Vocabulary vocabulary, Vocabulary::make(data));
    auto tokenizer = std::make_unique<VocabularyTokenizer>();
    HEADWATER_TRY_ASSIGN(tokenizer->m_subwords, makeSubwords(data, vocabulary));
    for (std::size_t i = 0; i < data.tokens.size(); ++i) {
        const TokenType type = data.typeOf(i);
        const auto id = static_cast<std::int32_t>(i);
        const std::string& token = data.tokens[i];
        const bool control = type == TokenType::Control || type == TokenType::Unknown;
        const bool added = control || type == TokenType::UserDefined;
        if (added && token.size() > limits::kAddedTokenBytes)
            return badTokenizer(fmt::format("tokens[{}]", i),
                                fmt::format("an added token of {} bytes", token.size()),
                                fmt::format("at most {}", limits::kAddedTokenBytes));
        if (added)
            tokenizer->m_added.add(token, id);
        if (added && !control)
            tokenizer->m_userDefined.add(token, id);
        const bool ends = id == data.eos || id == data.endOfTurn
            || (control && std::ranges::find(kEndings, token) != kEndings.end());
        tokenizer->m_pieces.push_back(
            {added ? token : tokenizer->m_subwords->bytesOf(token, type), control, ends});
    }
    tokenizer->m_bos = data.addBos ? data.bos : -1;
    tokenizer->m_eos = data.addEos ? data.eos : -1;
    tokenizer->m_identity = tokenizerIdentity(data);
    return std::unique_ptr<Tokenizer>(std::move(tokenizer));
}

/// Before and after `plain` the text is a frame, whose control tokens stay what they are. Between the nearest
/// two of them it is one piece, the frame's ends included: a word may begin in the frame and end in the text.
std::vector<AddedTokens::Match> VocabularyTokenizer::findAdded(std::string_view text, PlainRange plain) const
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

Result<TokenSequence> VocabularyTokenizer::encode(std::string_view text, PlainRange plain) const
{
    if (text.size() > limits::kPromptBytes)
        return Error{
            ErrorCode::InvalidArgument,
            fmt::format("{}, expected at most {}", humanBytes(text.size()), humanBytes(limits::kPromptBytes)),
            "text"};
    TokenSequence out;
    const std::unique_ptr<FragmentCutter> cutter = m_subwords->cutter();
    if (m_bos >= 0) {
        out.ids.push_back(m_bos);
        out.offsets.push_back(0);
    }
    std::uint32_t done = 0;
    for (const AddedTokens::Match& match : findAdded(text, plain)) {
        HEADWATER_TRY(cutter->cut(text.substr(done, match.start - done), done, out));
        out.ids.push_back(match.id);
        out.offsets.push_back(match.start);
        done = match.start + match.length;
    }
    HEADWATER_TRY(cutter->cut(text.substr(done), done, out));
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

std::string VocabularyTokenizer::decode(std::int32_t id, bool withControl) const
{
    if (id < 0 || id >= vocabSize())
        return {};
    const Piece& piece = m_pieces[static_cast<std::size_t>(id)];
    return piece.control && !withControl ? std::string{} : piece.bytes;
}

bool VocabularyTokenizer::endsGeneration(std::int32_t id) const
{
    return id >= 0 && id < vocabSize() && m_pieces[static_cast<std::size_t>(id)].endsGeneration;
}

} // namespace headwater
