// SPDX-License-Identifier: Apache-2.0
#include "core/model/gguf/gguf_tokenizer.h"

#include "core/base/text.h"
#include "core/model/limits.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fmt/format.h>
#include <unordered_map>

namespace headwater {
namespace {

/// What a file that does not say so means, by its pre-tokenizer. Source: llama.cpp src/llama-vocab.cpp.
struct SplitDefaults {
    std::string_view name;
    bool addsBos;
    bool ignoresMerges;
};
constexpr std::array kSplitDefaults = {
    SplitDefaults{"llama-bpe", true, true}, SplitDefaults{"llama3", true, true},
    SplitDefaults{"llama-v3", true, true},  SplitDefaults{"falcon3", true, true},
    SplitDefaults{"tekken", true, true},
};

SplitDefaults defaultsOf(std::string_view splitName)
{
    const auto* const found = std::ranges::find(kSplitDefaults, splitName, &SplitDefaults::name);
    return found == kSplitDefaults.end() ? SplitDefaults{splitName, false, false} : *found;
}

using TokenSet = std::unordered_map<std::string_view, std::size_t>;

std::string inQuotes(std::string_view text)
{
    constexpr std::size_t kShown = 60;
    return fmt::format("\"{}\"{}", printable(text.substr(0, kShown)), text.size() > kShown ? "..." : "");
}

Result<TokenSet> readTokens(const GgufMetadata& metadata, TokenizerData& data)
{
    constexpr const char* kKey = "tokenizer.ggml.tokens";
    HEADWATER_TRY_ASSIGN(const auto* tokens, metadata.findStrings(kKey));
    if (!tokens || tokens->empty() || tokens->size() > limits::kVocabSize)
        return metadata.fail(kKey, tokens ? fmt::format("{} tokens", tokens->size()) : "missing",
                             fmt::format("1 to {} tokens", limits::kVocabSize));
    TokenSet known;
    known.reserve(tokens->size());
    for (std::size_t i = 0; i < tokens->size(); ++i) {
        const auto [first, isNew] = known.emplace((*tokens)[i], i);
        if (!isNew)
            return metadata.fail(
                kKey, fmt::format("{} as token {} and {}", inQuotes((*tokens)[i]), first->second, i),
                "every token once");
    }
    data.tokens.assign(tokens->begin(), tokens->end());
    return known;
}

Result<void> readTokenTypes(const GgufMetadata& metadata, TokenizerData& data)
{
    constexpr const char* kKey = "tokenizer.ggml.token_type";
    HEADWATER_TRY_ASSIGN(const auto packed, metadata.findArray(kKey, GgufType::Int32));
    const std::size_t count = packed ? packed->size() / sizeof(std::int32_t) : 0;
    if (count != data.tokens.size())
        return metadata.fail(kKey, packed ? fmt::format("{} types", count) : "missing",
                             fmt::format("{}, one a token", data.tokens.size()));
    std::vector<std::int32_t> types(count);
    std::memcpy(types.data(), packed->data(), packed->size());
    data.types.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        constexpr std::int32_t kUndefined = 0; // nothing special
        if (types[i] < kUndefined || types[i] > static_cast<std::int32_t>(TokenType::Byte))
            return metadata.fail(kKey, fmt::format("{} as type of token {}", types[i], i), "1 to 6");
        data.types.push_back(types[i] == kUndefined ? TokenType::Normal : static_cast<TokenType>(types[i]));
        if (data.types[i] == TokenType::Byte && byteOfSpelling(data.tokens[i]) < 0)
            return metadata.fail("tokenizer.ggml.tokens",
                                 fmt::format("byte token {} spelled {}", i, inQuotes(data.tokens[i])),
                                 "<0x00> to <0xFF>");
    }
    return {};
}

/// Empty when the file has none.
Result<std::vector<float>> readScores(const GgufMetadata& metadata, std::size_t numTokens)
{
    constexpr const char* kKey = "tokenizer.ggml.scores";
    HEADWATER_TRY_ASSIGN(const auto packed, metadata.findArray(kKey, GgufType::Float32));
    const std::size_t count = packed ? packed->size() / sizeof(float) : 0;
    if (packed && count != numTokens)
        return metadata.fail(kKey, fmt::format("{} scores", count),
                             fmt::format("{}, one a token", numTokens));
    std::vector<float> scores(count);
    if (count > 0)
        std::memcpy(scores.data(), packed->data(), packed->size());
    return scores;
}

Result<std::vector<MergePair>> readMerges(const GgufMetadata& metadata, const TokenSet& known)
{
    constexpr const char* kKey = "tokenizer.ggml.merges";
    HEADWATER_TRY_ASSIGN(const auto* merges, metadata.findStrings(kKey));
    if (!merges || merges->empty())
        return metadata.fail(kKey, merges ? "0 merges" : "missing", "the merges of a byte-level BPE");
    std::vector<MergePair> pairs;
    pairs.reserve(merges->size());
    std::string merged;
    for (std::size_t i = 0; i < merges->size(); ++i) {
        const std::string_view merge = (*merges)[i];
        const std::size_t space = merge.find(' ', 1);
        const std::string_view left = merge.substr(0, space);
        const std::string_view right = space < merge.size() ? merge.substr(space + 1) : std::string_view{};
        merged.assign(left).append(right);
        const bool wellFormed = known.contains(left) && known.contains(right) && known.contains(merged);
        if (!wellFormed)
            return metadata.fail(kKey, fmt::format("merge {}: {}", i, inQuotes(merge)),
                                 "two known tokens that make a third");
        pairs.push_back({std::string(left), std::string(right)});
    }
    return pairs;
}

/// Byte-level BPE, which GGUF calls "gpt2".
Result<void> readByteBpe(const GgufMetadata& metadata, const TokenSet& known, TokenizerData& data)
{
    HEADWATER_TRY_ASSIGN(const auto splitName, metadata.findString("tokenizer.ggml.pre"));
    ByteBpe bpe;
    bpe.splitName = splitName.value_or("");
    if (bpe.splitName.empty())
        return metadata.fail("tokenizer.ggml.pre", splitName ? "\"\"" : "missing",
                             "the name of its pre-tokenizer: the file is too old to say how it cuts text",
                             ErrorCode::Unsupported);
    const SplitDefaults defaults = defaultsOf(bpe.splitName);
    bpe.ignoresMerges = defaults.ignoresMerges;
    data.addBos = defaults.addsBos;
    HEADWATER_TRY_ASSIGN(bpe.merges, readMerges(metadata, known));
    data.kind = std::move(bpe);
    return {};
}

/// SentencePiece's BPE, which GGUF calls "llama".
Result<void> readSentencePiece(const GgufMetadata& metadata, TokenizerData& data)
{
    SentencePieceBpe bpe;
    HEADWATER_TRY_ASSIGN(bpe.scores, readScores(metadata, data.tokens.size()));
    if (bpe.scores.empty())
        return metadata.fail("tokenizer.ggml.scores", "missing", "the scores of a SentencePiece vocabulary");
    HEADWATER_TRY_ASSIGN(const auto prefix, metadata.findBool("tokenizer.ggml.add_space_prefix"));
    bpe.spacePrefix = prefix.value_or(true) ? SpacePrefix::EveryFragment : SpacePrefix::None;
    data.kind = std::move(bpe);
    data.addBos = true;
    const auto last = static_cast<std::int32_t>(data.tokens.size()) - 1;
    data.unknown = 0;
    data.bos = std::min(1, last);
    data.eos = std::min(2, last);
    return {};
}

Result<void> readKind(const GgufMetadata& metadata, const TokenSet& known, TokenizerData& data)
{
    constexpr const char* kKey = "tokenizer.ggml.model";
    HEADWATER_TRY_ASSIGN(const auto model, metadata.requireString(kKey));
    if (model == "gpt2")
        return readByteBpe(metadata, known, data);
    if (model == "llama")
        return readSentencePiece(metadata, data);
    return metadata.fail(kKey, inQuotes(model), "a tokenizer this version knows (gpt2, llama)",
                         ErrorCode::Unsupported);
}

Result<void> readSpecialIds(const GgufMetadata& metadata, TokenizerData& data)
{
    struct {
        const char* key;
        std::int32_t* id;
    } const ids[] = {
        {"tokenizer.ggml.bos_token_id", &data.bos},
        {"tokenizer.ggml.eos_token_id", &data.eos},
        {"tokenizer.ggml.eot_token_id", &data.endOfTurn},
        {"tokenizer.ggml.unknown_token_id", &data.unknown},
        {"tokenizer.ggml.padding_token_id", &data.padding},
    };
    for (const auto& [key, id] : ids) {
        HEADWATER_TRY_ASSIGN(const auto value, metadata.findUnsigned(key, 0, data.tokens.size() - 1));
        if (value)
            *id = static_cast<std::int32_t>(*value);
    }
    HEADWATER_TRY_ASSIGN(const auto addBos, metadata.findBool("tokenizer.ggml.add_bos_token"));
    HEADWATER_TRY_ASSIGN(const auto addEos, metadata.findBool("tokenizer.ggml.add_eos_token"));
    data.addBos = addBos.value_or(data.addBos);
    data.addEos = addEos.value_or(data.addEos);
    if (data.addBos && data.bos < 0)
        return metadata.fail("tokenizer.ggml.bos_token_id", "missing", "an id, because add_bos_token is set");
    if (data.addEos && data.eos < 0)
        return metadata.fail("tokenizer.ggml.eos_token_id", "missing", "an id, because add_eos_token is set");
    return {};
}

} // namespace

Result<TokenizerData> readGgufTokenizer(const GgufMetadata& metadata)
{
    TokenizerData data;
    HEADWATER_TRY_ASSIGN(const auto chatTemplate, metadata.findString("tokenizer.chat_template"));
    data.chatTemplate = chatTemplate.value_or("");
    HEADWATER_TRY_ASSIGN(const auto known, readTokens(metadata, data));
    HEADWATER_TRY(readTokenTypes(metadata, data));
    HEADWATER_TRY(readScores(metadata, data.tokens.size()));
    HEADWATER_TRY(readKind(metadata, known, data));
    HEADWATER_TRY(readSpecialIds(metadata, data));
    return data;
}

} // namespace headwater
