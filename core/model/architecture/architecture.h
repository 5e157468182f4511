// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/model/model.h"
#include "core/model/model_source.h"

namespace headwater {

/// Where a layer's RMS norms stand: before attention and feed-forward (x += f(norm(x))), after them (x +=
/// norm(f(x))), or both.
enum class NormPlace { Before, After, Around };

/// What the norms of queries and keys are taken over.
enum class HeadNorm { None, EachHead, WholeProjection };

/// One decoder architecture: its parts, and how the facts of a model become its config. Adding one is a file
/// <name>_architecture.cpp, a line below and a row a container in conventions.cpp.
struct Architecture {
    const char* name; ///< "qwen2"
    NormPlace norms = NormPlace::Before;
    HeadNorm headNorm = HeadNorm::None;
    bool needsBiases = false; ///< of q, k and v; elsewhere they are taken where they are
    /// Everything but architecture, name and vocabSize.
    Result<ModelConfig> (*config)(ModelSource& source);
};

extern const Architecture kLlama; ///< Llama 1 to 3, SmolLM2, Mistral
extern const Architecture kQwen2; ///< Qwen 2 and 2.5, R1-Distill-Qwen
extern const Architecture kQwen3;
extern const Architecture kGemma2;
extern const Architecture kGemma3; ///< text
extern const Architecture kGemma4; ///< text, dense
extern const Architecture kOlmo2; ///< OLMo 2 and 3
extern const Architecture kSmolLm3;
extern const Architecture kMinistral3;

/// The config but for its name and vocabSize: what can be told without a tensor's data, but for a table of
/// rotary factors. Errors: those of the source.
Result<ModelConfig> readConfig(const Architecture& architecture, ModelSource& source);

/// All tensors that the config asks for, and the config's vocabSize: numTokens are the tokenizer's. Errors:
/// those of the source.
Result<Weights> readWeights(const Architecture& architecture, ModelSource& source, std::uint64_t numTokens,
                            ModelConfig& config);

/// Fills config (but for its name) and weights; model.tokenizer is there already. Errors: those of the
/// source.
Result<void> readModel(const Architecture& architecture, ModelSource& source, Model& model);

} // namespace headwater
