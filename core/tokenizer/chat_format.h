// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/model/model.h"
#include "core/tokenizer/text_tokens.h"
#include "core/tokenizer/tokenizer.h"

#include <string>
#include <string_view>

namespace headwater {

/// Whether BOS stands before a prompt: a chat template writes it, or not, whatever the tokenizer does to
/// other text.
enum class Bos { AsTokenizer, Never, Once };

/// `--chat`: "auto" applies the built-in formatter of the model's family when the model ships a chat template
/// and is raw otherwise; "off" takes the text raw; a family name ("chatml") forces one. Templates of files
/// are never executed: the family is recognised by the template's text, an unknown one is an error that says
/// to use off or a family.
struct FormattedPrompt {
    std::string text; ///< what is tokenized and what the trace stores
    std::string family; ///< "off" or the family that was applied
    PlainRange user; ///< the bytes of `text` that are the user's
    Bos bos = Bos::AsTokenizer;
};
Result<FormattedPrompt> formatPrompt(const Model& model, std::string_view userText, std::string_view chat);

/// What `--text-tokens auto` comes to for a prompt.
TextTokens resolveTextTokens(TextTokens asked, const FormattedPrompt& prompt);

} // namespace headwater
