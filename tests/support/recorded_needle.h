// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/cpu/cpu_backend.h"
#include "core/engine/analysis_run.h"
#include "core/model/builtin/needle_prompt.h"
#include "core/trace/trace_reader.h"

#include <QTemporaryDir>
#include <memory>

namespace headwater::test {

/// builtin:needle on a poisoned CPU backend, and runs of it whose traces sessions can go on from.
class RecordedNeedle {
public:
    LoadedModel model;
    std::unique_ptr<Backend> backend;

    /// Errors: those of the model and of its upload.
    Result<void> load()
    {
        HEADWATER_TRY_ASSIGN(model, loadModelAndTokenizer("builtin:needle"));
        backend = makeCpuBackend(2, Arena::Poison::On);
        return backend->uploadWeights(model.model);
    }

    /// A trace of a needle prompt of so many tokens; what its forward left, where that is asked for. Errors:
    /// those of the run and of Trace::open.
    Result<std::shared_ptr<const Trace>> record(Selection selection, Propagation propagation,
                                                std::uint32_t tokens, std::uint32_t generate,
                                                ForwardState* left = nullptr)
    {
        NeedlePromptSpec spec;
        spec.tokens = tokens;
        spec.decoys = 2;
        RunOptions run;
        run.model = "builtin:needle";
        HEADWATER_TRY_ASSIGN(const auto prompt, makeNeedlePrompt(spec));
        run.prompt = prompt.text;
        run.output = m_folder.filePath("session.hwt").toStdString();
        run.replace = true;
        run.generate = generate;
        run.select.selection = selection;
        run.select.propagation = propagation;
        run.select.keepKeys = 128;
        run.keepSession = left != nullptr;
        RunListener listener;
        if (left)
            listener.state = [left](ForwardState state) { *left = std::move(state); };
        HEADWATER_TRY(runAnalysis(*backend, model, run, listener, {}));
        return Trace::open(run.output);
    }

    int layers() const { return model.model->config.numLayers(); }
    const LayerConfig& config(int layer) const
    {
        return model.model->config.layers[static_cast<std::size_t>(layer)];
    }
    HeadRange heads(int layer) const { return allHeads(config(layer)); }

private:
    QTemporaryDir m_folder;
};

} // namespace headwater::test
