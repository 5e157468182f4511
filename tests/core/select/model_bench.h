// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "complaint.h"
#include "core/backend/cpu/cpu_backend.h"
#include "core/base/mapped_file.h"
#include "core/engine/loaded_model.h"
#include "core/engine/resolve_options.h"
#include "core/model/builtin/needle_prompt.h"
#include "core/parallel/thread_pool.h"
#include "model_heads.h"
#include "support/fetched_model.h"
#include "support/reference_data.h"

#include <map>
#include <mutex>
#include <numeric>
#include <random>

namespace headwater::test {

/// A model, its backend and a prompt for it: builtin:needle, or the fetched SmolLM2 with a sample prompt.
class ModelBench {
public:
    /// A check of one head; runs on any thread, one head on one. Returns a complaint, or an empty string.
    using HeadCheck = std::function<std::string(const HeadArrays& head, const HeadObservation& seen)>;

    Result<void> load(const std::string& nameOrPath)
    {
        HEADWATER_TRY_ASSIGN(m_loaded, loadModelAndTokenizer(nameOrPath));
        m_backend = makeCpuBackend(0);
        return m_backend->uploadWeights(m_loaded.model);
    }

    const LoadedModel& loaded() const { return m_loaded; }
    const std::shared_ptr<const Model>& model() const { return m_loaded.model; }
    Backend& backend() { return *m_backend; }
    std::size_t numHeads() const
    {
        std::size_t heads = 0;
        for (const LayerConfig& layer : m_loaded.model->config.layers)
            heads += static_cast<std::size_t>(layer.numHeads);
        return heads;
    }

    /// The first `tokens` tokens of a prompt with a needle in it.
    Result<std::vector<std::int32_t>> ids(std::uint32_t tokens) const
    {
        std::string text;
        if (m_loaded.name == "builtin:needle") {
            NeedlePromptSpec spec;
            spec.tokens = tokens;
            spec.decoys = 8;
            spec.depth = 0.4;
            HEADWATER_TRY_ASSIGN(NeedlePrompt prompt, makeNeedlePrompt(spec));
            text = std::move(prompt.text);
        } else {
            HEADWATER_TRY_ASSIGN(text, readFile(sourcePath("resources/samples/needle-8k.txt"), 1 << 24));
        }
        HEADWATER_TRY_ASSIGN(EncodedPrompt encoded, encodePrompt(m_loaded, text, "auto"));
        if (encoded.tokens.ids.size() < tokens)
            return Error{ErrorCode::InvalidArgument, "the prompt is too short", "ids"};
        encoded.tokens.ids.resize(tokens);
        return encoded.tokens.ids;
    }

    /// The layers of a dense forward, one in `oneIn` of them, the same ones every time; computed once.
    Result<const std::vector<ModelLayer>*> layers(std::uint32_t tokens, int oneIn)
    {
        std::vector<ModelLayer>& kept = m_layers[{tokens, oneIn}];
        if (!kept.empty())
            return &kept;
        std::vector<int> drawn(static_cast<std::size_t>(m_loaded.model->config.numLayers()));
        std::iota(drawn.begin(), drawn.end(), 0);
        std::mt19937 random(270);
        for (std::size_t i = drawn.size(); i > 1; --i)
            std::swap(drawn[i - 1], drawn[random() % i]);
        drawn.resize((drawn.size() + static_cast<std::size_t>(oneIn) - 1) / static_cast<std::size_t>(oneIn));
        HEADWATER_TRY_ASSIGN(const std::vector<std::int32_t> prompt, ids(tokens));
        HEADWATER_TRY(runModel(*m_backend, *m_loaded.model, prompt, nullptr,
                               [&](ModelLayer&& layer, std::vector<HeadObservation>&&) -> Result<bool> {
                                   if (std::ranges::find(drawn, layer.index) != drawn.end())
                                       kept.push_back(std::move(layer));
                                   return kept.size() < drawn.size();
                               }));
        return &kept;
    }

    /// Observes those layers with `select` and checks every head of theirs; returns the first complaint.
    std::string checkLayers(std::uint32_t tokens, int oneIn, const SelectParams& select,
                            const HeadCheck& check)
    {
        const auto wanted = layers(tokens, oneIn);
        HEADWATER_EXPECT(wanted, "{}", wanted.error().text());
        for (const ModelLayer& layer : **wanted) {
            DeviceTensor attended;
            const auto seen = observeLayer(*m_backend, layer, select, attended);
            HEADWATER_EXPECT(seen, "{}", seen.error().text());
            HEADWATER_EXPECT_NONE(checkHeads(layer, *seen, check));
        }
        return {};
    }

    /// Runs a prompt with `select` and checks every head, layer by layer; returns the first complaint.
    std::string checkRun(std::span<const std::int32_t> prompt, const SelectParams& select,
                         const HeadCheck& check)
    {
        const auto done =
            runModel(*m_backend, *m_loaded.model, prompt, &select,
                     [&](ModelLayer&& layer, std::vector<HeadObservation>&& seen) -> Result<bool> {
                         const std::string complaint = checkHeads(layer, seen, check);
                         if (!complaint.empty())
                             return Error{ErrorCode::Internal, complaint, ""};
                         return true;
                     });
        return done ? "" : done.error().text();
    }

private:
    std::string checkHeads(const ModelLayer& layer, const std::vector<HeadObservation>& seen,
                           const HeadCheck& check)
    {
        std::string complaint;
        std::mutex mutex;
        m_pool.parallelFor(seen.size(), [&](std::size_t head, std::size_t) {
            const std::string wrong = check(layer.head(static_cast<int>(head)), seen[head]);
            const std::lock_guard lock(mutex);
            if (!wrong.empty() && complaint.empty())
                complaint = fmt::format("layer {}, head {}: {}", layer.index, head, wrong);
        });
        return complaint;
    }

    LoadedModel m_loaded;
    std::unique_ptr<Backend> m_backend;
    ThreadPool m_pool;
    std::map<std::pair<std::uint32_t, int>, std::vector<ModelLayer>> m_layers;
};

/// What a recorded head may read.
inline HeadShape shapeOf(const HeadRecord& record)
{
    return {record.grid, record.kind, record.window};
}

/// The parameters of a run with every default filled in.
inline SelectParams resolvedSelect(Selection selection, Propagation propagation, std::uint32_t tokens,
                                   std::uint32_t keepKeys)
{
    SelectParams select;
    select.selection = selection;
    select.propagation = propagation;
    select.keepKeys = keepKeys;
    return *resolveSelect(select, tokens);
}

} // namespace headwater::test
