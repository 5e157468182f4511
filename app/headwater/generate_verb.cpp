// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/verb.h"
#include "core/backend/cpu/cpu_plan.h"
#include "core/backend/open_backend.h"
#include "core/base/text.h"
#include "core/engine/forward_estimate.h"
#include "core/forward/forward_pass.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace headwater {
namespace {

struct GenerateArguments {
    std::string model;
    PromptArguments prompt;
    std::string chat = "auto";
    TextTokens textTokens = TextTokens::Auto;
    std::uint32_t count = 64;
    std::uint32_t threads = 0;
    bool force = false;
    bool json = false;
};

Result<int> generate(const GenerateArguments& arguments, const VerbContext& context)
{
    HEADWATER_TRY_ASSIGN(const std::string text, arguments.prompt.readAndNote(context));
    HEADWATER_TRY_ASSIGN(const LoadedModel loaded, loadForVerb(arguments.model, context));
    HEADWATER_TRY_ASSIGN(const EncodedPrompt encoded,
                         encodeForVerb(loaded, text, arguments.chat, arguments.textTokens, context));
    const auto tokens = static_cast<std::uint32_t>(encoded.tokens.ids.size());
    HEADWATER_TRY_ASSIGN(const ForwardEstimate estimate,
                         estimateForward(CpuPlanner(arguments.threads), *loaded.model,
                                         {tokens, arguments.count}, arguments.force));
    printNotes(estimate.notes);
    HEADWATER_TRY_ASSIGN(const std::unique_ptr<Backend> backend, openBackend({.threads = arguments.threads}));
    HEADWATER_TRY(backend->uploadWeights(loaded.model, estimate.weights));
    ForwardPass forward(*backend, loaded.model);
    ForwardOptions options;
    options.grid = defaultGrid(tokens);
    options.chunkRows = estimate.chunkRows;
    options.newTokens = arguments.count;
    HEADWATER_TRY(forward.prefill(encoded.tokens.ids, options, nullptr, terminalProgress(), context.stop));
    endTerminalProgress();
    const std::uint32_t last = tokens - 1;
    HEADWATER_TRY_ASSIGN(std::vector<float> logits, forward.logits({&last, 1}));
    std::vector<std::int32_t> ids;
    std::string answer;
    // A terminal must not be steered by what a vocabulary holds; a pipe gets the bytes as they are.
    const bool terminal = ::isatty(STDOUT_FILENO) != 0;
    while (ids.size() < arguments.count && !context.stop.stop_requested()) {
        const std::int32_t token = greedyToken(logits);
        if (loaded.tokenizer->endsGeneration(token))
            break;
        const std::string piece = loaded.tokenizer->decode(token, false);
        ids.push_back(token);
        answer += piece;
        if (!arguments.json) {
            const std::string shown = terminal && piece != "\n" ? printable(piece) : piece;
            std::fwrite(shown.data(), 1, shown.size(), stdout);
            std::fflush(stdout);
        }
        if (ids.size() < arguments.count) {
            HEADWATER_TRY_ASSIGN(logits, forward.decode(token));
        }
    }
    if (!arguments.json)
        std::fputc('\n', stdout);
    if (context.stop.stop_requested())
        return Error{ErrorCode::Cancelled, "stopped", "generation"};
    if (arguments.json)
        printJson({{"prompt_tokens", tokens}, {"ids", ids}, {"text", answer}});
    return 0;
}

} // namespace

void addGenerateVerb(CLI::App& app, VerbAction& action)
{
    auto arguments = std::make_shared<GenerateArguments>();
    CLI::App* const verb =
        app.add_subcommand("generate", "greedy continuation of a prompt by the dense model, streamed");
    verb->add_option("--model", arguments->model, "a GGUF file, a model folder, a fetched name, or builtin:needle")
        ->transform(fileName())
        ->required();
    arguments->prompt.addTo(*verb);
    verb->add_option("--chat", arguments->chat, "chat format: auto, off or a family")->capture_default_str();
    addTextTokensOption(*verb, arguments->textTokens);
    verb->add_option("-n,--generate", arguments->count, "tokens at most")
        ->check(CLI::Range(1u, 65536u))
        ->capture_default_str();
    addThreadsOption(*verb, arguments->threads);
    addForceOption(*verb, arguments->force);
    verb->add_flag("--json", arguments->json, "print JSON");
    verb->callback([arguments, &action] {
        action = [arguments](const VerbContext& context) { return generate(*arguments, context); };
    });
}

} // namespace headwater
