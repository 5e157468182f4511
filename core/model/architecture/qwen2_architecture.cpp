// SPDX-License-Identifier: Apache-2.0
#include "core/model/architecture/architecture.h"
#include "core/model/architecture/decoder_facts.h"

namespace headwater {
namespace {

/// As Llama, with biases of q, k and v. A window counts for the layers that are flagged, and only there.
Result<ModelConfig> qwen2Config(ModelSource& source)
{
    HEADWATER_TRY_ASSIGN(ModelConfig config, readDecoder(source));
    HEADWATER_TRY(readWindows(source, Unflagged::NoneSlides, config));
    return config;
}

} // namespace

const Architecture kQwen2{.name = "qwen2", .needsBiases = true, .config = qwen2Config};

} // namespace headwater
