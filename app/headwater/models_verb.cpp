// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/verb.h"
#include "core/base/file_name.h"
#include "core/model/model_loader.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace headwater {

nlohmann::json termsJson(const std::optional<KnownTerms>& terms)
{
    if (!terms)
        return nullptr;
    return {{"name", terms->name}, {"url", terms->url}, {"accepted", terms->accepted}};
}

nlohmann::json modelsJson()
{
    nlohmann::json list = nlohmann::json::array();
    for (const KnownModel& model : knownModels()) {
        list.push_back({{"name", model.name},
                        {"description", model.description},
                        {"license", model.license},
                        {"path", textOfPath(model.path)},
                        {"present", model.present},
                        {"terms", termsJson(model.terms)}});
    }
    return list;
}

void addModelsVerb(CLI::App& app, VerbAction& action)
{
    auto json = std::make_shared<bool>(false);
    CLI::App* const verb = app.add_subcommand("models", "the models that can be named without a path");
    verb->add_flag("--json", *json, "print JSON");
    verb->callback([json, &action] {
        action = [json](const VerbContext&) -> Result<int> {
            if (*json) {
                printJson(modelsJson());
                return 0;
            }
            for (const KnownModel& model : knownModels()) {
                const char* const state = model.present ? "present" : "headwater fetch brings it";
                std::printf("%-16s %s (%s; %s)\n", model.name.c_str(), model.description.c_str(),
                            model.license.c_str(), state);
            }
            return 0;
        };
    });
}

} // namespace headwater
