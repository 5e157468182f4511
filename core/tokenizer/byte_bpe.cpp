// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/byte_bpe.h"

#include "core/tokenizer/byte_alphabet.h"
#include "core/tokenizer/word_merger.h"

#include <algorithm>
#include <span>

namespace headwater {
namespace {

/// Words of one text that came before: most of any text repeats.
class WordCache {
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
    std::span<const WordPiece> pieces(const Entry& entry) const
    {
        return std::span(m_pieces).subspan(entry.first, entry.count);
    }
    /// `word` must outlive the cache.
    void keep(std::string_view word, std::span<const WordPiece> pieces)
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
    std::vector<WordPiece> m_pieces;
};

} // namespace

class ByteBpeModel::Cutter : public FragmentCutter {
public:
    explicit Cutter(const ByteBpeModel& model)
        : m_model(model)
        , m_merger(model.m_merges)
    {
    }

    Result<void> cut(const TextFragment& fragment, TokenSequence& out) override
    {
        HEADWATER_TRY_ASSIGN(const std::vector<std::uint32_t> ends,
                             m_model.m_pretokenizer.split(fragment.text));
        std::uint32_t wordStart = 0;
        for (const std::uint32_t end : ends) {
            for (const WordPiece& piece : piecesOf(fragment.text.substr(wordStart, end - wordStart))) {
                if (piece.id < 0)
                    continue;
                out.ids.push_back(piece.id);
                out.offsets.push_back(fragment.start + wordStart + piece.start);
            }
            wordStart = end;
        }
        return {};
    }

private:
    std::span<const WordPiece> piecesOf(std::string_view word)
    {
        if (const WordCache::Entry* known = m_cache.find(word))
            return m_cache.pieces(*known);
        std::span<const WordPiece> pieces;
        if (const auto whole = m_model.m_wholeWords.find(std::string(word));
            whole != m_model.m_wholeWords.end()) {
            m_whole.id = whole->second;
            pieces = {&m_whole, 1};
        } else {
            m_symbols.resize(word.size());
            std::ranges::transform(word, m_symbols.begin(), [this](char c) {
                return m_model.m_byteIds[static_cast<unsigned char>(c)];
            });
            pieces = m_merger.merge(m_symbols);
        }
        m_cache.keep(word, pieces);
        return pieces;
    }

    const ByteBpeModel& m_model;
    WordMerger<MergeTable> m_merger;
    WordCache m_cache;
    std::vector<std::int32_t> m_symbols;
    WordPiece m_whole;
};

ByteBpeModel::ByteBpeModel(Pretokenizer pretokenizer, MergeTable merges)
    : m_pretokenizer(std::move(pretokenizer))
    , m_merges(std::move(merges))
{
}

Result<std::unique_ptr<SubwordModel>> ByteBpeModel::make(const TokenizerData& data, const ByteBpe& bpe,
                                                         const Vocabulary& vocabulary)
{
    HEADWATER_TRY_ASSIGN(Pretokenizer pretokenizer,
                         bpe.splitName.empty() ? Pretokenizer::make(bpe.patterns)
                                               : Pretokenizer::make(bpe.splitName));
    HEADWATER_TRY_ASSIGN(MergeTable merges, mergesOf(bpe.merges, vocabulary));
    std::unique_ptr<ByteBpeModel> model(new ByteBpeModel(std::move(pretokenizer), std::move(merges)));
    for (unsigned byte = 0; byte < 256; ++byte)
        model->m_byteIds[byte] = vocabulary.find(characterOfByte(static_cast<std::uint8_t>(byte)));
    for (std::size_t i = 0; bpe.ignoresMerges && i < data.tokens.size(); ++i) {
        if (data.typeOf(i) == TokenType::Normal)
            model->m_wholeWords.emplace(bytesOfSpelling(data.tokens[i]), static_cast<std::int32_t>(i));
    }
    return std::unique_ptr<SubwordModel>(std::move(model));
}

std::unique_ptr<FragmentCutter> ByteBpeModel::cutter() const
{
    return std::make_unique<Cutter>(*this);
}

std::string ByteBpeModel::bytesOf(const std::string& spelling, TokenType /*type*/) const
{
    return bytesOfSpelling(spelling);
}

} // namespace headwater
