// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"
#include "core/forward/forward_observer.h"
#include "core/forward/forward_state.h"
#include "core/forward/key_cache.h"
#include "core/forward/lent_keys.h"
#include "core/parallel/progress.h"

#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <utility>
#include <vector>

namespace headwater {

/// How a prompt is forwarded.
struct ForwardOptions {
    AttentionRequest::Mode mode = AttentionRequest::Mode::Dense; ///< not Decode
    SelectParams select; ///< resolved; ignored for Dense
    BlockGrid grid; ///< of the prompt
    std::uint32_t chunkRows = 2048; ///< a multiple of kTileRows
    std::uint32_t newTokens = 0; ///< > 0 keeps the KV cache with room for as many
    std::uint32_t tokenRows = 16; ///< the last rows whose heaviest keys are recorded
    std::uint32_t tokenRowKeys = 32; ///< how many keys of each
    bool probe = true; ///< compute probe rows where the normaliser is Kept
    bool keepState = false; ///< for takeState(), if there is memory for it
    /// The masks of a layer's heads where another run found them, valid until the next call; none: they are
    /// searched. Only of a propagated `tree` or `stream`.
    std::function<Result<std::vector<GivenMask>>(int layer)> masks;
};

/// One prompt through the model: prefill layer by layer over query chunks, then decoding on the kept
/// cache, then the teacher-forced tail. A step that fails leaves the pass as it was before it (a prefill:
/// with nothing forwarded), so that another may follow. Memory: O(T) (residual stream; keys and values of one
/// layer, or the whole cache if kept). Threads: not thread-safe.
class ForwardPass {
public:
    ForwardPass(Backend& backend, std::shared_ptr<const Model> model);

    /// Forwards the prompt; `observer` may be null. Cost: layers · (T · parameters + attention).
    /// Errors: InvalidArgument (empty prompt, token id outside the vocabulary), BadFormat (hidden states that
    /// are not finite: names layer and row), Cancelled, those of the observer.
    Result<void> prefill(std::span<const std::int32_t> ids, const ForwardOptions& options,
                         ForwardObserver* observer, const ProgressSink& progress = {},
                         std::stop_token stop = {});

    /// Logits of rows (absolute) of the last prefill, decode or tail, all finite. Shape: [rows.size(),
    /// vocab]. Errors: InvalidArgument (a row that was not forwarded), BadFormat (a logit that is not finite:
    /// names the row).
    Result<std::vector<float>> logits(std::span<const std::uint32_t> rows);

    /// What the rows [first, first + following.size()), absolute, of the last prefill, decode or tail give to
    /// the tokens after them, whose ids are `following` (-1: none follows). The same bits whatever the
    /// options' chunkRows and the threads. Progress: phase "predictions", in rows. Cost: rows · hidden ·
    /// vocab. Errors: as of logits, and Cancelled.
    Result<std::vector<RowPrediction>> predict(std::uint32_t first, std::span<const std::int32_t> following,
                                               const ProgressSink& progress = {}, std::stop_token stop = {});

    /// Appends one token to the cache and returns the logits that follow it. Shape: [vocab]. The new row
    /// attends to the whole cache, its own key and value included, where and as it lies there (binary16),
    /// whatever the selection. Needs newTokens > 0 at prefill and room left. Errors: those of logits, and
    /// Cancelled.
    Result<std::vector<float>> decode(std::int32_t id, std::stop_token stop = {});

    /// Forwards rows [tailRow, ids.size()) once more over the cached keys before them (kept as binary16),
    /// with the selection of the prefill; rows' observations start at tailRow. `ids` is the prompt and what
    /// was generated.
    Result<void> tail(std::span<const std::int32_t> ids, std::uint32_t tailRow, ForwardObserver* observer,
                      std::stop_token stop = {});

    /// What the last prefill, and the tail if there was one, left of every layer, over to the caller; empty
    /// where keepState was not asked for, or it is taken already. The rows of tokens that were decoded and
    /// got no tail are not in it.
    ForwardState takeState() { return std::exchange(m_state, {}); }

    /// Frees what the last prefill kept: residual stream, KV cache, key indexes and state.
    void release();

    /// Where the time of the last prefill went.
    struct Seconds {
        double index = 0; ///< building the key index of every layer
        double attention = 0; ///< selection and attention
    };
    Seconds seconds() const { return {m_indexSeconds, m_layers.attentionSeconds()}; }

    /// The last multiple of 256 below the prompt's end: where a tail begins.
    static std::uint32_t tailRowOf(std::uint32_t promptTokens)
    {
        return (promptTokens - 1) / kTileRows * kTileRows;
    }

private:
    Result<void> prefillLayer(int layer, Advance& all, const ForwardOptions& options, KeysValues* cache,
                              std::shared_ptr<KeyIndex>& keptIndex, ForwardState::Layer* state,
                              LentKeys& lent, ForwardObserver* observer,
                              const std::function<void(std::uint32_t)>& rowsDone, std::stop_token stop);
    /// Keys and values up to the end of the rows: the cache's before them (`cache` may be null where there
    /// are none), their own projected.
    Result<KeysValues> keysAndValues(int layer, const Advance& advance, const KeysValues* cache,
                                     LentKeys& lent, std::stop_token stop);
    /// The rows of one layer into the state, as they come to it and with the keys and values they read.
    Result<void> keepRows(int layer, const Advance& advance, const KeysValues& read,
                          ForwardState::Layer& state);
    /// Rows that have come through all layers: logits are theirs from now on.
    void keep(Advance&& advance);
    /// Copies rows, absolute positions, into a layer's cache.
    Result<void> cacheRows(int layer, const KeysValues& from, RowRange rows, KeysValues& cache);
    std::vector<HeadObservation> emptyObservations(int layer, AttentionRequest::Mode mode) const;
    Backend& m_backend;
    std::shared_ptr<const Model> m_model;
    LayerPass m_layers;
    ForwardOptions m_options; ///< of the prompt that was forwarded: only a prefill sets them
    std::uint32_t m_promptTokens = 0;
    DeviceTensor m_residual; ///< rows [m_origin, m_origin + m_residual.rows())
    std::uint32_t m_origin = 0;
    RowMode m_mode = RowMode::Prefill; ///< of those rows
    KeyCache m_cache;
    std::vector<std::shared_ptr<KeyIndex>> m_indexes; ///< one a layer: of the prompt's keys, released
    ForwardState m_state; ///< room for the prompt and newTokens; empty unless it is to be kept
    double m_indexSeconds = 0;
};

/// Index of the largest logit; ties go to the smaller id.
std::int32_t greedyToken(std::span<const float> logits);

/// log softmax of one row, in double. Shape: [vocab].
std::vector<double> logProbabilities(std::span<const float> logits);

/// That of one token: at most 0; error as RowPrediction's. Cost: O(vocab), sixteen at a time.
float logProbability(std::span<const float> logits, std::int32_t id);

/// The tokens with the `count` largest logits (all, if there are fewer), first the largest; ties go to the
/// smaller id.
std::vector<std::int32_t> likeliestTokens(std::span<const float> logits, std::size_t count);

/// What a row of logits gives to the token after it, whose id is `following` (-1: none follows).
RowPrediction predictionOf(std::span<const float> logits, std::int32_t following);

/// KL(p || q) in nat of the distributions two rows of logits stand for. Shapes: [vocab] each.
double klDivergence(std::span<const float> logitsOfP, std::span<const float> logitsOfQ);

} // namespace headwater
