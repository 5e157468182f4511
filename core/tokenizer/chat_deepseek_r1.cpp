// SPDX-License-Identifier: Apache-2.0
// DeepSeek-R1 and what was distilled from it; newer templates open the thoughts themselves.
#include "core/tokenizer/chat_families.h"
#include "core/tokenizer/chat_template.h"

namespace headwater {

Result<ChatText> writeDeepseekR1(const ChatSource& source)
{
    HEADWATER_TRY(withoutSwitch("deepseek-r1", source.thinking));
    ChatText text;
    for (const ChatTurn& turn : source.turns) {
        switch (turn.role) {
        case ChatTurn::Role::System:
            text.say(turn.content);
            break;
        case ChatTurn::Role::User:
            text.mark("<\uFF5CUser\uFF5C>");
            text.say(turn.content);
            break;
        case ChatTurn::Role::Assistant:
            text.mark("<\uFF5CAssistant\uFF5C>");
            text.say(behindThoughts(turn.content));
            text.mark("<\uFF5Cend\u2581of\u2581sentence\uFF5C>");
            break;
        }
    }
    text.mark("<\uFF5CAssistant\uFF5C>");
    if (holds(source.chatTemplate, "<\uFF5CAssistant\uFF5C><think>"))
        text.mark("<think>\n");
    return text;
}

} // namespace headwater
