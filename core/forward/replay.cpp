// SPDX-License-Identifier: Apache-2.0
#include "core/forward/replay.h"

#include "core/forward/lent_keys.h"

#include <algorithm>

namespace headwater {
namespace {

/// One sequence on its way.
class Replay {
public:
    Replay(Backend& backend, const std::shared_ptr<const Model>& model, const ReplayOptions& options,
           const ProgressSink& progress, std::stop_token stop)
        : m_backend(backend)
        , m_options(options)
        , m_progress(progress)
        , m_stop(std::move(stop))
        , m_layers(backend, model)
        , m_lent(model->config)
    {
    }

    Result<ForwardState> run(std::span<const std::int32_t> ids);

private:
    Result<void> runLayer(int layer, Advance& all);
    Result<void> copyOf(const DeviceTensor& from, std::size_t rows, DeviceTensor& to);
    /// Keys and values as the tail reads them: those before it as binary16 holds them.
    Result<KeysValues> readByTail(int layer, const KeysValues& own);

    Backend& m_backend;
    const ReplayOptions& m_options;
    const ProgressSink& m_progress;
    std::stop_token m_stop;
    LayerPass m_layers;
    LentKeys m_lent;
    ForwardState m_state;
    Progress m_report;
    TimeLeft m_timeLeft;
};

Result<void> Replay::copyOf(const DeviceTensor& from, std::size_t rows, DeviceTensor& to)
{
    return m_backend.copyRows(from, 0, rows, to, 0);
}

Result<KeysValues> Replay::readByTail(int layer, const KeysValues& own)
{
    const std::uint32_t before = m_options.tailRow;
    const std::uint32_t tokens = m_state.tokens;
    if (before == 0)
        return own;
    HEADWATER_TRY_ASSIGN(KeysValues read, m_layers.allocate(layer, tokens));
    HEADWATER_TRY_ASSIGN(KeysValues cached, m_layers.allocate(layer, before, ElementType::F16));
    HEADWATER_TRY(copyOf(own.keys, before, cached.keys));
    HEADWATER_TRY(copyOf(own.values, before, cached.values));
    HEADWATER_TRY(copyOf(cached.keys, before, read.keys));
    HEADWATER_TRY(copyOf(cached.values, before, read.values));
    HEADWATER_TRY(m_backend.copyRows(own.keys, before, tokens - before, read.keys, before));
    HEADWATER_TRY(m_backend.copyRows(own.values, before, tokens - before, read.values, before));
    return read;
}

Result<void> Replay::runLayer(int layer, Advance& all)
{
    ForwardState::Layer& kept = m_state.layers[static_cast<std::size_t>(layer)];
    const std::uint32_t tokens = m_state.tokens;
    HEADWATER_TRY(copyOf(all.residual, tokens, kept.residual));
    const bool asComputed = m_options.keysAs == ElementType::F32;
    KeysValues own = kept.read;
    if (const KeysValues* const borrowed = m_lent.borrowedBy(layer)) {
        own = *borrowed;
    } else {
        if (!asComputed) {
            HEADWATER_TRY_ASSIGN(own, m_layers.allocate(layer, tokens));
        }
        HEADWATER_TRY(
            m_backend.projectKeysValues(layer, all.residual, all.rows, own.keys, own.values, m_stop));
        if (!asComputed) {
            HEADWATER_TRY(copyOf(own.keys, tokens, kept.read.keys));
            HEADWATER_TRY(copyOf(own.values, tokens, kept.read.values));
        }
        m_lent.lend(layer, own);
    }
    std::vector<GivenMask> masks;
    if (m_options.masks) {
        HEADWATER_TRY_ASSIGN(masks, m_options.masks(layer));
        all.attention.given = masks;
    }
    std::vector<HeadObservation> observations(static_cast<std::size_t>(m_layers.config(layer).numHeads));
    const auto rowsDone = [this](std::uint32_t count) {
        m_report.done += count;
        if (!m_progress)
            return;
        m_report.secondsLeft = m_timeLeft.update(m_report.done, m_report.total);
        m_progress(m_report);
    };
    const auto part = [&](std::uint32_t first, std::uint32_t end, const KeysValues& read) -> Result<void> {
        Advance rows = all; // the same residual: a handle
        rows.rows = {first, end - first, 0};
        rows.ids = all.ids.subspan(first, end - first);
        return m_layers.advance(layer, rows, m_options.chunkRows, read, nullptr, observations, rowsDone,
                                m_stop);
    };
    if (m_options.tailRow > 0)
        HEADWATER_TRY(part(0, m_options.tailRow, own));
    if (m_options.tailRow < tokens) {
        HEADWATER_TRY_ASSIGN(const KeysValues read, readByTail(layer, own));
        HEADWATER_TRY(part(m_options.tailRow, tokens, read));
    }
    return m_options.onLayer ? m_options.onLayer(layer, observations) : Result<void>();
}

Result<ForwardState> Replay::run(std::span<const std::int32_t> ids)
{
    HEADWATER_TRY(m_layers.checkIds(ids));
    const auto tokens = static_cast<std::uint32_t>(ids.size());
    const int layers = m_layers.model().config.numLayers();
    HEADWATER_TRY_ASSIGN(
        m_state,
        allocateState(m_backend, m_layers.model().config, tokens, m_options.keysAs, m_options.scratch));
    m_state.tailRow = m_options.tailRow;
    HEADWATER_TRY_ASSIGN(Advance all, m_layers.embedded(ids, 0));
    all.attention.mode = m_options.masks ? AttentionRequest::Mode::Given : AttentionRequest::Mode::Dense;
    all.attention.grid = m_options.grid;
    m_report = {.phase = "session",
                .total = static_cast<std::uint64_t>(layers) * tokens,
                .unit = "rows",
                .layers = layers};
    for (int layer = 0; layer < layers; ++layer)
        HEADWATER_TRY(runLayer(layer, all));
    HEADWATER_TRY(copyOf(all.residual, tokens, m_state.residual));
    return std::move(m_state);
}

} // namespace

Result<ForwardState> replay(Backend& backend, const std::shared_ptr<const Model>& model,
                            std::span<const std::int32_t> ids, const ReplayOptions& options,
                            const ProgressSink& progress, std::stop_token stop)
{
    return Replay(backend, model, options, progress, std::move(stop)).run(ids);
}

} // namespace headwater
