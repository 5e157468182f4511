// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"
#include "core/forward/forward_observer.h"
#include "core/parallel/progress.h"

#include <memory>
#include <span>
#include <stop_token>
#include <vector>

namespace headwater {

/// How a prompt is forwarded.
struct ForwardOptions {
    AttentionRequest::Mode mode = AttentionRequest::Mode::Dense;
    SelectParams select; ///< resolved; ignored for Dense
    BlockGrid grid; ///< of the prompt
    std::uint32_t chunkRows = 2048; ///< a multiple of kTileRows
    std::uint32_t newTokens = 0; ///< > 0 keeps the KV cache with room for as many
    std::uint32_t tokenRows = 16; ///< the last rows whose heaviest keys are recorded
    std::uint32_t tokenRowKeys = 32; ///< how many keys of each
    bool probe = true; ///< compute probe rows where the normaliser is Kept
};

/// One prompt through the model: prefill layer by layer over query chunks, then greedy decoding on the kept
/// cache, then the teacher-forced tail. Memory: O(T) (residual stream; keys and values of one layer, or the
/// whole cache if kept). Threads: not thread-safe.
class ForwardPass {
public:
    ForwardPass(Backend& backend, std::shared_ptr<const Model> model);

    /// Forwards the prompt; `observer` may be null. Cost: layers · (T · parameters + attention).
    /// Errors: InvalidArgument (empty prompt, token id outside the vocabulary), BadFormat (hidden states that
    /// are not finite: names layer and row), Cancelled, those of the observer.
    Result<void> prefill(std::span<const std::int32_t> ids, const ForwardOptions& options,
                         ForwardObserver* observer, const ProgressSink& progress = {},
                         std::stop_token stop = {});

    /// Logits of rows (absolute) of the last prefill or tail, all finite. Shape: [rows.size(), vocab].
    /// Errors: InvalidArgument (a row that was not forwarded), BadFormat (a logit that is not finite: names
    /// the row).
    Result<std::vector<float>> logits(std::span<const std::uint32_t> rows);

    /// Appends one token to the cache and returns the logits that follow it. Shape: [vocab]. The new row
    /// attends to the whole cache, whatever the selection. Needs newTokens > 0 at prefill and room left.
    Result<std::vector<float>> decode(std::int32_t id);

    /// Forwards rows [tailRow, ids.size()) once more over the cached keys before them (kept as binary16),
    /// with the selection of the prefill; rows' observations start at tailRow. `ids` is the prompt and what
    /// was generated.
    Result<void> tail(std::span<const std::int32_t> ids, std::uint32_t tailRow, ForwardObserver* observer,
                      std::stop_token stop = {});

    /// Frees what the last prefill kept: residual stream, KV cache and key indexes.
    void release();

    /// Where the time of the last prefill went.
    struct Seconds {
        double index = 0; ///< building the key index of every layer
        double attention = 0; ///< selection and attention
    };
    const Seconds& seconds() const { return m_seconds; }

    /// The last multiple of 256 below the prompt's end: where a tail begins.
    static std::uint32_t tailRowOf(std::uint32_t promptTokens)
    {
        return (promptTokens - 1) / kTileRows * kTileRows;
    }

private:
    struct LayerCache {
        DeviceTensor keys; ///< [capacity, numKvHeads · headDim] F16
        DeviceTensor values;
        std::shared_ptr<KeyIndex> index; ///< of the prompt's keys
    };

    Result<void> checkIds(std::span<const std::int32_t> ids) const;
    /// Queries, attention, output and feed-forward of `rows` chunk by chunk; keys and values are ready.
    Result<void> advanceRows(int layer, RowRange rows, std::span<const std::uint32_t> tokenRows,
                             const DeviceTensor& keys, const DeviceTensor& values, const KeyIndex* index,
                             std::span<HeadObservation> observations,
                             const std::function<void(std::uint32_t)>& rowsDone, std::stop_token stop);
    /// All layers' caches at once: between the short-lived keys and values of one layer after the other they
    /// would leave holes as large as themselves (80 MiB of 745 at 3 800 tokens of SmolLM2).
    Result<void> allocateCache(std::size_t capacity);
    /// Copies rows, absolute positions, into a layer's cache.
    Result<void> cacheRows(int layer, const DeviceTensor& from, std::uint32_t row, std::uint32_t count,
                           DeviceTensor& cache);
    std::vector<HeadObservation> emptyObservations(int layer) const;
    const LayerConfig& layerConfig(int layer) const
    {
        return m_model->config.layers[static_cast<std::size_t>(layer)];
    }

    Backend& m_backend;
    std::shared_ptr<const Model> m_model;
    ForwardOptions m_options;
    DeviceTensor m_residual; ///< rows [m_origin, m_origin + m_residual.rows())
    std::uint32_t m_origin = 0;
    std::vector<LayerCache> m_cache;
    std::uint32_t m_cached = 0; ///< tokens in the cache
    Seconds m_seconds;
};

/// Index of the largest logit; ties go to the smaller id.
std::int32_t greedyToken(std::span<const float> logits);

/// log softmax of one row, in double. Shape: [vocab].
std::vector<double> logProbabilities(std::span<const float> logits);

/// KL(p || q) in nat of the distributions two rows of logits stand for. Shapes: [vocab] each.
double klDivergence(std::span<const float> logitsOfP, std::span<const float> logitsOfQ);

} // namespace headwater
