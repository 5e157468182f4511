// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/model/model.h"

#include <memory>
#include <string>

namespace headwater {

/// Loads what `--model` names: a path to a GGUF file (by magic, never by extension) or to any part of a split
/// one, the path of a model's folder as transformers writes it, a model of the Hub's cache ("org/name"), the
/// name of a fetched model ("smollm2-135m"), or "builtin:needle". Weights stay mapped as stored. Errors:
/// those of findModelPath(), NotFound, BadFormat (file, byte offset, field,
/// found, expected), Unsupported (architecture, tensor type).
Result<std::shared_ptr<const Model>> loadModel(const std::string& name);

} // namespace headwater
