// SPDX-License-Identifier: Apache-2.0
#include "core/model/architecture/architecture.h"
#include "core/model/architecture/decoder_facts.h"

namespace headwater {
namespace {

/// OLMo 2 and 3: norms of what attention and feed-forward add alone, and of a whole projection of queries and
/// keys. In OLMo 3 flagged layers read a window; what stretches positions is for the others.
Result<ModelConfig> olmo2Config(ModelSource& source)
{
    HEADWATER_TRY_ASSIGN(ModelConfig config, readDecoder(source));
    HEADWATER_TRY_ASSIGN(const auto slides, readWindows(source, Unflagged::NoneSlides, config));
    HEADWATER_TRY(readLocalRotary(source, slides, config));
    return config;
}

} // namespace

const Architecture kOlmo2{
    .name = "olmo2", .norms = NormPlace::After, .headNorm = HeadNorm::WholeProjection, .config = olmo2Config};

} // namespace headwater
