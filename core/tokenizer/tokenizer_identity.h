// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/model.h"

#include <string>

namespace headwater {

/// SHA-256 of everything that decides token ids: kind, pre-tokenizer, vocabulary with its types, merges,
/// special ids. Not the chat template: it changes the text, not the ids.
std::string tokenizerIdentity(const TokenizerData& data);

} // namespace headwater
