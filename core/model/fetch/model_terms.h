// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <filesystem>
#include <string>

namespace headwater {

/// Terms that a model's maker wants accepted before the model is had.
struct ModelTerms {
    const char* name;
    const char* url;
};

/// What the one who fetches a model says to its terms, here and now. Terms that were accepted before need no
/// answer.
enum class TermsAnswer { None, Accepted };

/// Where it is kept that the terms of the model at this path were accepted: <file>.terms.json beside it, a
/// JSON object of their name, URL and the time (UTC).
std::filesystem::path termsRecordOf(const std::filesystem::path& model);

/// Whether a record says so, of these very terms: by another URL they are others.
bool areTermsAccepted(const ModelTerms& terms, const std::filesystem::path& model);

/// Keeps that they are accepted; makes the folder. Errors: CannotCreate, Io.
Result<void> recordTermsAccepted(const ModelTerms& terms, const std::filesystem::path& model);

} // namespace headwater
