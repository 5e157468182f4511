// SPDX-License-Identifier: Apache-2.0
#include "core/forward/cached_pass.h"

#include <algorithm>
#include <utility>

namespace headwater {
namespace {

/// No block is recorded, but sums are over blocks of keys: one size for every length keeps their bits.
BlockGrid unrecordedGrid(std::uint32_t tokens)
{
    return {tokens, 64, 64};
}

} // namespace

CachedPass::CachedPass(Backend& backend, std::shared_ptr<const Model> model)
    : m_backend(backend)
    , m_model(std::move(model))
    , m_layers(backend, m_model)
{
}

std::uint32_t CachedPass::reusable(std::span<const std::int32_t> ids) const
{
    const auto differs = std::ranges::mismatch(m_prompt, ids).in1;
    const auto common = static_cast<std::size_t>(differs - m_prompt.begin());
    // The last row is forwarded in any case: its logits are asked for.
    return static_cast<std::uint32_t>(std::min(common, ids.size() - 1)) / kTileRows * kTileRows;
}

Result<void> CachedPass::resize(std::size_t capacity, std::uint32_t kept)
{
    m_cache.tokens = kept;
    if (m_cache.capacity() == capacity)
        return {};
    KeyCache old = std::exchange(m_cache, {});
    if (kept == 0) {
        old = {};
        HEADWATER_TRY_ASSIGN(m_cache, allocateKeyCache(m_layers, capacity));
        return {};
    }
    KeyCache made;
    for (int layer = 0; layer < m_model->config.numLayers(); ++layer) {
        const LayerConfig& config = m_layers.config(layer);
        if (config.borrowsKeys()) {
            made.layers.push_back(made.of(config.keysOf));
            continue;
        }
        HEADWATER_TRY_ASSIGN(KeysValues longer, m_layers.allocate(layer, capacity, ElementType::F16));
        HEADWATER_TRY(m_backend.copyRows(old.of(layer).keys, 0, kept, longer.keys, 0));
        HEADWATER_TRY(m_backend.copyRows(old.of(layer).values, 0, kept, longer.values, 0));
        made.layers.push_back(std::move(longer));
        old.of(layer) = {};
    }
    made.tokens = kept;
    m_cache = std::move(made);
    return {};
}

Result<std::uint32_t> CachedPass::prefill(std::span<const std::int32_t> ids, std::uint32_t chunkRows,
                                          std::uint32_t newTokens, const ProgressSink& progress,
                                          std::stop_token stop)
{
    HEADWATER_TRY(m_layers.checkIds(ids));
    const auto tokens = static_cast<std::uint32_t>(ids.size());
    const std::uint32_t reused = reusable(ids);
    m_residual = {};
    m_prompt.resize(reused);
    if (const Result<void> resized = resize(std::size_t{tokens} + newTokens, reused); !resized) {
        m_prompt.clear(); // the cache is gone
        return resized.error();
    }
    const int layers = m_model->config.numLayers();
    const bool byLayer = holdsWeightsByLayer(tokens, newTokens);
    if (byLayer)
        for (int layer = 0; layer < layers; ++layer)
            m_backend.releaseWeights(layer);
    HEADWATER_TRY_ASSIGN(Advance rest, m_layers.embedded(ids.subspan(reused), reused));
    rest.attention.mode = AttentionRequest::Mode::Dense;
    rest.attention.grid = unrecordedGrid(tokens);
    Progress report{.phase = "prefill",
                    .total = static_cast<std::uint64_t>(layers) * (tokens - reused),
                    .unit = "rows",
                    .layers = layers};
    TimeLeft timeLeft;
    const auto rowsDone = [&](std::uint32_t count) {
        report.done += count;
        if (!progress)
            return;
        report.secondsLeft = timeLeft.update(report.done, report.total);
        progress(report);
    };
    LentKeys lent(m_model->config);
    for (int layer = 0; layer < layers; ++layer) {
        HEADWATER_TRY(prefillLayer(layer, rest, chunkRows, rowsDone, lent, stop));
        if (byLayer)
            m_backend.releaseWeights(layer);
    }
    m_residual = std::move(rest.residual);
    m_origin = reused;
    m_mode = RowMode::Prefill;
    m_cache.tokens = tokens;
    m_prompt.assign(ids.begin(), ids.end());
    return reused;
}

Result<void> CachedPass::prefillLayer(int layer, Advance& rest, std::uint32_t chunkRows,
                                      const std::function<void(std::uint32_t)>& rowsDone, LentKeys& lent,
                                      std::stop_token stop)
{
    KeysValues read;
    if (const KeysValues* const borrowed = lent.borrowedBy(layer)) {
        read = *borrowed;
    } else {
        KeysValues& kept = m_cache.of(layer);
        HEADWATER_TRY(m_layers.projectKeysValues(layer, rest, kept, stop));
        const std::uint32_t end = rest.rows.first + rest.rows.count;
        HEADWATER_TRY_ASSIGN(read, m_layers.allocate(layer, end)); // tiles are computed in float32
        HEADWATER_TRY(m_backend.copyRows(kept.keys, 0, end, read.keys, 0));
        HEADWATER_TRY(m_backend.copyRows(kept.values, 0, end, read.values, 0));
        lent.lend(layer, read);
    }
    return m_layers.advance(layer, rest, chunkRows, read, nullptr, {}, rowsDone, std::move(stop));
}

Result<std::vector<float>> CachedPass::logits()
{
    if (m_residual.rows() == 0)
        return Error{ErrorCode::Internal, "no row was forwarded", "logits"};
    const auto last = m_origin + static_cast<std::uint32_t>(m_residual.rows()) - 1;
    return m_layers.logits(m_residual, m_origin, m_mode, {&last, 1});
}

Result<std::vector<float>> CachedPass::decode(std::int32_t id, std::stop_token stop)
{
    if (m_residual.rows() == 0)
        return Error{ErrorCode::Internal, "no prompt was forwarded", "decode"};
    HEADWATER_TRY_ASSIGN(DecodedToken one, decodeToken(m_layers, m_cache, id, std::move(stop)));
    m_origin = one.row;
    m_mode = RowMode::Decode;
    m_residual = std::move(one.residual);
    return std::move(one.logits);
}

std::uint64_t CachedPass::heldBytes() const
{
    return m_cache.bytes(m_model->config)
        + std::uint64_t{m_residual.rows()} * m_residual.cols() * sizeof(float);
}

} // namespace headwater
