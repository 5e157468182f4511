// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/verb.h"
#include "core/base/file_name.h"
#include "core/base/text.h"
#include "core/base/whole_file.h"
#include "core/model/builtin/needle_prompt.h"
#include "core/trace/synthetic_trace.h"
#include "core/trace/trace_place.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

struct BenchArguments {
    std::string traceKind;
    NeedlePromptSpec prompt;
    double depth = -1;
    std::string output;
    bool json = false;
};

Result<int> makePrompt(const BenchArguments& arguments, const VerbContext& context)
{
    NeedlePromptSpec spec = arguments.prompt;
    if (arguments.depth >= 0)
        spec.depth = arguments.depth;
    HEADWATER_TRY_ASSIGN(const NeedlePrompt prompt, makeNeedlePrompt(spec));
    HEADWATER_TRY(refuseTracePlace(arguments.output));
    const DirectOutput direct(arguments.output, context);
    HEADWATER_TRY(writeWholeFile(arguments.output, prompt.text));
    const NeedleRecord& needle = prompt.records.front();
    if (arguments.json) {
        // BOS is token 0: byte i is token i + 1.
        printJson({{"prompt", textOfPath(arguments.output)},
                   {"tokens", prompt.text.size() + 1},
                   {"question", "@" + needle.key + "="},
                   {"answer", needle.value},
                   {"answer_token", needle.valueBegin() + 1}});
    } else {
        std::printf("%s: %s tokens, asks @%s=, the answer %s begins at token %llu\n",
                    printable(arguments.output).c_str(), withThousands(prompt.text.size() + 1).c_str(),
                    needle.key.c_str(), needle.value.c_str(),
                    static_cast<unsigned long long>(needle.valueBegin() + 1));
    }
    return 0;
}

Result<int> makeTrace(const BenchArguments& arguments, const VerbContext& context)
{
    HEADWATER_TRY_ASSIGN(const SyntheticSpec spec, syntheticSpec(arguments.traceKind));
    HEADWATER_TRY(writeSyntheticTrace(arguments.output, spec, terminalProgress(), context.stop));
    endTerminalProgress();
    if (arguments.json)
        printJson({{"trace", textOfPath(arguments.output)},
                   {"tokens", spec.grid.seqLen},
                   {"heads", spec.layers * spec.headsPerLayer}});
    else
        printName(arguments.output);
    return 0;
}

} // namespace

void addBenchVerb(CLI::App& app, VerbAction& action)
{
    auto arguments = std::make_shared<BenchArguments>();
    CLI::App* const verb =
        app.add_subcommand("bench", "make prompts and traces for tests and benches, seeded");
    auto* const what = verb->add_option_group("what", "Exactly one of these");
    auto* const prompt =
        what->add_option("--make-prompt", arguments->prompt.tokens, "a prompt of N tokens for builtin:needle")
            ->type_name("N");
    auto* const trace =
        what->add_option(
                "--make-trace", arguments->traceKind,
                "a synthetic trace: R1 (1 M tokens, 960 heads), R2 (one head, 8.4 M edges), R3 (131 072\n"
                "tokens, 270 heads, all with chunks), small")
            ->check(CLI::IsMember({"R1", "R2", "R3", "small"}));
    what->require_option(1);
    verb->add_option("--needles", arguments->prompt.needles,
                     "records with unrelated keys; the first is asked for")
        ->needs(prompt)
        ->capture_default_str();
    verb->add_option("--decoys", arguments->prompt.decoys, "records that share all but one byte of the key")
        ->needs(prompt)
        ->capture_default_str();
    verb->add_option("--depth", arguments->depth, "where the asked record stands, 0 to 1 [drawn]")
        ->needs(prompt)
        ->check(CLI::Range(0.0, 1.0));
    verb->add_option("--seed", arguments->prompt.seed, "of the prompt")->needs(prompt)->capture_default_str();
    verb->add_option("-o,--output", arguments->output, "the file to write")
        ->transform(fileName())
        ->required();
    verb->add_flag("--json", arguments->json, "print JSON");
    verb->callback([arguments, trace, &action] {
        const bool isTrace = trace->count() > 0;
        action = [arguments, isTrace](const VerbContext& context) {
            return isTrace ? makeTrace(*arguments, context) : makePrompt(*arguments, context);
        };
    });
}

} // namespace headwater
