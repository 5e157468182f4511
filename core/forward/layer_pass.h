// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"

#include <functional>
#include <memory>
#include <span>
#include <stop_token>

namespace headwater {

/// Rows on their way through the layers.
struct Advance {
    RowRange rows; ///< all of the residual's, or those of them that are advanced
    std::span<const std::int32_t> ids; ///< the tokens of `rows`, borrowed
    DeviceTensor residual;
    AttentionRequest attention; ///< layer and row range are filled in chunk by chunk
};

/// One layer's, by absolute position. Shape: [positions, numKvHeads · headDim] F32 each.
struct KeysValues {
    DeviceTensor keys;
    DeviceTensor values;
};

/// The steps that any forward of rows through a layer is made of. Threads: not thread-safe.
class LayerPass {
public:
    LayerPass(Backend& backend, std::shared_ptr<const Model> model);

    /// Errors: InvalidArgument (no token, a token id outside the vocabulary).
    Result<void> checkIds(std::span<const std::int32_t> ids) const;

    /// The rows of `ids`, which begin at position `first`, before the first layer.
    Result<Advance> embedded(std::span<const std::int32_t> ids, std::uint32_t first,
                             RowMode mode = RowMode::Prefill);

    /// Room for the keys and values of `positions` positions.
    Result<KeysValues> allocate(int layer, std::size_t positions, ElementType type = ElementType::F32);

    /// Keys and values of the rows into `made`, as its type has it. Errors: those of the backend.
    Result<void> projectKeysValues(int layer, const Advance& advance, KeysValues& made, std::stop_token stop);

    /// Queries, attention, output and feed-forward of the rows chunk by chunk; rowsDone hears of each.
    /// Errors: those of the backend; Cancelled.
    Result<void> advance(int layer, Advance& advance, std::uint32_t chunkRows, const KeysValues& read,
                         const KeyIndex* index, std::span<HeadObservation> observations,
                         const std::function<void(std::uint32_t)>& rowsDone, std::stop_token stop);

    /// Logits of rows (absolute) of a residual behind the last layer, whose row 0 stands at `origin`; all
    /// finite. Shape: [rows.size(), vocab]. Errors: InvalidArgument (a row that is not there), BadFormat (a
    /// logit that is not finite: names the row).
    Result<std::vector<float>> logits(const DeviceTensor& residual, std::uint32_t origin, RowMode mode,
                                      std::span<const std::uint32_t> rows);
    /// Errors: InvalidArgument (the row is not there).
    Result<void> checkForwarded(const DeviceTensor& residual, std::uint32_t origin, std::uint32_t row) const;

    /// Spent in attention so far.
    double attentionSeconds() const { return m_attentionSeconds; }
    void resetSeconds() { m_attentionSeconds = 0; }

    const Model& model() const { return *m_model; }
    const LayerConfig& config(int layer) const
    {
        return m_model->config.layers[static_cast<std::size_t>(layer)];
    }

private:
    Backend& m_backend;
    std::shared_ptr<const Model> m_model;
    double m_attentionSeconds = 0;
};

} // namespace headwater
