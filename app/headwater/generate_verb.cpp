// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/option_arguments.h"
#include "app/headwater/verb.h"
#include "core/backend/cpu/cpu_plan.h"
#include "core/backend/open_backend.h"
#include "core/base/text.h"
#include "core/engine/forward_estimate.h"
#include "core/forward/forward_pass.h"
#include "core/options/option_table.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace headwater {
namespace {

struct GenerateArguments {
    RunOptions options = defaultsOf(GenerateVerb);
    bool json = false;
};

Result<int> generate(GenerateArguments& arguments, const VerbContext& context)
{
    RunOptions& asked = arguments.options;
    HEADWATER_TRY(readPromptAndNote(asked, context));
    HEADWATER_TRY_ASSIGN(const LoadedModel loaded, loadForVerb(asked.model, context));
    HEADWATER_TRY_ASSIGN(const EncodedPrompt encoded, encodeForVerb(loaded, asked, context));
    const auto tokens = static_cast<std::uint32_t>(encoded.tokens.ids.size());
    HEADWATER_TRY_ASSIGN(
        const ForwardEstimate estimate,
        estimateForward(CpuPlanner(asked.threads), *loaded.model, {tokens, asked.generate}, asked.force));
    printNotes(estimate.notes);
    HEADWATER_TRY_ASSIGN(const std::unique_ptr<Backend> backend, openBackend({.threads = asked.threads}));
    HEADWATER_TRY(backend->uploadWeights(loaded.model, estimate.weights));
    ForwardPass forward(*backend, loaded.model);
    ForwardOptions options;
    options.grid = defaultGrid(tokens);
    options.chunkRows = estimate.chunkRows;
    options.newTokens = asked.generate;
    HEADWATER_TRY(forward.prefill(encoded.tokens.ids, options, nullptr, terminalProgress(), context.stop));
    endTerminalProgress();
    const std::uint32_t last = tokens - 1;
    HEADWATER_TRY_ASSIGN(std::vector<float> logits, forward.logits({&last, 1}));
    std::vector<std::int32_t> ids;
    std::string answer;
    // A terminal must not be steered by what a vocabulary holds; a pipe gets the bytes as they are.
    const bool terminal = ::isatty(STDOUT_FILENO) != 0;
    while (ids.size() < asked.generate && !context.stop.stop_requested()) {
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
        if (ids.size() < asked.generate) {
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
    addOptions(*verb, GenerateVerb, arguments->options);
    verb->add_flag("--json", arguments->json, "print JSON");
    verb->callback([arguments, &action] {
        action = [arguments](const VerbContext& context) { return generate(*arguments, context); };
    });
}

} // namespace headwater
