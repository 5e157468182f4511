// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/option_arguments.h"
#include "app/headwater/token_list.h"
#include "app/headwater/verb.h"
#include "core/backend/cpu/cpu_plan.h"
#include "core/backend/open_backend.h"
#include "core/base/file_content.h"
#include "core/base/mapped_file.h"
#include "core/base/npy.h"
#include "core/base/text.h"
#include "core/base/whole_file.h"
#include "core/engine/forward_estimate.h"
#include "core/engine/loaded_model.h"
#include "core/forward/forward_pass.h"
#include "core/trace/trace_place.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>

namespace headwater {
namespace {

struct LogitsArguments {
    RunOptions options;
    std::string idsFile;
    std::string rows = "last:1";
    std::uint32_t top = 20;
    std::string out;
    bool json = false;
};

/// Token ids of a file, each inside the vocabulary. Errors: BadFormat naming the file and the first wrong
/// index.
Result<std::vector<std::int32_t>> readIds(const std::string& path, std::int32_t vocab)
{
    const auto outside = [&](std::size_t index, const std::string& found) {
        return Error{ErrorCode::BadFormat,
                     fmt::format("{}, expected a token id from 0 to {}", found, vocab - 1),
                     fmt::format("{}: index {}", path, index)};
    };
    if (path.ends_with(".npy")) {
        HEADWATER_TRY_ASSIGN(const NpyArray array, readNpy(path));
        if (array.descr != "<i4" || array.shape.size() != 1)
            return Error{ErrorCode::BadFormat, "expected a one-dimensional int32 array", path};
        std::vector<std::int32_t> ids(array.shape[0]);
        std::copy_n(array.data.data(), array.data.size(), reinterpret_cast<char*>(ids.data()));
        for (std::size_t i = 0; i < ids.size(); ++i) {
            if (ids[i] < 0 || ids[i] >= vocab)
                return outside(i, std::to_string(ids[i]));
        }
        return ids;
    }
    HEADWATER_TRY_ASSIGN(const std::string content, readInput(path, std::size_t{256} << 20));
    const nlohmann::json json = nlohmann::json::parse(content, nullptr, false);
    if (!json.is_array())
        return Error{
            ErrorCode::BadFormat,
            foundContent(contentOf(std::string_view(content).substr(0, kContentBytes), content.size()),
                         "a JSON array of token ids, or a .npy of int32"),
            path};
    std::vector<std::int32_t> ids;
    for (const nlohmann::json& id : json) {
        if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= static_cast<std::uint64_t>(vocab))
            return outside(ids.size(),
                           id.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace).substr(0, 60));
        ids.push_back(id.get<std::int32_t>());
    }
    return ids;
}

Result<std::vector<std::int32_t>> promptIds(LogitsArguments& arguments, const LoadedModel& loaded,
                                            const VerbContext& context)
{
    if (!arguments.idsFile.empty()) {
        const Interrupt::AtOnce atOnce(context.interrupt);
        return readIds(arguments.idsFile, loaded.model->config.vocabSize);
    }
    HEADWATER_TRY(readPromptAndNote(arguments.options, context));
    HEADWATER_TRY_ASSIGN(EncodedPrompt encoded, encodeForVerb(loaded, arguments.options, context));
    return std::move(encoded.tokens.ids);
}

/// Refuses an output that is a trace or one of the inputs, before anything is computed.
Result<void> checkOutput(const LogitsArguments& arguments)
{
    HEADWATER_TRY(refuseTracePlace(arguments.out));
    for (const std::string& input :
         {arguments.options.model, arguments.options.promptFile, arguments.idsFile}) {
        std::error_code error; // no such file: not the same one
        if (!input.empty() && std::filesystem::equivalent(input, arguments.out, error))
            return Error{ErrorCode::CannotCreate,
                         "is an input, and would be written over; choose another name", arguments.out};
    }
    return {};
}

/// A row's likeliest tokens: `{row, top: [{id, text, logprob}, …]}`. Shape: logits [vocab].
nlohmann::json topOf(std::span<const float> logits, std::uint32_t row, std::uint32_t top,
                     const Tokenizer& tokenizer)
{
    const std::vector<double> logprobs = logProbabilities(logits);
    nlohmann::json tokens = nlohmann::json::array();
    for (const std::int32_t id : likeliestTokens(logits, top))
        tokens.push_back({{"id", id},
                          {"text", tokenizer.decode(id, true)},
                          {"logprob", logprobs[static_cast<std::size_t>(id)]}});
    return {{"row", row}, {"top", std::move(tokens)}};
}

void printRows(const nlohmann::json& rows)
{
    for (const nlohmann::json& row : rows) {
        std::size_t k = 0;
        for (const nlohmann::json& token : row["top"])
            std::printf("%u\t%zu\t%d\t%.6f\t%s\n", row["row"].get<std::uint32_t>(), k++,
                        token["id"].get<std::int32_t>(), token["logprob"].get<double>(),
                        printable(token["text"].get_ref<const std::string&>()).c_str());
    }
}

/// Rows whose logits are held together: over a large vocabulary one row is half a megabyte.
constexpr std::uint32_t kRowsAtOnce = 64;

/// Memory of one printed token as JSON: three named values in a tree, and its text. Measured.
constexpr std::uint64_t kJsonTokenBytes = 640;

/// Writes the logits of `rows` as they come, and gives what is printed of them.
Result<nlohmann::json> readRows(const LogitsArguments& arguments, ForwardPass& forward,
                                const LoadedModel& loaded, std::span<const std::uint32_t> rows,
                                const ProgressSink& progress, const std::stop_token& stop)
{
    const auto vocab = static_cast<std::size_t>(loaded.model->config.vocabSize);
    std::optional<WholeFile> file;
    if (!arguments.out.empty()) {
        const std::size_t shape[] = {rows.size(), vocab};
        HEADWATER_TRY_ASSIGN(file, WholeFile::create(arguments.out));
        HEADWATER_TRY(file->write(npyHeader("<f4", shape)));
    }
    nlohmann::json printed = nlohmann::json::array();
    TimeLeft timeLeft;
    for (std::size_t begin = 0; begin < rows.size(); begin += kRowsAtOnce) {
        if (stop.stop_requested())
            return Error{ErrorCode::Cancelled, "stopped", "logits"};
        const auto some = rows.subspan(begin, std::min<std::size_t>(kRowsAtOnce, rows.size() - begin));
        HEADWATER_TRY_ASSIGN(const std::vector<float> values, forward.logits(some));
        if (file)
            HEADWATER_TRY(
                file->write({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)}));
        for (std::size_t i = 0; i < some.size(); ++i)
            printed.push_back(topOf(std::span(values).subspan(i * vocab, vocab), some[i], arguments.top,
                                    *loaded.tokenizer));
        if (progress)
            progress({.phase = "logits",
                      .done = begin + some.size(),
                      .total = rows.size(),
                      .unit = "rows",
                      .secondsLeft = timeLeft.update(begin + some.size(), rows.size())});
    }
    if (file)
        HEADWATER_TRY(file->finish());
    return printed;
}

Result<int> logits(LogitsArguments& arguments, const VerbContext& context)
{
    if (!arguments.out.empty())
        HEADWATER_TRY(checkOutput(arguments));
    HEADWATER_TRY_ASSIGN(const LoadedModel loaded, loadForVerb(arguments.options.model, context));
    HEADWATER_TRY_ASSIGN(const std::vector<std::int32_t> ids, promptIds(arguments, loaded, context));
    const auto tokens = static_cast<std::uint32_t>(ids.size());
    HEADWATER_TRY_ASSIGN(const std::vector<std::uint32_t> rows,
                         tokensNamed("--rows", arguments.rows, tokens, "the prompt's tokens"));
    ForwardDemand demand;
    demand.tokens = tokens;
    demand.rows = static_cast<std::uint32_t>(rows.size());
    demand.rowsAtOnce = kRowsAtOnce;
    demand.bytesARow =
        std::min(arguments.top, static_cast<std::uint32_t>(loaded.model->config.vocabSize)) * kJsonTokenBytes;
    HEADWATER_TRY_ASSIGN(const ForwardEstimate estimate,
                         estimateForward(CpuPlanner(arguments.options.threads), *loaded.model, demand,
                                         arguments.options.force));
    printNotes(estimate.notes);
    HEADWATER_TRY_ASSIGN(const std::unique_ptr<Backend> backend,
                         openBackend({.threads = arguments.options.threads}));
    HEADWATER_TRY(backend->uploadWeights(loaded.model, estimate.weights));
    ForwardPass forward(*backend, loaded.model);
    ForwardOptions options;
    options.grid = defaultGrid(tokens);
    options.chunkRows = estimate.chunkRows;
    const ProgressSink progress = terminalProgress();
    HEADWATER_TRY(forward.prefill(ids, options, nullptr, progress, context.stop));
    const DirectOutput direct(arguments.out, context);
    HEADWATER_TRY_ASSIGN(nlohmann::json printed,
                         readRows(arguments, forward, loaded, rows, progress, context.stop));
    endTerminalProgress();
    if (arguments.json)
        printJson({{"tokens", tokens}, {"rows", std::move(printed)}});
    else
        printRows(printed);
    return 0;
}

} // namespace

void addLogitsVerb(CLI::App& app, VerbAction& action)
{
    auto arguments = std::make_shared<LogitsArguments>();
    CLI::App* const verb = app.add_subcommand(
        "logits", "dense, exact log-probabilities of chosen rows, for comparison with other engines");
    arguments->options.chat = "off";
    addOptions(*verb, {"model"}, arguments->options);
    CLI::App* const group = addPromptOptions(*verb, arguments->options);
    group
        ->add_option("--ids", arguments->idsFile,
                     "read token ids from FILE: a JSON array, or a .npy of int32")
        ->type_name("FILE")
        ->transform(fileName());
    addOptions(*verb, {"chat", "thinking", "date", "text-tokens"}, arguments->options);
    verb->add_option("--rows", arguments->rows, "last:N or A,B,…; N at most the prompt's tokens")
        ->capture_default_str();
    verb->add_option("--top", arguments->top, "tokens a row, most probable first, at least 1")
        ->check(CLI::Range(1u, std::numeric_limits<std::uint32_t>::max()))
        ->capture_default_str();
    verb->add_option("--out", arguments->out, "also write all logits as a .npy [rows, vocab]")
        ->type_name("F.npy")
        ->transform(fileName());
    addOptions(*verb, {"threads", "force"}, arguments->options);
    verb->add_flag("--json", arguments->json, "print JSON");
    verb->callback([arguments, &action] {
        action = [arguments](const VerbContext& context) { return logits(*arguments, context); };
    });
}

} // namespace headwater
