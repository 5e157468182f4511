// SPDX-License-Identifier: Apache-2.0
#include "core/generation/generation.h"

#include "core/forward/forward_pass.h"
#include "core/generation/answer_text.h"

namespace headwater {

GenerationOptions generationOptionsOf(const RunOptions& options)
{
    GenerationOptions asked;
    asked.count = options.generate;
    asked.sampling = options.sampling;
    asked.seed = options.select.seed;
    asked.stops = options.stops;
    return asked;
}

const char* nameOf(GenerationEnd end)
{
    switch (end) {
    case GenerationEnd::Count:
        return "count";
    case GenerationEnd::EndToken:
        return "end_token";
    case GenerationEnd::StopString:
        return "stop_string";
    }
    return "";
}

Result<Generation> generate(std::span<const std::int32_t> prompt, std::vector<float> logits,
                            const Tokenizer& tokenizer, const GenerationOptions& options,
                            const GenerationSteps& steps, std::stop_token stop)
{
    Generation made;
    Sampler sampler(options.sampling, options.seed, prompt, logits.size());
    AnswerText answer(options.stops);
    const auto tell = [&](std::int32_t id, std::string_view bytes, std::string_view text) {
        if (steps.token)
            steps.token({id, bytes, text, static_cast<std::uint32_t>(made.ids.size())});
    };
    for (bool goesOn = options.count > 0; goesOn;) {
        if (stop.stop_requested())
            return Error{ErrorCode::Cancelled, "stopped", "generation"};
        const std::int32_t id = sampler.next(logits);
        if (tokenizer.endsGeneration(id)) {
            made.end = GenerationEnd::EndToken;
            break;
        }
        const float logprob = logProbability(logits, id);
        made.ids.push_back(id);
        made.logprobs.push_back(logprob);
        made.likeliest.push_back(options.sampling.isArgMax() ? id : greedyToken(logits));
        const std::string bytes = tokenizer.decode(id, options.spellControl);
        const std::string text = answer.add(bytes);
        tell(id, bytes, text);
        if (!answer.stoppedBy().empty())
            made.end = GenerationEnd::StopString;
        goesOn = answer.stoppedBy().empty() && made.ids.size() < options.count;
        if (!goesOn && !steps.decoded)
            break;
        HEADWATER_TRY_ASSIGN(logits, steps.decode(id, stop));
        if (steps.decoded)
            steps.decoded(id, logprob, logits);
    }
    if (const std::string rest = answer.finish(); !rest.empty())
        tell(-1, {}, rest);
    made.text = answer.whole();
    made.stoppedBy = answer.stoppedBy();
    return made;
}

} // namespace headwater
