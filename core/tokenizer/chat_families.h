// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/chat_turns.h"
#include "core/base/result.h"
#include "core/tokenizer/chat_text.h"
#include "core/tokenizer/prompt_choices.h"

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace headwater {

/// What a conversation is written from.
struct ChatSource {
    std::string_view chatTemplate = {}; ///< of the family; empty: the family's plainest
    std::span<const ChatTurn> turns = {}; ///< as checkTurns() has them
    Thinking thinking = Thinking::Auto;
    std::string_view day = {}; ///< "2026-11-30": what a template that names the day is given
    std::string_view eos = {}; ///< the spelling of the model's end of a sequence
};

/// One way to write a conversation down.
struct ChatFamily {
    std::string_view name;
    std::array<std::string_view, 3> marks; ///< all of them stand in the family's templates
    /// The conversation as one template of the family spells it. Errors: Unsupported (a template whose text
    /// depends on more than the source, a turn that it refuses).
    Result<ChatText> (*write)(const ChatSource& source);
};

/// In the order in which a template is compared with them.
std::span<const ChatFamily> chatFamilies();

/// Whether a template is one of the family's.
bool recognises(const ChatFamily& family, std::string_view chatTemplate);

/// The families, each in its own file.
Result<ChatText> writeChatml(const ChatSource& source);
Result<ChatText> writeGemma(const ChatSource& source);
Result<ChatText> writeLlama3(const ChatSource& source);
Result<ChatText> writeMistral(const ChatSource& source);
Result<ChatText> writeDeepseekR1(const ChatSource& source);

/// For a template whose text depends on more than a conversation.
Error dependsOnMore(std::string_view family, std::string_view what);
/// Users and assistants take turns, as templates that raise an exception otherwise have it.
Result<void> checkAlternation(std::string_view family, std::span<const ChatTurn> turns);
/// Unless nothing is asked: this template has no switch for thinking.
Result<void> withoutSwitch(std::string_view family, Thinking thinking);
/// The day as the template writes it. Errors: Unsupported, InvalidArgument (no day).
Result<std::string> dayFor(std::string_view family, const ChatSource& source);

} // namespace headwater
