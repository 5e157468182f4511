// SPDX-License-Identifier: Apache-2.0
#include "core/model/architecture/architecture.h"
#include "core/model/architecture/decoder_facts.h"

namespace headwater {
namespace {

/// RMS norm before attention and before a SiLU-gated feed-forward, grouped queries, rotary positions; a
/// window, where there is one, is every layer's (Mistral).
Result<ModelConfig> llamaConfig(ModelSource& source)
{
    HEADWATER_TRY_ASSIGN(ModelConfig config, readDecoder(source));
    HEADWATER_TRY(readWindows(source, Unflagged::AllSlide, config));
    return config;
}

} // namespace

const Architecture kLlama{.name = "llama", .config = llamaConfig};

} // namespace headwater
