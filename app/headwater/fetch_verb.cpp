// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/progress_json.h"
#include "app/headwater/verb.h"
#include "core/base/file_name.h"
#include "core/model/fetch.h"
#include "core/model/model_loader.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

/// One JSON object a line on the standard error, for programs that show it.
void printProgress(const Progress& progress)
{
    std::fprintf(stderr, "%s\n", progressJson(progress).dump().c_str());
}

Result<int> fetch(const std::string& name, bool json, bool progress, const VerbContext& context)
{
    const std::vector<KnownModel> models = knownModels();
    const auto known = std::find_if(models.begin(), models.end(),
                                    [&](const KnownModel& model) { return model.name == name; });
    if (known != models.end() && !json)
        std::fprintf(stderr, "%s: %s, licence %s\n", name.c_str(), known->description.c_str(),
                     known->license.c_str());
    HEADWATER_TRY_ASSIGN(
        const std::filesystem::path path,
        fetchModel(name, progress ? ProgressSink(printProgress) : terminalProgress(), context.stop));
    endTerminalProgress();
    if (json)
        printJson({{"name", name},
                   {"path", textOfPath(path)},
                   {"license", known != models.end() ? known->license : ""}});
    else
        printName(path);
    return 0;
}

} // namespace

void addFetchVerb(CLI::App& app, VerbAction& action)
{
    auto name = std::make_shared<std::string>();
    auto json = std::make_shared<bool>(false);
    auto progress = std::make_shared<bool>(false);
    CLI::App* const verb =
        app.add_subcommand("fetch", "get a known model by its pinned SHA-256, and show its licence");
    verb->add_option("name", *name, "the model (headwater models lists them)")->required();
    verb->add_flag("--json", *json, "print JSON");
    verb->add_flag("--progress", *progress,
                   "tell on the standard error how far it is, one JSON object a line");
    verb->callback([name, json, progress, &action] {
        action = [name, json, progress](const VerbContext& context) {
            return fetch(*name, *json, *progress, context);
        };
    });
}

} // namespace headwater
