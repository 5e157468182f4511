// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/engine/loaded_model.h"
#include "core/options/run_options.h"

namespace headwater {

/// Reads the file that `turns` names, so that the options hold the list itself. Errors: those of readFile.
Result<void> readTurns(RunOptions& options);

/// What the options say to the model: their turns, once read, or their system's turn and their prompt.
/// Errors: those of chatTurnsOfJson, InvalidArgument (turns beside what they stand for).
Result<Conversation> conversationOf(const RunOptions& options);

/// conversationOf() as the model gets it.
Result<EncodedPrompt> encodePrompt(const LoadedModel& loaded, const RunOptions& options);

} // namespace headwater
