// SPDX-License-Identifier: Apache-2.0
#include "core/model/architecture/architecture.h"
#include "core/model/architecture/decoder_facts.h"
#include "core/model/architecture/gemma_decoder.h"

namespace headwater {
namespace {

/// Text alone. Most layers read a window and turn by a base of their own; what stretches positions is for the
/// global layers only.
Result<ModelConfig> gemma3Config(ModelSource& source)
{
    HEADWATER_TRY_ASSIGN(ModelConfig config, readGemma(source));
    HEADWATER_TRY_ASSIGN(const auto slides, readWindows(source, Unflagged::NoneSlides, config));
    HEADWATER_TRY(readLocalRotary(source, slides, config));
    return config;
}

} // namespace

const Architecture kGemma3{
    .name = "gemma3", .norms = NormPlace::Around, .headNorm = HeadNorm::EachHead, .config = gemma3Config};

} // namespace headwater
