// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/model/gguf/gguf_metadata.h"
#include "core/model/model.h"

namespace headwater {

/// The keys "tokenizer.*" of a file, checked against each other: lists of one length, ids inside the
/// vocabulary, merges of known tokens, byte tokens spelled <0xHH>. What a file leaves out is what llama.cpp
/// assumes. Errors: BadFormat, Unsupported (a kind of tokenizer, by name).
Result<TokenizerData> readGgufTokenizer(const GgufMetadata& metadata);

} // namespace headwater
