// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/model/model.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headwater {

/// Loads what `--model` names: a path to a GGUF file (by magic, never by extension) or to any part of a split
/// one, the path of a model's folder as transformers writes it, a model of the Hub's cache ("org/name"), the
/// name of a fetched model ("smollm2-135m"), or "builtin:needle". Weights stay mapped as stored. Errors:
/// those of findModelPath(), NotFound, BadFormat (file, byte offset, field,
/// found, expected), Unsupported (architecture, tensor type).
Result<std::shared_ptr<const Model>> loadModel(const std::string& name);

/// Terms that a known model comes under, beyond its licence's name.
struct KnownTerms {
    std::string name;
    std::string url;
    bool accepted = false; ///< by this user, for this model
};

/// A model that can be named without a path: built in, or known to `headwater fetch`.
struct KnownModel {
    std::string name; ///< "smollm2-135m"
    std::string description;
    std::string license;
    std::string path; ///< where the file is (to be); empty for built-in models
    bool present = false;
    std::optional<KnownTerms> terms; ///< nothing for what asks for no agreement
};
std::vector<KnownModel> knownModels();

} // namespace headwater
