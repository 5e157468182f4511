// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace headwater {

/// What a token of a vocabulary is. The numbers are SentencePiece's, which GGUF keeps.
enum class TokenType : std::int32_t {
    Normal = 1,
    Unknown = 2,
    Control = 3, ///< a mark, no text: "<|im_end|>"
    UserDefined = 4, ///< text that is found as it is spelled, before anything else
    Unused = 5,
    Byte = 6, ///< "<0x0A>"
};

/// Two neighbours that become one token, which they spell together.
struct MergePair {
    std::string left;
    std::string right;
};

/// Byte-level BPE (GPT-2 and its descendants): patterns cut a text into words, every byte of a word is a
/// symbol, merges join them, the first listed first. Tokens are spelled in the byte alphabet
/// (characterOfByte()).
struct ByteBpe {
    std::string splitName; ///< patterns that we know by a name: "smollm", "qwen2"; else empty
    std::vector<std::string> patterns; ///< the file's own, one after the other, where it has no name
    std::vector<MergePair> merges;
    bool ignoresMerges = false; ///< a word that is a token is that token, whatever merges make of it
};

/// Where a space is put before a text, so that its first word looks like any other.
enum class SpacePrefix { None, First, EveryFragment };

/// SentencePiece's BPE: a text is one word, its spaces are U+2581, every code point is a symbol. Two
/// neighbours become one where a token spells them together, that of the highest score first; or by listed
/// merges, the first listed first. Code points that no token spells fall back to byte tokens.
struct SentencePieceBpe {
    std::vector<float> scores; ///< [tokens]; empty: by merges
    std::vector<MergePair> merges;
    SpacePrefix spacePrefix = SpacePrefix::None;
    bool prefixesSpaces = true; ///< a fragment that begins with a space gets another one
};

/// SentencePiece's unigram model: of all ways to cut a text into tokens the one whose scores sum to most, of
/// equal ones that with the longer token last. Characters that no token spells become byte tokens. Spaces are
/// U+2581.
struct Unigram {
    std::vector<double> scores; ///< [tokens]
    SpacePrefix spacePrefix = SpacePrefix::None;
    bool prefixesSpaces = true; ///< a fragment that begins with a space gets another one
    bool splitsWords = false; ///< a space begins a word, and no token lies in two (Hugging Face's Metaspace)
    bool sumsAreFloats = false; ///< as SentencePiece itself adds them up; else in double
};

/// One token a byte (builtin:needle).
struct Bytes { };

/// How an added token is found, where that is not simply as it is spelled.
struct AddedTokenRule {
    std::int32_t id = -1;
    bool stripsLeft = false; ///< takes the white space before it
    bool stripsRight = false;
    bool isWord = false; ///< not inside a word
    bool inNormalised = false; ///< looked for after the others, in the normalised text
};

/// Which of two overlapping added tokens is found.
enum class AddedOrder {
    LongestFirst, ///< over the whole text (llama.cpp)
    FromLeft, ///< the longest at the leftmost place (Hugging Face's tokenizers)
};

/// Everything a tokenizer is built from, whichever container it came in.
struct TokenizerData {
    std::variant<ByteBpe, SentencePieceBpe, Unigram, Bytes> kind;
    bool isNfc = false; ///< text between added tokens is brought to Unicode's form C
    AddedOrder addedOrder = AddedOrder::LongestFirst;
    std::vector<AddedTokenRule> addedRules; ///< of those that have one
    std::vector<std::string> tokens; ///< the vocabulary, as spelled in the file
    std::vector<TokenType> types; ///< [tokens]; empty: all normal
    std::int32_t bos = -1;
    std::int32_t eos = -1;
    std::int32_t endOfTurn = -1;
    std::vector<std::int32_t> endings; ///< end generation too
    std::int32_t unknown = -1;
    std::int32_t padding = -1;
    bool addBos = false;
    bool addEos = false;
    std::string chatTemplate; ///< empty: the model ships none

    TokenType typeOf(std::size_t id) const { return types.empty() ? TokenType::Normal : types[id]; }
};

/// The byte that a token "<0x0A>" stands for; -1 where it is not spelled so.
int byteOfSpelling(std::string_view token);

} // namespace headwater
