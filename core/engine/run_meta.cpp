// SPDX-License-Identifier: Apache-2.0
#include "core/engine/run_meta.h"

#include "core/base/file_name.h"
#include "core/base/utc_time.h"
#include "core/model/folder/hub_cache.h"
#include "core/model/limits.h"
#include "core/options/option_command.h"
#include "core/record/quantity.h"
#include "core/trace/trace_format.h"

#include <filesystem>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

static_assert(limits::kPromptTokens <= kMaxTokens && limits::kPromptBytes <= kMaxTextBytes
                  && limits::kLayers <= kMaxLayers && limits::kHeads <= kMaxHeads,
              "what a run may be of, its trace can hold");

/// The file's name alone: a trace is passed on, and need not say where its maker keeps things. A snapshot's
/// folder in the Hub's cache is called by its commit: what it is of says more.
std::string sourceName(const std::filesystem::path& source)
{
    const auto model = hubModelOf(source);
    return model && source.parent_path().filename() == "snapshots" ? *model : textOfPath(source.filename());
}

nlohmann::json modelMeta(const LoadedModel& loaded)
{
    const Model& model = *loaded.model;
    const ModelConfig& config = model.config;
    nlohmann::json layers = nlohmann::json::array();
    for (const LayerConfig& layer : config.layers) {
        layers.push_back({{"kind", layer.kind == HeadKind::Global ? "global" : "sliding"},
                          {"window", layer.window},
                          {"heads", layer.numHeads},
                          {"kv_heads", layer.numKvHeads},
                          {"head_dim", layer.headDim}});
    }
    return {{"name", config.name},
            {"architecture", config.architecture},
            {"source", sourceName(model.identity.source)},
            {"header_sha256", model.identity.headerSha256},
            {"weights_sha256", model.identity.weightsSha256},
            {"file_bytes", model.identity.fileBytes},
            {"parameters", model.identity.parameters},
            {"license", model.identity.license},
            {"hidden_size", config.hiddenSize},
            {"vocab_size", config.vocabSize},
            {"context_length", config.contextLength},
            {"layers", std::move(layers)}};
}

} // namespace

nlohmann::json runMeta(const LoadedModel& loaded, const EncodedPrompt& prompt, const RunOptions& options,
                       const RunReport& report, const Backend& backend)
{
    const SelectParams& select = report.select;
    const bool isPropagated = select.propagation == Propagation::Propagated;
    return {{"program", {{"name", "headwater"}, {"version", HEADWATER_VERSION}}},
            {"created", utcNow()},
            {"command", withWhatWasLeft(options.command, options, prompt.textTokens, prompt.day)},
            {"model", modelMeta(loaded)},
            {"tokenizer", {{"hash", loaded.tokenizer->identity()}}},
            {"params", toJson(select)},
            {"quantity", quantityOf(isPropagated, normaliserOf(isPropagated, select.selection))},
            {"prompt",
             {{"tokens", report.promptTokens},
              {"chat", prompt.chatFamily},
              {"text_tokens", nameOf(prompt.textTokens)}}},
            {"kv_cache", "f16"},
            {"device", {{"name", backend.name()}, {"description", backend.description()}}},
            {"notes", report.notes}};
}

} // namespace headwater
