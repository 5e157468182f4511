// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "app/headwater/backend_slot.h"
#include "app/headwater/model_slot.h"
#include "core/engine/answer_prompt.h"
#include "core/options/run_options.h"

#include <nlohmann/json.hpp>
#include <stop_token>

namespace headwater {

/// Answers `generate`: loads the model, formats the prompt and continues it over the backend that worked
/// last, whose cache stays for the next prompt. To be called by the engine's thread alone. Errors: those of
/// ModelSlot, encodePrompt, BackendSlot and answerPrompt.
Result<nlohmann::json> generateAnswer(const RunOptions& options, ModelSlot& models, BackendSlot& backends,
                                      const AnswerListener& listener, std::stop_token stop);

} // namespace headwater
