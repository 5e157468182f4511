// SPDX-License-Identifier: Apache-2.0
#include "core/engine/loaded_model.h"

#include "core/model/model_loader.h"

#include <chrono>

namespace headwater {

Result<LoadedModel> loadModelAndTokenizer(const std::string& name)
{
    const auto begin = std::chrono::steady_clock::now();
    LoadedModel loaded;
    loaded.name = name;
    HEADWATER_TRY_ASSIGN(loaded.model, loadModel(name));
    HEADWATER_TRY_ASSIGN(loaded.tokenizer, makeTokenizer(loaded.model->tokenizer));
    loaded.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return loaded;
}

namespace {

/// Puts BOS before the tokens or takes it away, so that it is there as `bos` says.
void setBos(const TokenizerData& tokenizer, Bos bos, TokenSequence& tokens)
{
    if (bos == Bos::AsTokenizer || tokenizer.bos < 0)
        return;
    if (bos == Bos::Once && !tokenizer.addBos) {
        tokens.ids.insert(tokens.ids.begin(), tokenizer.bos);
        tokens.offsets.insert(tokens.offsets.begin(), 0);
    } else if (bos == Bos::Never && tokenizer.addBos) {
        tokens.ids.erase(tokens.ids.begin());
        tokens.offsets.erase(tokens.offsets.begin());
    }
}

} // namespace

Result<EncodedPrompt> encodePrompt(const LoadedModel& loaded, const Conversation& conversation,
                                   TextTokens textTokens)
{
    HEADWATER_TRY_ASSIGN(FormattedPrompt formatted, formatPrompt(*loaded.model, conversation));
    EncodedPrompt encoded;
    encoded.textTokens = resolveTextTokens(textTokens, formatted);
    encoded.text = std::move(formatted.text);
    encoded.chatFamily = std::move(formatted.family);
    encoded.day = std::move(formatted.day);
    if (encoded.textTokens != TextTokens::Plain)
        formatted.said.clear();
    HEADWATER_TRY_ASSIGN(encoded.tokens, loaded.tokenizer->encode(encoded.text, formatted.said));
    setBos(loaded.model->tokenizer, formatted.bos, encoded.tokens);
    if (encoded.tokens.ids.empty())
        return Error{ErrorCode::InvalidArgument, "the prompt is empty; expected at least one token",
                     "prompt"};
    return encoded;
}

Result<EncodedPrompt> encodePrompt(const LoadedModel& loaded, std::string_view userText,
                                   std::string_view chat, TextTokens textTokens)
{
    return encodePrompt(
        loaded, {.turns = {{ChatTurn::Role::User, std::string(userText)}}, .format = std::string(chat)},
        textTokens);
}

} // namespace headwater
