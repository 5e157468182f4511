// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/sentence_piece_bpe.h"

#include "core/tokenizer/word_merger.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <optional>

namespace headwater {
class SentencePieceModel::Cutter : public FragmentCutter {
public:
    explicit Cutter(const SentencePieceModel& model)
        : m_model(model)
        , m_merger(*this)
    {
    }

    /// Neighbours merge where a piece spells them together, or as the listed merges say.
    std::optional<Merge> find(const Neighbours& pair) const
    {
        if (m_model.m_merges)
            return m_model.m_merges->find(pair);
        const Piece* const piece = m_model.find(m_spelled.between(pair.first, pair.end));
        if (!piece)
            return std::nullopt;
        if (piece->isUnused)
            m_leftHalf[piece->id] = m_spelled.between(pair.first, pair.middle).size();
        return Merge{piece->rank, piece->id};
    }

    Result<void> cut(const TextFragment& fragment, TokenSequence& out) override
    {
        if (fragment.text.empty())
            return {};
        m_spelled.begin(fragment.text, getsSpace(fragment, m_model.m_spacePrefix, m_model.m_prefixesSpaces));
        m_symbols.clear();
        for (std::uint32_t i = 0; i < m_spelled.symbols(); ++i) {
            const Piece* const piece = m_model.find(m_spelled.between(i, i + 1));
            m_symbols.push_back(piece ? piece->id : -1);
        }
        const std::vector<WordPiece>& pieces = m_merger.merge(m_symbols);
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            const std::uint32_t end = i + 1 < pieces.size() ? pieces[i + 1].start : m_spelled.symbols();
            give(m_spelled.between(pieces[i].start, end),
                 fragment.start + m_spelled.sourceOf(pieces[i].start),
                 pieces[i].start == 0 && m_spelled.hasPrefix() ? 1 : 0, out);
        }
        return {};
    }

private:
    /// One piece; an unused one as the two that made it; what no piece spells as its bytes. `added`: spaces
    /// that it begins with and the text does not.
    void give(std::string_view spelling, std::uint32_t start, std::uint32_t added, TokenSequence& out) const
    {
        const Piece* const piece = m_model.find(spelling);
        if (piece && piece->isUnused) {
            if (const auto half = m_leftHalf.find(piece->id); half != m_leftHalf.end()) {
                const std::string_view left = spelling.substr(0, half->second);
                give(left, start, added, out);
                give(spelling.substr(half->second), start + sourceBytes(left) - added, 0, out);
                return;
            }
        }
        if (piece) {
            out.ids.push_back(piece->id);
            out.offsets.push_back(start);
            return;
        }
        m_model.m_bytes.give(spelling, start, out);
    }

    /// Bytes of the text that were spelled so.
    static std::uint32_t sourceBytes(std::string_view spelling)
    {
        std::size_t bytes = spelling.size();
        for (std::size_t at = spelling.find(kSpaceMark); at != std::string_view::npos;
             at = spelling.find(kSpaceMark, at + kSpaceMark.size()))
            bytes -= kSpaceMark.size() - 1;
        return static_cast<std::uint32_t>(bytes);
    }

    const SentencePieceModel& m_model;
    SpelledText m_spelled;
    std::vector<std::int32_t> m_symbols;
    mutable std::unordered_map<std::int32_t, std::size_t> m_leftHalf; ///< of unused pieces, in bytes
    WordMerger<Cutter> m_merger;
};

Result<std::unique_ptr<SubwordModel>>
SentencePieceModel::make(const TokenizerData& data, const SentencePieceBpe& bpe, const Vocabulary& vocabulary)
{
    const bool hasScores = bpe.merges.empty();
    if (hasScores && bpe.scores.size() != data.tokens.size())
        return badTokenizer("scores", fmt::format("{} scores", bpe.scores.size()),
                            fmt::format("{}, one a token", data.tokens.size()));
    const auto bad = std::ranges::find_if(bpe.scores, [](float score) { return std::isnan(score); });
    if (bad != bpe.scores.end())
        return badTokenizer(fmt::format("scores[{}]", bad - bpe.scores.begin()), "NaN", "a number");
    auto model = std::make_unique<SentencePieceModel>(data);
    std::vector<float> ranked;
    for (std::size_t i = 0; i < data.tokens.size(); ++i) {
        const TokenType type = data.typeOf(i);
        if (type == TokenType::Normal || type == TokenType::UserDefined || type == TokenType::Unused) {
            model->m_spellings.push_back(data.tokens[i]);
            if (hasScores)
                ranked.push_back(bpe.scores[i]);
        }
    }
    std::ranges::sort(ranked, std::greater<>{});
    ranked.erase(std::unique(ranked.begin(), ranked.end()), ranked.end());
    for (const std::string& spelling : model->m_spellings) {
        const std::int32_t id = vocabulary.find(spelling);
        const auto at = static_cast<std::size_t>(id);
        Piece piece{id, 0, hasScores && data.typeOf(at) == TokenType::Unused};
        if (hasScores)
            piece.rank = static_cast<std::uint32_t>(
                std::ranges::lower_bound(ranked, bpe.scores[at], std::greater<>{}) - ranked.begin());
        model->m_pieces.emplace(spelling, piece);
        model->m_longest = std::max(model->m_longest, spelling.size());
    }
    if (!hasScores) {
        HEADWATER_TRY_ASSIGN(model->m_merges, mergesOf(bpe.merges, vocabulary));
    }
    model->m_spacePrefix = bpe.spacePrefix;
    model->m_prefixesSpaces = bpe.prefixesSpaces;
    return std::unique_ptr<SubwordModel>(std::move(model));
}

const SentencePieceModel::Piece* SentencePieceModel::find(std::string_view spelling) const
{
    if (spelling.size() > m_longest)
        return nullptr;
    const auto found = m_pieces.find(spelling);
    return found == m_pieces.end() ? nullptr : &found->second;
}

std::unique_ptr<FragmentCutter> SentencePieceModel::cutter() const
{
    return std::make_unique<Cutter>(*this);
}

std::string SentencePieceModel::bytesOf(const std::string& spelling, TokenType type) const
{
    return bytesOfPiece(spelling, type);
}

} // namespace headwater
