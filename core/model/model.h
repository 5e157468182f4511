// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/model_config.h"
#include "core/model/weights.h"

#include <cstdint>
#include <string>
#include <vector>

namespace headwater {

/// Everything a tokenizer is built from, as the model file gives it.
struct TokenizerData {
    std::string model; ///< "gpt2" (byte-level BPE), "bytes" (builtin:needle)
    std::string preTokenizer; ///< tokenizer.ggml.pre: "smollm", ...
    std::vector<std::string> tokens; ///< vocab, as spelled in the file
    std::vector<std::int32_t>
        tokenTypes; ///< ggml token types (3 control, 4 user defined, 6 byte); empty: all normal
    std::vector<std::string> merges; ///< "left right"
    std::int32_t bos = -1;
    std::int32_t eos = -1;
    std::int32_t endOfTurn = -1; ///< tokenizer.ggml.eot_token_id
    std::int32_t unknown = -1;
    std::int32_t padding = -1;
    bool addBos = false;
    bool addEos = false;
    std::string chatTemplate; ///< empty: the model ships none
};

/// What identifies a model in a trace's meta.
struct ModelIdentity {
    std::string source; ///< the path or "builtin:needle"
    std::string headerSha256; ///< of the file's header (up to the first tensor's data)
    std::uint64_t fileBytes = 0;
    std::uint64_t parameters = 0;
    std::string license; ///< as the file says, may be empty
};

struct Model {
    ModelConfig config;
    Weights weights;
    TokenizerData tokenizer;
    ModelIdentity identity;
    std::vector<std::string> warnings; ///< legal but odd things about the file, for the user
};

} // namespace headwater
