// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/tokenizer_identity.h"

#include "core/base/hash.h"

#include <bit>
#include <cstdint>
#include <span>
#include <string_view>

namespace headwater {
namespace {

/// Every part is preceded by its length, so that no two lists make the same bytes.
void append(std::string& bytes, std::uint64_t value)
{
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void append(std::string& bytes, std::string_view text)
{
    append(bytes, static_cast<std::uint64_t>(text.size()));
    bytes += text;
}

/// The kind and what only it has, as GGUF spells them: a trace names its tokenizer by this hash.
struct KindBytes {
    std::string& bytes;

    void operator()(const ByteBpe& bpe) const
    {
        append(bytes, std::string_view("gpt2"));
        append(bytes, std::string_view(bpe.splitName));
    }
    void operator()(const SentencePieceBpe&) const
    {
        append(bytes, std::string_view("llama"));
        append(bytes, std::string_view());
    }
    void operator()(const Unigram&) const
    {
        append(bytes, std::string_view("unigram"));
        append(bytes, std::string_view());
    }
    void operator()(const Bytes&) const
    {
        append(bytes, std::string_view("bytes"));
        append(bytes, std::string_view());
    }
};

struct RuleBytes {
    std::string& bytes;

    void operator()(const ByteBpe& bpe) const
    {
        append(bytes, static_cast<std::uint64_t>(bpe.merges.size()));
        for (const MergePair& pair : bpe.merges)
            append(bytes, std::string_view(pair.left + ' ' + pair.right));
        if (bpe.ignoresMerges)
            append(bytes, std::string_view("ignores merges"));
        for (const std::string& pattern : bpe.patterns)
            append(bytes, std::string_view(pattern));
    }
    void operator()(const SentencePieceBpe& bpe) const
    {
        append(bytes, static_cast<std::uint64_t>(bpe.scores.size()));
        for (const float score : bpe.scores)
            append(bytes, static_cast<std::uint64_t>(std::bit_cast<std::uint32_t>(score)));
        append(bytes, static_cast<std::uint64_t>(bpe.spacePrefix));
        for (const MergePair& pair : bpe.merges)
            append(bytes, std::string_view(pair.left + ' ' + pair.right));
        if (!bpe.prefixesSpaces)
            append(bytes, std::string_view("no space before a space"));
    }
    void operator()(const Unigram& unigram) const
    {
        append(bytes, static_cast<std::uint64_t>(unigram.scores.size()));
        for (const double score : unigram.scores)
            append(bytes, std::bit_cast<std::uint64_t>(score));
        append(bytes, static_cast<std::uint64_t>(unigram.spacePrefix));
        for (const bool rule : {unigram.prefixesSpaces, unigram.splitsWords, unigram.sumsAreFloats})
            append(bytes, std::uint64_t{rule});
    }
    void operator()(const Bytes&) const { append(bytes, std::uint64_t{0}); }
};

} // namespace

std::string tokenizerIdentity(const TokenizerData& data)
{
    std::string bytes;
    std::visit(KindBytes{bytes}, data.kind);
    append(bytes, static_cast<std::uint64_t>(data.tokens.size()));
    for (const std::string& token : data.tokens)
        append(bytes, std::string_view(token));
    std::visit(RuleBytes{bytes}, data.kind);
    append(bytes, static_cast<std::uint64_t>(data.types.size()));
    for (const TokenType type : data.types)
        append(bytes, static_cast<std::uint64_t>(type));
    for (const std::int32_t id :
         {data.bos, data.eos, data.endOfTurn, data.addBos ? 1 : 0, data.addEos ? 1 : 0})
        append(bytes, static_cast<std::uint64_t>(static_cast<std::uint32_t>(id)));
    if (data.isNfc)
        append(bytes, std::string_view("NFC"));
    if (data.addedOrder == AddedOrder::FromLeft)
        append(bytes, std::string_view("from left"));
    for (const AddedTokenRule& rule : data.addedRules)
        for (const int part :
             {rule.id, int{rule.stripsLeft}, int{rule.stripsRight}, int{rule.isWord}, int{rule.inNormalised}})
            append(bytes, static_cast<std::uint64_t>(part));
    return sha256(std::as_bytes(std::span(bytes)));
}

} // namespace headwater
