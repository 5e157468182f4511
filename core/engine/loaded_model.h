// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/model/model.h"
#include "core/tokenizer/chat_format.h"
#include "core/tokenizer/tokenizer.h"

#include <memory>
#include <string>

namespace headwater {

/// A model with its tokenizer, shared by whoever uses it.
struct LoadedModel {
    std::string name; ///< as it was asked for
    std::shared_ptr<const Model> model;
    std::shared_ptr<const Tokenizer> tokenizer;
    double seconds = 0; ///< that loading took
};

Result<LoadedModel> loadModelAndTokenizer(const std::string& name);

/// A prompt ready for the model: the text after the chat format, and its tokens.
struct EncodedPrompt {
    std::string text;
    std::string chatFamily; ///< "off" or the family applied
    TextTokens textTokens = TextTokens::Control; ///< never Auto
    std::string day; ///< that the format has named; empty where it names none
    TokenSequence tokens;
};

/// Applies the chat format and tokenizes, what was said as `textTokens` says. Errors: those of formatPrompt
/// and Tokenizer::encode; InvalidArgument for no tokens.
Result<EncodedPrompt> encodePrompt(const LoadedModel& loaded, const Conversation& conversation,
                                   TextTokens textTokens = TextTokens::Auto);
/// The same of one user's turn.
Result<EncodedPrompt> encodePrompt(const LoadedModel& loaded, std::string_view userText,
                                   std::string_view chat, TextTokens textTokens = TextTokens::Auto);

} // namespace headwater
