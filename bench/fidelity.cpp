// SPDX-License-Identifier: Apache-2.0
// Which selections keep the model's answer: every prompt forwarded densely, then once for every selection,
// budget and block shape, all of them propagated, with the answer teacher-forced. bench/fidelity.py writes
// the prompts, starts this and prints the table.
//   fidelity MODEL PROMPTS.jsonl RESULTS.jsonl WANTED
// One line of PROMPTS: {"name", "prompt", "answer_begin", "value"}; prompts are taken in order until WANTED
// of them are answered by the dense model. Every finished forward is one line appended to RESULTS, and what
// is there already is not computed again: a later call goes on from where an earlier one was stopped.
#include "core/backend/cpu/cpu_backend.h"
#include "core/engine/loaded_model.h"
#include "core/engine/resolve_options.h"
#include "core/forward/forward_pass.h"

#include <chrono>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

using namespace headwater;
using nlohmann::json;

namespace {

constexpr std::uint32_t kSpreadRows = 64;
constexpr int kSkipped = 77; ///< CTest's code of a test that could not run

struct Cell {
    std::string name; ///< "dense", "exact", "tree", "flat", "stream", "local"
    SelectParams select;
};

/// Budgets 256 and 512 at blocks 64/32 and 16/16. `local` keeps the always-kept blocks alone, which no budget
/// changes.
std::vector<Cell> allCells()
{
    struct Blocks {
        std::uint32_t query, key;
    };
    std::vector<Cell> cells;
    for (const Blocks blocks : {Blocks{64, 32}, Blocks{16, 16}}) {
        const auto add = [&](const std::string& name, Selection selection, std::uint32_t keepKeys,
                             std::uint32_t levels) {
            SelectParams params;
            params.selection = selection;
            params.propagation = Propagation::Propagated;
            params.blockQ = blocks.query;
            params.blockK = blocks.key;
            params.keepKeys = keepKeys;
            params.treeLevels = levels;
            cells.push_back({name, params});
        };
        for (const std::uint32_t keepKeys : {512U, 256U}) {
            add("exact", Selection::Exact, keepKeys, 0);
            add("tree", Selection::Tree, keepKeys, 0);
            add("flat", Selection::Tree, keepKeys, 1);
            add("stream", Selection::Stream, keepKeys, 0);
        }
        add("local", Selection::Exact, 1, 0);
    }
    return cells;
}

std::string keyOf(const std::string& prompt, const Cell& cell)
{
    return fmt::format("{} {} {} {}/{}", prompt, cell.name, cell.select.keepKeys, cell.select.blockQ,
                       cell.select.blockK);
}

[[noreturn]] void fail(const std::string& why)
{
    fmt::print(stderr, "fidelity: {}\n", why);
    std::exit(1);
}

template <class T> T orFail(Result<T> result)
{
    if (!result)
        fail(result.error().text());
    return *std::move(result);
}

/// A prompt with its answer behind it: rows [firstValueRow, ...) predict the tokens of the value.
struct ForcedPrompt {
    std::vector<std::int32_t> ids;
    std::vector<std::uint32_t> valueRows; ///< each predicts the token after it
    std::vector<std::uint32_t> spreadRows;
};

ForcedPrompt forcedPrompt(const LoadedModel& loaded, const json& line)
{
    ForcedPrompt forced;
    forced.ids = orFail(encodePrompt(loaded, line.at("prompt").get<std::string>(), "auto")).tokens.ids;
    const auto promptTokens = static_cast<std::uint32_t>(forced.ids.size());
    const auto begin = line.at("answer_begin").get<std::string>();
    const auto answer = orFail(loaded.tokenizer->encode(begin + line.at("value").get<std::string>()));
    for (std::size_t i = 0; i < answer.ids.size(); ++i) {
        if (answer.offsets[i] == answer.offsets[i + 1])
            continue; // BOS, which stands before the prompt
        if (answer.offsets[i] >= begin.size())
            forced.valueRows.push_back(static_cast<std::uint32_t>(forced.ids.size()) - 1);
        forced.ids.push_back(answer.ids[i]);
    }
    for (std::uint32_t i = 1; i <= kSpreadRows; ++i)
        forced.spreadRows.push_back(i * promptTokens / kSpreadRows - 1);
    return forced;
}

struct Forwarded {
    std::uint32_t right = 0; ///< tokens of the value that are the arg-max
    std::vector<float> spreadLogits; ///< [kSpreadRows, vocab]
};

Forwarded forward(ForwardPass& pass, const ForcedPrompt& prompt, const Cell& cell)
{
    const auto tokens = static_cast<std::uint32_t>(prompt.ids.size());
    ForwardOptions options;
    options.mode = cell.name == "dense" ? AttentionRequest::Mode::Dense : AttentionRequest::Mode::Propagated;
    options.select = orFail(resolveSelect(cell.select, tokens));
    options.grid = gridOf(options.select, tokens);
    options.tokenRows = 0;
    options.probe = false;
    if (const auto done = pass.prefill(prompt.ids, options, nullptr); !done)
        fail(done.error().text());
    Forwarded forwarded;
    for (const std::uint32_t row : prompt.valueRows)
        forwarded.right += greedyToken(orFail(pass.logits({&row, 1}))) == prompt.ids[row + 1] ? 1 : 0;
    forwarded.spreadLogits = orFail(pass.logits(prompt.spreadRows));
    return forwarded;
}

double secondsNow()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::vector<json> readLines(const std::string& path)
{
    std::vector<json> lines;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
        const json parsed = json::parse(line, nullptr, false);
        if (parsed.is_object()) // the last line of a killed run may be cut off
            lines.push_back(parsed);
    }
    return lines;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 5)
        fail("expected MODEL PROMPTS.jsonl RESULTS.jsonl WANTED");
    Result<LoadedModel> found = loadModelAndTokenizer(argv[1]);
    if (!found && found.error().code == ErrorCode::NotFound) {
        fmt::print(stderr, "fidelity: skipped: {}\n", found.error().text());
        return kSkipped;
    }
    const LoadedModel loaded = orFail(std::move(found));
    const auto wanted = static_cast<std::uint32_t>(std::strtoul(argv[4], nullptr, 10));
    std::set<std::string> finished;
    std::set<std::string> unanswered;
    for (const json& line : readLines(argv[3])) {
        finished.insert(line.at("key").get<std::string>());
        if (line.at("cell") == "dense" && !line.at("whole").get<bool>())
            unanswered.insert(line.at("prompt").get<std::string>());
    }
    std::ofstream results(argv[3], std::ios::app);
    const auto backend = makeCpuBackend(0);
    if (const auto uploaded = backend->uploadWeights(loaded.model); !uploaded)
        fail(uploaded.error().text());
    ForwardPass pass(*backend, loaded.model);
    const auto vocab = static_cast<std::size_t>(loaded.model->config.vocabSize);
    const std::vector<Cell> cells = allCells();
    std::uint32_t answered = 0;
    for (const json& line : readLines(argv[2])) {
        if (answered >= wanted)
            break;
        const auto name = line.at("name").get<std::string>();
        if (unanswered.contains(name))
            continue;
        const ForcedPrompt prompt = forcedPrompt(loaded, line);
        const auto record = [&](const Cell& cell, const Forwarded& forwarded, double kl, double top1,
                                double seconds) {
            const json out = {{"key", keyOf(name, cell)},
                              {"prompt", name},
                              {"tokens", prompt.ids.size()},
                              {"cell", cell.name},
                              {"keep_keys", cell.select.keepKeys},
                              {"block_q", cell.select.blockQ},
                              {"block_k", cell.select.blockK},
                              {"right", forwarded.right},
                              {"of", prompt.valueRows.size()},
                              {"whole", forwarded.right == prompt.valueRows.size()},
                              {"kl", kl},
                              {"top1", top1},
                              {"seconds", seconds}};
            results << out.dump() << std::endl; // flushed: a kill loses one forward
            std::cerr << out.at("key").get<std::string>() << ": " << forwarded.right << " of "
                      << prompt.valueRows.size() << fmt::format(", KL {:.3f}, {:.1f} s\n", kl, seconds);
        };
        std::vector<float> dense;
        bool answers = true;
        const auto forwardDense = [&] {
            const double begin = secondsNow();
            Forwarded forwarded = forward(pass, prompt, {"dense", {}});
            answers = forwarded.right == prompt.valueRows.size();
            if (!finished.contains(keyOf(name, {"dense", {}})))
                record({"dense", {}}, forwarded, 0, 1, secondsNow() - begin);
            dense = std::move(forwarded.spreadLogits);
        };
        if (!finished.contains(keyOf(name, {"dense", {}})))
            forwardDense();
        for (const Cell& cell : cells) {
            if (!answers)
                break;
            if (finished.contains(keyOf(name, cell)))
                continue;
            if (dense.empty())
                forwardDense();
            const double begin = secondsNow();
            const Forwarded forwarded = forward(pass, prompt, cell);
            double kl = 0;
            std::uint32_t same = 0;
            for (std::size_t row = 0; row < kSpreadRows; ++row) {
                const auto p = std::span(dense).subspan(row * vocab, vocab);
                const auto q = std::span(forwarded.spreadLogits).subspan(row * vocab, vocab);
                kl += klDivergence(p, q) / kSpreadRows;
                same += greedyToken(p) == greedyToken(q) ? 1 : 0;
            }
            record(cell, forwarded, kl, static_cast<double>(same) / kSpreadRows, secondsNow() - begin);
        }
        answered += answers ? 1 : 0;
    }
    if (answered < wanted)
        fail(fmt::format("the dense model answers {} of the prompts; {} are wanted", answered, wanted));
    return 0;
}
