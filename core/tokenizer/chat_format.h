// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/chat_turns.h"
#include "core/base/result.h"
#include "core/model/model.h"
#include "core/tokenizer/prompt_choices.h"
#include "core/tokenizer/tokenizer.h"

#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// Whether BOS stands before a prompt: a chat template writes it, or not, whatever the tokenizer does to
/// other text.
enum class Bos { AsTokenizer, Never, Once };

/// What is said to a model, and how it is written down.
struct Conversation {
    std::vector<ChatTurn> turns = {}; ///< a user's turn is the last
    std::string format = "auto"; ///< `--chat`
    Thinking thinking = Thinking::Auto;
    std::string day = {}; ///< "2026-11-30", for templates that name the day; empty: today
};

/// `--chat`: "auto" applies the built-in formatter of the model's family when the model ships a chat template
/// and is raw otherwise; "off" takes the text of the one turn raw; a family name ("chatml") forces one.
/// Templates of files are never executed: the family is recognised by the template's text, an unknown one is
/// an error that says to use off or a family.
struct FormattedPrompt {
    std::string text; ///< what is tokenized and what the trace stores
    std::string family; ///< "off" or the family that was applied
    std::vector<PlainRange> said; ///< the bytes of `text` that somebody said, in order
    Bos bos = Bos::AsTokenizer;
    std::string day; ///< that the format has named; empty where it names none
};
Result<FormattedPrompt> formatPrompt(const Model& model, const Conversation& conversation);
/// The same of one user's turn.
Result<FormattedPrompt> formatPrompt(const Model& model, std::string_view userText, std::string_view chat);

/// What `--text-tokens auto` comes to for a prompt.
TextTokens resolveTextTokens(TextTokens asked, const FormattedPrompt& prompt);

} // namespace headwater
