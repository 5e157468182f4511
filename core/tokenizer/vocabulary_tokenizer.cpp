// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/vocabulary_tokenizer.h"

#include "core/base/text.h"
#include "core/model/limits.h"
#include "core/tokenizer/byte_bpe.h"
#include "core/tokenizer/normal_form.h"
#include "core/tokenizer/sentence_piece_bpe.h"
#include "core/tokenizer/tokenizer_identity.h"
#include "core/tokenizer/unigram.h"

#include <algorithm>
#include <array>
#include <deque>
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
    if (const auto* const unigram = std::get_if<Unigram>(&data.kind))
        return UnigramModel::make(data, *unigram);
    return ByteBpeModel::make(data, std::get<ByteBpe>(data.kind), vocabulary);
}

AddedTokenRule ruleOf(const TokenizerData& data, std::int32_t id)
{
    const auto found = std::ranges::find(data.addedRules, id, &AddedTokenRule::id);
    return found == data.addedRules.end() ? AddedTokenRule{} : *found;
}

} // namespace

/// One text on its way to tokens.
class VocabularyTokenizer::Encoding {
public:
    Encoding(const VocabularyTokenizer& tokenizer, TokenSequence& out)
        : m_tokenizer(tokenizer)
        , m_cutter(tokenizer.m_subwords->cutter())
        , m_out(out)
    {
    }

    /// What stands between two added tokens.
    Result<void> add(std::string_view fragment, std::uint32_t start)
    {
        if (!m_tokenizer.m_isNfc && m_tokenizer.m_inNormalised.empty())
            return m_cutter->cut({fragment, start, start == 0}, m_out);
        if (m_tokenizer.m_isNfc) {
            HEADWATER_TRY_ASSIGN(NormalForm form, NormalForm::of(fragment));
            m_forms.push_back(std::move(form));
        } else {
            m_forms.push_back(NormalForm::asItIs(fragment));
        }
        const NormalForm& form = m_forms.back();
        const std::string_view text = form.view();
        const std::size_t first = m_out.ids.size();
        std::uint32_t done = 0;
        for (const AddedTokens::Match& match : m_tokenizer.m_inNormalised.findFromLeft(text)) {
            HEADWATER_TRY(
                m_cutter->cut({text.substr(done, match.start - done), done, start == 0 && done == 0}, m_out));
            addToken(match.id, match.start);
            done = match.start + match.length;
        }
        HEADWATER_TRY(m_cutter->cut({text.substr(done), done, start == 0 && done == 0}, m_out));
        for (std::size_t i = first; i < m_out.offsets.size(); ++i)
            m_out.offsets[i] = start + form.sourceOf(m_out.offsets[i]);
        return {};
    }

    void addToken(std::int32_t id, std::uint32_t start)
    {
        m_out.ids.push_back(id);
        m_out.offsets.push_back(start);
    }

private:
    const VocabularyTokenizer& m_tokenizer;
    std::unique_ptr<FragmentCutter> m_cutter;
    std::deque<NormalForm> m_forms; ///< their texts outlive the cutter's words
    TokenSequence& m_out;
};

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
        const AddedTokenRule rule = ruleOf(data, id);
        if (added && rule.inNormalised && !control)
            tokenizer->m_inNormalised.add(token, id, rule);
        else if (added)
            tokenizer->m_added.add(token, id, rule);
        if (added && !rule.inNormalised && !control)
            tokenizer->m_userDefined.add(token, id, rule);
        const bool ends = id == data.eos || id == data.endOfTurn
            || std::ranges::find(data.endings, id) != data.endings.end()
            || (control && std::ranges::find(kEndings, token) != kEndings.end());
        tokenizer->m_pieces.push_back(
            {added ? token : tokenizer->m_subwords->bytesOf(token, type), control, ends});
    }
    tokenizer->m_order = data.addedOrder;
    tokenizer->m_isNfc = data.isNfc;
    tokenizer->m_bos = data.addBos ? data.bos : -1;
    tokenizer->m_eos = data.addEos ? data.eos : -1;
    tokenizer->m_identity = tokenizerIdentity(data);
    return std::unique_ptr<Tokenizer>(std::move(tokenizer));
}

/// Around what is plain the text is a frame, whose control tokens stay what they are. Between the nearest two
/// of them it is one piece, the frame's ends included: a word may begin in the frame and end in the text.
std::vector<AddedTokens::Match> VocabularyTokenizer::findAdded(std::string_view text,
                                                               std::span<const PlainRange> plain) const
{
    if (plain.empty())
        return findIn(m_added, text);
    const auto isControl = [this](const AddedTokens::Match& match) {
        return m_pieces[static_cast<std::size_t>(match.id)].control;
    };
    std::vector<AddedTokens::Match> matches;
    const auto append = [&matches](auto first, auto last, std::size_t at) {
        for (; first != last; ++first)
            matches.push_back({static_cast<std::uint32_t>(first->start + at), first->length, first->id});
    };
    std::size_t piece = 0; // where the piece that holds plain text begins
    for (std::size_t frame = 0; frame <= plain.size(); ++frame) {
        const std::size_t begin = frame == 0 ? 0 : plain[frame - 1].end;
        const std::size_t end = frame == plain.size() ? text.size() : plain[frame].begin;
        const std::vector<AddedTokens::Match> found = findIn(m_added, text.substr(begin, end - begin));
        const auto first = frame == 0 ? found.begin() : std::ranges::find_if(found, isControl);
        if (frame > 0 && (first != found.end() || frame == plain.size())) {
            const std::size_t next = first == found.end() ? text.size() : begin + first->start;
            const auto between = m_userDefined.findFromLeft(text.substr(piece, next - piece));
            append(between.begin(), between.end(), piece);
        }
        // What is no control token at the end belongs to the piece that begins behind the last that is one.
        auto last = found.end();
        while (frame < plain.size() && last != first && !isControl(*std::prev(last)))
            --last;
        append(first, last, begin);
        if (last != first)
            piece = matches.back().start + matches.back().length;
    }
    return matches;
}

std::vector<AddedTokens::Match> VocabularyTokenizer::findIn(const AddedTokens& added,
                                                            std::string_view text) const
{
    return m_order == AddedOrder::LongestFirst ? added.find(text) : added.findFromLeft(text);
}

Result<TokenSequence> VocabularyTokenizer::encode(std::string_view text,
                                                  std::span<const PlainRange> plain) const
{
    if (text.size() > limits::kPromptBytes)
        return Error{
            ErrorCode::InvalidArgument,
            fmt::format("{}, expected at most {}", humanBytes(text.size()), humanBytes(limits::kPromptBytes)),
            "text"};
    TokenSequence out;
    Encoding encoding(*this, out);
    if (m_bos >= 0)
        encoding.addToken(m_bos, 0);
    std::uint32_t done = 0;
    for (const AddedTokens::Match& match : findAdded(text, plain)) {
        HEADWATER_TRY(encoding.add(text.substr(done, match.start - done), done));
        encoding.addToken(match.id, match.start);
        done = match.start + match.length;
    }
    HEADWATER_TRY(encoding.add(text.substr(done), done));
    // Bytes without a token at the very start belong to the first token that has bytes.
    const std::size_t first = m_bos >= 0 ? 1 : 0;
    if (first < out.offsets.size())
        out.offsets[first] = 0;
    if (m_eos >= 0)
        encoding.addToken(m_eos, static_cast<std::uint32_t>(text.size()));
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
