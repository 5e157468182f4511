// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/option_arguments.h"
#include "app/headwater/verb.h"
#include "core/base/text.h"
#include "core/engine/loaded_model.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

struct TokenizeArguments {
    RunOptions options;
    bool json = false;
};

Result<int> tokenize(TokenizeArguments& arguments, const VerbContext& context)
{
    HEADWATER_TRY(readPromptAndNote(arguments.options, context));
    HEADWATER_TRY_ASSIGN(const LoadedModel loaded, loadForVerb(arguments.options.model, context));
    HEADWATER_TRY_ASSIGN(const EncodedPrompt encoded, encodeForVerb(loaded, arguments.options, context));
    const std::vector<std::int32_t>& ids = encoded.tokens.ids;
    const std::vector<std::uint32_t>& offsets = encoded.tokens.offsets;
    if (arguments.json) {
        nlohmann::json bytes = nlohmann::json::array();
        nlohmann::json texts = nlohmann::json::array();
        for (std::size_t i = 0; i < ids.size(); ++i) {
            bytes.push_back({offsets[i], offsets[i + 1]});
            texts.push_back(loaded.tokenizer->decode(ids[i], true));
        }
        printJson({{"ids", ids}, {"bytes", std::move(bytes)}, {"text_of_ids", std::move(texts)}});
        return 0;
    }
    for (std::size_t i = 0; i < ids.size(); ++i)
        std::printf("%zu\t%d\t%s\n", i, ids[i], printable(loaded.tokenizer->decode(ids[i], true)).c_str());
    return 0;
}

} // namespace

void addTokenizeVerb(CLI::App& app, VerbAction& action)
{
    auto arguments = std::make_shared<TokenizeArguments>();
    CLI::App* const verb =
        app.add_subcommand("tokenize", "a prompt's token ids and the bytes each one covers");
    arguments->options.chat = "off";
    addOptions(*verb, {"model"}, arguments->options);
    addPromptOptions(*verb, arguments->options);
    addOptions(*verb, {"chat", "thinking", "date", "text-tokens"}, arguments->options);
    verb->add_flag("--json", arguments->json, "print JSON");
    verb->callback([arguments, &action] {
        action = [arguments](const VerbContext& context) { return tokenize(*arguments, context); };
    });
}

} // namespace headwater
