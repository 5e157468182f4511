// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/generate_request.h"

#include "core/engine/conversation.h"

namespace headwater {

Result<nlohmann::json> generateAnswer(const RunOptions& options, ModelSlot& models, BackendSlot& backends,
                                      const AnswerListener& listener, std::stop_token stop)
{
    listener.progress({"load", 0, 1, "models", -1, -1});
    HEADWATER_TRY_ASSIGN(const LoadedModel loaded, models.get(options.model, stop));
    HEADWATER_TRY_ASSIGN(const EncodedPrompt prompt, encodePrompt(loaded, options));
    HEADWATER_TRY_ASSIGN(const std::shared_ptr<Backend> backend, backends.get(loaded, options.threads));
    HEADWATER_TRY_ASSIGN(PromptAnswer answer,
                         answerPrompt(*backend, loaded, backends.pass(), prompt, generationOptionsOf(options),
                                      options.force, listener, std::move(stop)));
    answer.notes.insert(answer.notes.begin(), options.promptNotes.begin(), options.promptNotes.end());
    return toJson(answer);
}

} // namespace headwater
