// SPDX-License-Identifier: Apache-2.0
#include "core/model/gguf_tokenizer.h"

#include "core/base/text.h"
#include "core/model/limits.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <unordered_map>

namespace headwater {
namespace {

constexpr std::int32_t kByteTokenType = 6;

using TokenSet = std::unordered_map<std::string_view, std::size_t>;

std::string quoted(std::string_view text)
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
            return metadata.fail(kKey,
                                 fmt::format("{} as token {} and {}", quoted((*tokens)[i]), first->second, i),
                                 "every token once");
    }
    data.tokens.assign(tokens->begin(), tokens->end());
    return known;
}

bool isByteSpelling(std::string_view token)
{
    if (token.size() != 6 || !token.starts_with("<0x") || !token.ends_with('>'))
        return false;
    unsigned value = 0;
    const char* const end = token.data() + 5;
    const auto parsed = std::from_chars(token.data() + 3, end, value, 16);
    return parsed.ec == std::errc{} && parsed.ptr == end;
}

Result<void> readTokenTypes(const GgufMetadata& metadata, TokenizerData& data)
{
    constexpr const char* kKey = "tokenizer.ggml.token_type";
    HEADWATER_TRY_ASSIGN(const auto types, metadata.findArray(kKey, GgufType::Int32));
    const std::size_t count = types ? types->size() / sizeof(std::int32_t) : 0;
    if (count != data.tokens.size())
        return metadata.fail(kKey, types ? fmt::format("{} types", count) : "missing",
                             fmt::format("{}, one a token", data.tokens.size()));
    data.tokenTypes.resize(count);
    std::memcpy(data.tokenTypes.data(), types->data(), types->size());
    for (std::size_t i = 0; i < count; ++i) {
        if (data.tokenTypes[i] == kByteTokenType && !isByteSpelling(data.tokens[i]))
            return metadata.fail("tokenizer.ggml.tokens",
                                 fmt::format("byte token {} spelled {}", i, quoted(data.tokens[i])),
                                 "<0x00> to <0xFF>");
    }
    HEADWATER_TRY_ASSIGN(const auto scores, metadata.findArray("tokenizer.ggml.scores", GgufType::Float32));
    if (scores && scores->size() / sizeof(float) != count)
        return metadata.fail("tokenizer.ggml.scores",
                             fmt::format("{} scores", scores->size() / sizeof(float)),
                             fmt::format("{}, one a token", count));
    return {};
}

Result<void> readMerges(const GgufMetadata& metadata, const TokenSet& known, TokenizerData& data)
{
    constexpr const char* kKey = "tokenizer.ggml.merges";
    HEADWATER_TRY_ASSIGN(const auto* merges, metadata.findStrings(kKey));
    if (data.model != "gpt2")
        return {};
    if (!merges || merges->empty())
        return metadata.fail(kKey, merges ? "0 merges" : "missing", "the merges of a byte-level BPE");
    std::string merged;
    for (std::size_t i = 0; i < merges->size(); ++i) {
        const std::string_view merge = (*merges)[i];
        const std::size_t space = merge.find(' ', 1);
        const std::string_view left = merge.substr(0, space);
        const std::string_view right = space < merge.size() ? merge.substr(space + 1) : std::string_view{};
        merged.assign(left).append(right);
        const bool wellFormed = known.contains(left) && known.contains(right) && known.contains(merged);
        if (!wellFormed)
            return metadata.fail(kKey, fmt::format("merge {}: {}", i, quoted(merge)),
                                 "two known tokens that make a third");
    }
    data.merges.assign(merges->begin(), merges->end());
    return {};
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
    data.addBos = addBos.value_or(false);
    data.addEos = addEos.value_or(false);
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
    HEADWATER_TRY_ASSIGN(data.model, metadata.requireString("tokenizer.ggml.model"));
    HEADWATER_TRY_ASSIGN(const auto preTokenizer, metadata.findString("tokenizer.ggml.pre"));
    HEADWATER_TRY_ASSIGN(const auto chatTemplate, metadata.findString("tokenizer.chat_template"));
    data.preTokenizer = preTokenizer.value_or("");
    data.chatTemplate = chatTemplate.value_or("");
    HEADWATER_TRY_ASSIGN(const auto known, readTokens(metadata, data));
    HEADWATER_TRY(readTokenTypes(metadata, data));
    HEADWATER_TRY(readMerges(metadata, known, data));
    HEADWATER_TRY(readSpecialIds(metadata, data));
    return data;
}

} // namespace headwater
