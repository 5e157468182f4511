// SPDX-License-Identifier: Apache-2.0
#include "core/engine/conversation.h"

#include "core/base/mapped_file.h"
#include "core/engine/prompt_text.h"
#include "core/options/option_row.h"

namespace headwater {

Result<void> readTurns(RunOptions& options)
{
    if (options.turns.empty() || isList(options.turns))
        return {};
    HEADWATER_TRY_ASSIGN(options.turns, readFile(options.turns, kLargestPrompt));
    return {};
}

Result<Conversation> conversationOf(const RunOptions& options)
{
    Conversation conversation{
        .turns = {}, .format = options.chat, .thinking = options.thinking, .day = options.day};
    if (options.turns.empty()) {
        if (!options.system.empty())
            conversation.turns.push_back({ChatTurn::Role::System, options.system});
        conversation.turns.push_back({ChatTurn::Role::User, options.prompt});
        return conversation;
    }
    if (!options.system.empty())
        return Error{ErrorCode::InvalidArgument,
                     "stands beside turns, the first of which may be the system's", "--system"};
    if (!options.prompt.empty() || !options.promptFile.empty())
        return Error{ErrorCode::InvalidArgument, "stand beside a prompt, expected one of the two", "--turns"};
    Result<std::vector<ChatTurn>> turns = chatTurnsOfJson(options.turns);
    if (!turns)
        return Error{turns.error().code, turns.error().message, "--turns"};
    conversation.turns = std::move(*turns);
    return conversation;
}

Result<EncodedPrompt> encodePrompt(const LoadedModel& loaded, const RunOptions& options)
{
    HEADWATER_TRY_ASSIGN(const Conversation conversation, conversationOf(options));
    return encodePrompt(loaded, conversation, options.textTokens);
}

} // namespace headwater
