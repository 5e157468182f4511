// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/unigram.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace headwater {
namespace {

/// How much less an unknown character scores than the least token.
constexpr double kUnknownPenalty = 10;

} // namespace

class UnigramModel::Cutter : public FragmentCutter {
public:
    explicit Cutter(const UnigramModel& model)
        : m_model(model)
    {
    }

    Result<void> cut(const TextFragment& fragment, TokenSequence& out) override
    {
        if (fragment.text.empty())
            return {};
        m_spelled.begin(fragment.text, getsSpace(fragment, m_model.m_spacePrefix, m_model.m_prefixesSpaces));
        const std::uint32_t symbols = m_spelled.symbols();
        for (std::uint32_t begin = 0, end = 0; begin < symbols; begin = end) {
            end = symbols;
            if (m_model.m_splitsWords) {
                end = begin + 1;
                while (end < symbols && m_spelled.between(end, end + 1) != kSpaceMark)
                    ++end;
            }
            cutWord(begin, end, fragment.start, out);
        }
        return {};
    }

private:
    /// The best way to a place between two symbols.
    struct Best {
        double score = 0;
        std::uint32_t from = 0; ///< symbol
        std::int32_t id = -1; ///< -1: an unknown character
        bool isReached = false;
    };

    void cutWord(std::uint32_t begin, std::uint32_t end, std::uint32_t start, TokenSequence& out)
    {
        m_best.assign(end - begin + 1, {});
        for (std::uint32_t at = begin; at < end; ++at) {
            const double till = m_best[at - begin].score;
            std::uint32_t to = at;
            std::size_t bytes = 0; // of the symbols [at, to)
            bool isSpelled = false; // by a token of this character alone
            m_model.forEachPrefix(m_spelled.between(at, end), [&](const Piece& piece) {
                while (bytes < piece.spelling.size()) {
                    bytes += m_spelled.between(to, to + 1).size();
                    ++to;
                }
                if (bytes != piece.spelling.size())
                    return; // a token that ends inside a character
                isSpelled = isSpelled || to == at + 1;
                reach(m_best[to - begin], till + piece.score, at, piece.id);
            });
            if (!isSpelled)
                reach(m_best[at + 1 - begin], till + m_model.m_unknownScore, at, -1);
        }
        m_ends.clear();
        for (std::uint32_t at = end; at > begin; at = m_best[at - begin].from)
            m_ends.push_back(at);
        for (auto to = m_ends.rbegin(); to != m_ends.rend(); ++to) {
            const Best& step = m_best[*to - begin];
            const std::uint32_t place = start + m_spelled.sourceOf(step.from);
            if (step.id >= 0) {
                out.ids.push_back(step.id);
                out.offsets.push_back(place);
            } else {
                m_model.m_bytes.give(m_spelled.between(step.from, *to), place, out);
            }
        }
    }

    /// Of equal ways the one that was found first, which comes from farther back.
    void reach(Best& place, double score, std::uint32_t from, std::int32_t id) const
    {
        const double sum = m_model.m_sumsAreFloats ? static_cast<double>(static_cast<float>(score)) : score;
        if (!place.isReached || sum > place.score)
            place = {sum, from, id, true};
    }

    const UnigramModel& m_model;
    SpelledText m_spelled;
    std::vector<Best> m_best;
    std::vector<std::uint32_t> m_ends;
};

template <class See> void UnigramModel::forEachPrefix(std::string_view text, See&& see) const
{
    const auto byteAt = [](std::string_view of, std::size_t i) { return static_cast<unsigned char>(of[i]); };
    const std::size_t first = byteAt(text, 0);
    auto begin = m_pieces.begin() + m_firstOf[first];
    auto end = m_pieces.begin() + m_firstOf[first + 1];
    for (std::size_t depth = 1; begin != end; ++depth) {
        // All of [begin, end) begin with the first `depth` bytes.
        if (begin->spelling.size() == depth)
            see(*begin++);
        if (depth == text.size())
            return;
        const unsigned char next = byteAt(text, depth);
        begin = std::partition_point(
            begin, end, [&](const Piece& piece) { return byteAt(piece.spelling, depth) < next; });
        end = std::partition_point(begin, end,
                                   [&](const Piece& piece) { return byteAt(piece.spelling, depth) == next; });
    }
}

Result<std::unique_ptr<SubwordModel>> UnigramModel::make(const TokenizerData& data, const Unigram& unigram)
{
    if (unigram.scores.size() != data.tokens.size())
        return badTokenizer("scores", fmt::format("{} scores", unigram.scores.size()),
                            fmt::format("{}, one a token", data.tokens.size()));
    auto model = std::make_unique<UnigramModel>(data);
    if (!model->m_bytes.areAllThere())
        return badTokenizer("tokens", "a byte without a token", "all 256, \"<0x00>\" to \"<0xFF>\"");
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < data.tokens.size(); ++i) {
        if (!std::isfinite(unigram.scores[i]))
            return badTokenizer(fmt::format("scores[{}]", i), fmt::format("{}", unigram.scores[i]),
                                "a finite number");
        if (data.typeOf(i) != TokenType::Normal)
            continue;
        least = std::min(least, unigram.scores[i]);
        if (!data.tokens[i].empty())
            model->m_pieces.push_back({data.tokens[i], static_cast<std::int32_t>(i), unigram.scores[i]});
    }
    std::ranges::sort(model->m_pieces, {},
                      [](const Piece& piece) { return std::string_view(piece.spelling); });
    for (std::size_t byte = 0; byte <= 256; ++byte)
        model->m_firstOf[byte] = static_cast<std::uint32_t>(
            std::ranges::partition_point(
                model->m_pieces,
                [byte](const Piece& piece) { return static_cast<unsigned char>(piece.spelling[0]) < byte; })
            - model->m_pieces.begin());
    model->m_unknownScore = model->m_pieces.empty() ? 0 : least - kUnknownPenalty;
    model->m_spacePrefix = unigram.spacePrefix;
    model->m_prefixesSpaces = unigram.prefixesSpaces;
    model->m_splitsWords = unigram.splitsWords;
    model->m_sumsAreFloats = unigram.sumsAreFloats;
    return std::unique_ptr<SubwordModel>(std::move(model));
}

std::unique_ptr<FragmentCutter> UnigramModel::cutter() const
{
    return std::make_unique<Cutter>(*this);
}

std::string UnigramModel::bytesOf(const std::string& spelling, TokenType type) const
{
    return bytesOfPiece(spelling, type);
}

} // namespace headwater
