// SPDX-License-Identifier: Apache-2.0
#include "core/engine/find_model.h"

#include "core/base/file_name.h"
#include "core/base/shell_quote.h"
#include "core/model/fetch/known_models.h"
#include "core/model/folder/hub_cache.h"
#include "core/model/model_loader.h"
#include "core/trace/meta_text.h"
#include "core/trace/trace_command.h"

#include <filesystem>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <vector>

namespace headwater {
namespace {

/// What follows --model on a command line; empty where nothing does.
std::string modelOfCommand(const std::string& command)
{
    const std::vector<std::string> words = shellWords(command);
    for (std::size_t i = 0; i + 1 < words.size(); ++i)
        if (words[i] == "--model")
            return words[i + 1];
    return {};
}

} // namespace

Result<std::string> findModelOf(const Trace& trace)
{
    const std::string header = metaText(trace.meta(), "/model/header_sha256");
    const std::string weights = metaText(trace.meta(), "/model/weights_sha256"); // of earlier versions: empty
    const std::string source = metaText(trace.meta(), "/model/source");
    if (header.empty())
        return Error{ErrorCode::Unsupported, "the trace does not say which model made it; name the model",
                     trace.path().filename().string()};
    std::vector<std::string> candidates;
    if (const std::string named = modelOfCommand(commandOf(trace.meta())); !named.empty())
        candidates.push_back(named);
    if (const auto beside = pathOfText(source); beside && !beside->empty())
        candidates.push_back((trace.path().parent_path() / *beside).string());
    if (isHubName(source))
        candidates.push_back(source);
    for (const KnownModel& known : knownModels())
        if (known.present)
            candidates.push_back(known.name);
    for (const std::string& candidate : candidates) {
        const auto model = loadModel(candidate); // what cannot be read is not the one
        if (model && (*model)->identity.headerSha256 == header
            && (weights.empty() || (*model)->identity.weightsSha256 == weights))
            return candidate;
    }
    return Error{
        ErrorCode::NotFound,
        fmt::format(
            "is not here, nor beside the trace (header {:.12}); name the model file that made the trace",
            header),
        source.empty() ? "model" : source};
}

} // namespace headwater
