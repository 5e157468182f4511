// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/model_config.h"
#include "core/model/tokenizer_data.h"
#include "core/model/weights.h"

#include <cstdint>
#include <string>
#include <vector>

namespace headwater {

/// What identifies a model in a trace's meta.
struct ModelIdentity {
    std::string source; ///< the path or "builtin:needle"
    std::string headerSha256; ///< of the file's header (up to the first tensor's data)
    std::uint64_t fileBytes = 0;
    std::uint64_t parameters = 0;
    std::string license; ///< as the file says, may be empty
    std::string weightsSha256; ///< of seeded pieces of the tensors' data (weights_hash.h)
};

struct Model {
    ModelConfig config;
    Weights weights;
    TokenizerData tokenizer;
    ModelIdentity identity;
    std::vector<std::string> warnings; ///< legal but odd things about the file, for the user
};

} // namespace headwater
