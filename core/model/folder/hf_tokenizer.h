// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/model/tokenizer_data.h"

#include <filesystem>
#include <string_view>

namespace headwater {

/// The tokenizer of a model's folder: tokenizer.json, or tokenizer.model where that is all there is; with the
/// chat template and the ends of generation that tokenizer_config.json, chat_template.jinja and
/// generation_config.json name. Errors: NotFound (neither is there), BadFormat, Unsupported (a part that this
/// version does not compute, by name).
Result<TokenizerData> readHfTokenizer(const std::filesystem::path& folder);

/// tokenizer.json as Hugging Face's `tokenizers` writes it. Read are BPE models: byte-level ones with splits
/// by patterns, and SentencePiece's. `where` is the context of errors.
Result<TokenizerData> readTokenizerJson(std::string_view text, const std::string& where);

/// tokenizer.model: SentencePiece's ModelProto of a BPE that leaves its text as it is.
Result<TokenizerData> readSentencePieceModel(std::string_view bytes, const std::string& where);

} // namespace headwater
