// SPDX-License-Identifier: Apache-2.0
#include "core/engine/own_prompt.h"

#include "core/model/builtin/needle_prompt.h"

namespace headwater {

Result<std::string> ownPromptOf(const std::string& model)
{
    if (model != "builtin:needle")
        return std::string();
    NeedlePromptSpec spec;
    spec.tokens = 6000;
    spec.depth = 1.0 / 3;
    HEADWATER_TRY_ASSIGN(const NeedlePrompt prompt, makeNeedlePrompt(spec));
    return prompt.text;
}

} // namespace headwater
