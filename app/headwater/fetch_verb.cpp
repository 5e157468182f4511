// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/progress_json.h"
#include "app/headwater/verb.h"
#include "core/base/file_name.h"
#include "core/model/fetch/fetch.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

/// One JSON object a line on the standard error, for programs that show it.
void printProgress(const Progress& progress)
{
    std::fprintf(stderr, "%s\n", progressJson(progress).dump().c_str());
}

std::optional<KnownModel> findKnown(const std::string& name)
{
    for (const KnownModel& model : knownModels())
        if (model.name == name)
            return model;
    return std::nullopt;
}

/// What a person should know of a model before it is fetched. Terms that stand against it are the error's.
void printLicense(const KnownModel& model, TermsAnswer answer)
{
    if (model.terms && !model.terms->accepted && answer != TermsAnswer::Accepted)
        return;
    std::fprintf(stderr, "%s: %s, licence %s\n", model.name.c_str(), model.description.c_str(),
                 model.license.c_str());
    if (model.terms)
        std::fprintf(stderr, "accepted: %s, %s\n", model.terms->name.c_str(), model.terms->url.c_str());
}

struct FetchArguments {
    std::string name;
    bool acceptTerms = false;
    bool json = false;
    bool progress = false;
};

Result<int> fetch(const FetchArguments& arguments, const VerbContext& context)
{
    const std::string& name = arguments.name;
    const TermsAnswer answer = arguments.acceptTerms ? TermsAnswer::Accepted : TermsAnswer::None;
    if (const auto known = findKnown(name); known && !arguments.json)
        printLicense(*known, answer);
    const ProgressSink sink = arguments.progress ? ProgressSink(printProgress) : terminalProgress();
    HEADWATER_TRY_ASSIGN(const std::filesystem::path path, fetchModel(name, answer, sink, context.stop));
    endTerminalProgress();
    if (!arguments.json) {
        printName(path);
        return 0;
    }
    const KnownModel fetched = findKnown(name).value_or(KnownModel{});
    printJson({{"name", name},
               {"path", textOfPath(path)},
               {"license", fetched.license},
               {"terms", termsJson(fetched.terms)}});
    return 0;
}

} // namespace

void addFetchVerb(CLI::App& app, VerbAction& action)
{
    auto arguments = std::make_shared<FetchArguments>();
    CLI::App* const verb =
        app.add_subcommand("fetch", "get a known model by its pinned SHA-256, and show its licence");
    verb->add_option("name", arguments->name, "the model (headwater models lists them)")->required();
    verb->add_flag("--accept-terms", arguments->acceptTerms,
                   "accept the terms that the model comes under; kept beside it, so once is enough");
    verb->add_flag("--json", arguments->json, "print JSON");
    verb->add_flag("--progress", arguments->progress,
                   "tell on the standard error how far it is, one JSON object a line");
    verb->callback([arguments, &action] {
        action = [arguments](const VerbContext& context) { return fetch(*arguments, context); };
    });
}

} // namespace headwater
