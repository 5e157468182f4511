// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/verb.h"
#include "core/base/bidi_text.h"
#include "core/base/file_name.h"
#include "core/base/text.h"
#include "core/model/folder/hub_cache.h"
#include "core/model/model_look.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
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

namespace {

/// What a look adds to a model that can be named; nothing was looked at: null.
void addLook(nlohmann::json& model, const ModelLook* look)
{
    const bool isKnown = look && !look->container.empty();
    const auto orNull = [isKnown](const auto& value) {
        return isKnown ? nlohmann::json(value) : nlohmann::json();
    };
    model["revision"] = look && !look->revision.empty() ? nlohmann::json(look->revision) : nlohmann::json();
    model["container"] = orNull(look ? look->container : "");
    model["architecture"] = orNull(look ? look->architecture : "");
    model["stored_as"] = orNull(look ? look->storedAs : "");
    model["bytes"] = orNull(look ? look->bytes : 0);
    model["parameters"] = orNull(look ? look->parameters : 0);
    model["runs"] = look ? nlohmann::json(look->runs()) : nlohmann::json();
    model["refusal"] = look && look->refusal ? nlohmann::json(look->refusal->text()) : nlohmann::json();
}

nlohmann::json lookJson(const ModelLook& look)
{
    nlohmann::json model{{"name", look.name},
                         {"description", describe(look)},
                         {"license", nullptr},
                         {"path", textOfPath(look.path)},
                         {"present", !look.container.empty()},
                         {"terms", nullptr}};
    addLook(model, &look);
    return model;
}

/// "  does not run: why", or what it is.
std::string lookText(const ModelLook& look)
{
    const std::string described = describe(look);
    return look.runs()
        ? described
        : fmt::format("{}{}does not run: {}", described, described.empty() ? "" : "; ", look.refusal->text());
}

void printLooks(const std::vector<ModelLook>& looks)
{
    std::size_t width = 16;
    for (const ModelLook& look : looks)
        width = std::max(width, std::min<std::size_t>(look.name.size(), 60));
    constexpr std::size_t kShownCommit = 12;
    for (const ModelLook& look : looks)
        std::printf("%s\n",
                    fmt::format("{:<{}} {}{}{}", printable(look.name), width,
                                look.revision.substr(0, kShownCommit), look.revision.empty() ? "" : "  ",
                                lookText(look))
                        .c_str());
}

void printModels(const std::vector<ModelLook>& cached)
{
    for (const KnownModel& model : knownModels()) {
        const char* const state = model.present ? "present" : "headwater fetch brings it";
        std::printf("%-16s %s (%s; %s)\n", model.name.c_str(), model.description.c_str(),
                    model.license.c_str(), state);
    }
    const std::string cache = leftToRight(printable(textOfPath(hubCacheDirectory())));
    std::printf("\n%s in the Hub's cache (%s)%s\n", cached.empty() ? "no models" : "models", cache.c_str(),
                cached.empty() ? "" : ":");
    printLooks(cached);
}

Result<int> models(const std::vector<std::string>& names, bool json, std::stop_token stop)
{
    nlohmann::json list = nlohmann::json::array();
    std::vector<ModelLook> looks;
    for (const std::string& name : names)
        looks.push_back(lookAtModel(name));
    if (names.empty()) {
        looks = lookAtHubCache(stop);
        if (!json) {
            printModels(looks);
            return 0;
        }
        for (nlohmann::json& model : list = modelsJson()) {
            const ModelLook look =
                model["present"] == true ? lookAtModel(model["name"].get<std::string>()) : ModelLook{};
            addLook(model, model["present"] == true ? &look : nullptr);
        }
    }
    const bool areAllRunning = std::ranges::all_of(looks, &ModelLook::runs);
    if (json) {
        for (const ModelLook& look : looks)
            list.push_back(lookJson(look));
        printJson(list);
    } else {
        printLooks(looks);
    }
    return names.empty() || areAllRunning ? 0 : 1;
}

} // namespace

int printModel(const ModelLook& look, bool json)
{
    if (json)
        printJson(lookJson(look));
    else
        printLooks({look});
    return look.runs() ? 0 : 1;
}

void addModelsVerb(CLI::App& app, VerbAction& action)
{
    auto json = std::make_shared<bool>(false);
    auto names = std::make_shared<std::vector<std::string>>();
    CLI::App* const verb = app.add_subcommand(
        "models", "the models that can be named without a path, or whether the named ones run");
    verb->add_option(
        "model", *names,
        "what --model takes: is looked at without loading it; 1 is returned where one does not run");
    verb->add_flag("--json", *json, "print JSON");
    verb->callback([json, names, &action] {
        action = [json, names](const VerbContext& context) { return models(*names, *json, context.stop); };
    });
}

} // namespace headwater
