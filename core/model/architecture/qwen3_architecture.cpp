// SPDX-License-Identifier: Apache-2.0
#include "core/model/architecture/architecture.h"
#include "core/model/architecture/decoder_facts.h"

namespace headwater {
namespace {

/// As Llama, with a norm of every head's queries and keys; the head's size is not width / heads. Windows as
/// in Qwen 2.
Result<ModelConfig> qwen3Config(ModelSource& source)
{
    HEADWATER_TRY_ASSIGN(ModelConfig config, readDecoder(source));
    HEADWATER_TRY(readWindows(source, Unflagged::NoneSlides, config));
    return config;
}

} // namespace

const Architecture kQwen3{.name = "qwen3", .headNorm = HeadNorm::EachHead, .config = qwen3Config};

} // namespace headwater
