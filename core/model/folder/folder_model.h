// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/model/model.h"

#include <filesystem>
#include <functional>
#include <memory>

namespace headwater {

using TokenizerReader = std::function<Result<TokenizerData>(const std::filesystem::path& folder)>;

/// Loads a model's folder; weights stay mapped as stored. `readTokenizer` is asked once the config is known
/// to run. An embedding may have more rows than there are tokens: the rest become unused tokens "[PAD<id>]".
/// Errors: those of openModelFolder, FolderSource and readTokenizer.
Result<std::shared_ptr<const Model>> loadModelFolder(const std::filesystem::path& path,
                                                     const TokenizerReader& readTokenizer);

} // namespace headwater
