// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/sentence_piece_bpe.h"

#include "core/base/text.h"
#include "core/tokenizer/word_merger.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <optional>

namespace headwater {
namespace {

constexpr std::string_view kSpace = "\xE2\x96\x81"; // U+2581

/// A fragment as the pieces spell it: U+2581 for every space. Symbols are its code points, and bytes that are
/// no part of one.
struct SpelledText {
    std::string text;
    std::vector<std::uint32_t> symbolAt; ///< [symbols + 1], in text
    std::vector<std::uint32_t> sourceAt; ///< [symbols], in the fragment

    void begin(std::string_view fragment, bool hasPrefix)
    {
        text.clear();
        symbolAt.clear();
        sourceAt.clear();
        if (hasPrefix)
            add(kSpace, 0);
        for (std::size_t i = 0; i < fragment.size();) {
            const std::size_t bytes = codePointAt(fragment.substr(i)).bytes;
            add(fragment[i] == ' ' ? kSpace : fragment.substr(i, bytes), i);
            i += bytes;
        }
        symbolAt.push_back(static_cast<std::uint32_t>(text.size()));
    }
    std::string_view between(std::uint32_t first, std::uint32_t end) const
    {
        return std::string_view(text).substr(symbolAt[first], symbolAt[end] - symbolAt[first]);
    }
    std::uint32_t symbols() const { return static_cast<std::uint32_t>(sourceAt.size()); }

private:
    void add(std::string_view symbol, std::size_t source)
    {
        symbolAt.push_back(static_cast<std::uint32_t>(text.size()));
        sourceAt.push_back(static_cast<std::uint32_t>(source));
        text += symbol;
    }
};

} // namespace

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
        m_spelled.begin(fragment.text, hasPrefix(fragment));
        m_symbols.clear();
        for (std::uint32_t i = 0; i < m_spelled.symbols(); ++i) {
            const Piece* const piece = m_model.find(m_spelled.between(i, i + 1));
            m_symbols.push_back(piece ? piece->id : -1);
        }
        const std::vector<WordPiece>& pieces = m_merger.merge(m_symbols);
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            const std::uint32_t end = i + 1 < pieces.size() ? pieces[i + 1].start : m_spelled.symbols();
            give(m_spelled.between(pieces[i].start, end),
                 fragment.start + m_spelled.sourceAt[pieces[i].start], out);
        }
        return {};
    }

private:
    /// One piece; an unused one as the two that made it; what no piece spells as its bytes.
    void give(std::string_view spelling, std::uint32_t start, TokenSequence& out) const
    {
        const Piece* const piece = m_model.find(spelling);
        if (piece && piece->isUnused) {
            if (const auto half = m_leftHalf.find(piece->id); half != m_leftHalf.end()) {
                give(spelling.substr(0, half->second), start, out);
                const std::string_view right = spelling.substr(half->second);
                give(right, start + sourceBytes(spelling.substr(0, half->second)), out);
                return;
            }
        }
        if (piece) {
            out.ids.push_back(piece->id);
            out.offsets.push_back(start);
            return;
        }
        for (std::size_t i = 0; i < spelling.size(); ++i) {
            const std::int32_t byte = m_model.m_byteIds[static_cast<unsigned char>(spelling[i])];
            const std::int32_t id = byte < 0 ? m_model.m_unknown : byte;
            const bool isAgain = byte < 0 && i > 0; // one unknown token a code point
            if (id < 0 || isAgain)
                continue;
            out.ids.push_back(id);
            out.offsets.push_back(start + static_cast<std::uint32_t>(spelling.size() > 1 ? i : 0));
        }
    }

    bool hasPrefix(const TextFragment& fragment) const
    {
        const bool isHere = m_model.m_spacePrefix == SpacePrefix::EveryFragment
            || (m_model.m_spacePrefix == SpacePrefix::First && fragment.beginsText);
        const bool isThere = fragment.text.starts_with(' ') || fragment.text.starts_with(kSpace);
        return isHere && (m_model.m_prefixesSpaces || !isThere);
    }

    /// Bytes of the text that were spelled so.
    static std::uint32_t sourceBytes(std::string_view spelling)
    {
        std::size_t bytes = spelling.size();
        for (std::size_t at = spelling.find(kSpace); at != std::string_view::npos;
             at = spelling.find(kSpace, at + kSpace.size()))
            bytes -= kSpace.size() - 1;
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
    auto model = std::make_unique<SentencePieceModel>();
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
    model->m_byteIds.fill(-1);
    for (std::size_t i = 0; i < data.tokens.size(); ++i) {
        const int byte = data.typeOf(i) == TokenType::Byte ? byteOfSpelling(data.tokens[i]) : -1;
        if (byte >= 0)
            model->m_byteIds[static_cast<std::size_t>(byte)] = static_cast<std::int32_t>(i);
    }
    if (!hasScores) {
        HEADWATER_TRY_ASSIGN(model->m_merges, mergesOf(bpe.merges, vocabulary));
    }
    model->m_unknown = data.unknown;
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
    if (type == TokenType::Byte) {
        const int byte = byteOfSpelling(spelling);
        return byte < 0 ? std::string{} : std::string(1, static_cast<char>(byte));
    }
    std::string bytes;
    for (std::size_t i = 0; i < spelling.size();) {
        const bool isSpace = std::string_view(spelling).substr(i).starts_with(kSpace);
        bytes += isSpace ? ' ' : spelling[i];
        i += isSpace ? kSpace.size() : 1;
    }
    return bytes;
}

} // namespace headwater
