// SPDX-License-Identifier: Apache-2.0
// Gemma 1 to 3.
#include "core/tokenizer/chat_families.h"
#include "core/tokenizer/chat_template.h"

namespace headwater {

Result<ChatText> writeGemma(const ChatSource& source)
{
    constexpr std::string_view kFamily = "gemma";
    HEADWATER_TRY(withoutSwitch(kFamily, source.thinking));
    std::span<const ChatTurn> turns = source.turns;
    std::string_view before; // the first user's text
    if (turns.front().role == ChatTurn::Role::System) {
        if (holds(source.chatTemplate, "System role not supported"))
            return Error{ErrorCode::Unsupported,
                         "a gemma template that takes no system turn; put it into the user's",
                         "chat template"};
        before = turns.front().content;
        turns = turns.subspan(1);
    }
    HEADWATER_TRY(checkAlternation(kFamily, turns));
    ChatText text;
    for (const ChatTurn& turn : turns) {
        text.mark(turn.role == ChatTurn::Role::User ? "<start_of_turn>user\n" : "<start_of_turn>model\n");
        if (before.data() != nullptr) {
            text.say(before);
            text.mark("\n\n");
            before = {};
        }
        text.say(stripped(turn.content));
        text.mark("<end_of_turn>\n");
    }
    text.mark("<start_of_turn>model\n");
    return text;
}

} // namespace headwater
