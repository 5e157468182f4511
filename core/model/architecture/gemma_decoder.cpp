// SPDX-License-Identifier: Apache-2.0
#include "core/model/architecture/gemma_decoder.h"

#include "core/model/architecture/decoder_facts.h"

#include <cmath>

namespace headwater {

Result<ModelConfig> readGemma(ModelSource& source)
{
    HEADWATER_TRY_ASSIGN(ModelConfig config, readDecoder(source));
    config.activation = Activation::GeluTanh;
    config.embeddingScale = std::sqrt(static_cast<float>(config.hiddenSize));
    HEADWATER_TRY_ASSIGN(const auto logitCap, source.findFloat(Fact::LogitCap, 0, 1e6));
    config.logitCap = static_cast<float>(logitCap.value_or(0));
    HEADWATER_TRY_ASSIGN(const auto scalar, source.findFloat(Fact::QueryScalar, 1e-6, 1e6));
    if (scalar)
        for (LayerConfig& layer : config.layers)
            layer.attentionScale = static_cast<float>(1.0 / std::sqrt(*scalar));
    return config;
}

} // namespace headwater
