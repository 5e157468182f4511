// SPDX-License-Identifier: Apache-2.0
#include "core/forward/layer_pass.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fmt/format.h>

namespace headwater {

LayerPass::LayerPass(Backend& backend, std::shared_ptr<const Model> model)
    : m_backend(backend)
    , m_model(std::move(model))
{
}

Result<void> LayerPass::checkIds(std::span<const std::int32_t> ids) const
{
    if (ids.empty())
        return Error{ErrorCode::InvalidArgument, "the prompt has no tokens; expected at least one", "prompt"};
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (ids[i] < 0 || ids[i] >= m_model->config.vocabSize)
            return Error{
                ErrorCode::InvalidArgument,
                fmt::format("token id {} is outside the vocabulary of {}", ids[i], m_model->config.vocabSize),
                fmt::format("token {}", i)};
    }
    return {};
}

Result<Advance> LayerPass::embedded(std::span<const std::int32_t> ids, std::uint32_t first, RowMode mode)
{
    Advance advance;
    advance.rows = {first, static_cast<std::uint32_t>(ids.size()), first, mode};
    if (mode == RowMode::Decode)
        advance.attention.mode = AttentionRequest::Mode::Decode;
    advance.ids = ids;
    HEADWATER_TRY_ASSIGN(advance.residual,
                         m_backend.allocate(ids.size(), static_cast<std::size_t>(m_model->config.hiddenSize),
                                            ElementType::F32));
    HEADWATER_TRY(m_backend.embed(ids, advance.rows, advance.residual));
    return advance;
}

Result<KeysValues> LayerPass::allocate(int layer, std::size_t positions, ElementType type)
{
    const std::size_t width = config(layer).keyWidth();
    KeysValues made;
    HEADWATER_TRY_ASSIGN(made.keys, m_backend.allocate(positions, width, type));
    HEADWATER_TRY_ASSIGN(made.values, m_backend.allocate(positions, width, type));
    return made;
}

Result<void> LayerPass::projectKeysValues(int layer, const Advance& advance, KeysValues& made,
                                          std::stop_token stop)
{
    return m_backend.projectKeysValues(layer, advance.residual, advance.rows, made.keys, made.values,
                                       std::move(stop));
}

Result<void> LayerPass::checkForwarded(const DeviceTensor& residual, std::uint32_t origin,
                                       std::uint32_t row) const
{
    if (row >= origin && row - origin < residual.rows())
        return {};
    return Error{ErrorCode::InvalidArgument,
                 residual.rows() == 0 ? fmt::format("row {} was not forwarded, nor was any other", row)
                                      : fmt::format("row {} was not forwarded; expected {} to {}", row,
                                                    origin, origin + residual.rows() - 1),
                 "logits"};
}

Result<std::vector<float>> LayerPass::logits(const DeviceTensor& residual, std::uint32_t origin, RowMode mode,
                                             std::span<const std::uint32_t> rows)
{
    for (const std::uint32_t row : rows)
        HEADWATER_TRY(checkForwarded(residual, origin, row));
    std::vector<float> out(rows.size() * static_cast<std::size_t>(m_model->config.vocabSize));
    HEADWATER_TRY(m_backend.logits(residual, origin, mode, rows, out));
    const auto bad = std::find_if(out.begin(), out.end(), [](float logit) { return !std::isfinite(logit); });
    if (bad != out.end()) {
        const auto at = static_cast<std::size_t>(bad - out.begin());
        const auto vocab = static_cast<std::size_t>(m_model->config.vocabSize);
        return Error{
            ErrorCode::BadFormat,
            fmt::format(
                "the logit of token {} is {}, expected a finite number: the model's weights are damaged, or "
                "its numbers overflow",
                at % vocab, *bad),
            fmt::format("row {}", rows[at / vocab])};
    }
    return out;
}

Result<void> LayerPass::advance(int layer, Advance& advance, std::uint32_t chunkRows, const KeysValues& read,
                                const KeyIndex* index, std::span<HeadObservation> observations,
                                const std::function<void(std::uint32_t)>& rowsDone, std::stop_token stop)
{
    using Clock = std::chrono::steady_clock;
    const HeadRange heads = allHeads(config(layer));
    const RowRange rows = advance.rows;
    const auto width =
        static_cast<std::size_t>(heads.count) * static_cast<std::size_t>(config(layer).headDim);
    const std::uint32_t most = std::min(chunkRows, rows.count);
    HEADWATER_TRY_ASSIGN(DeviceTensor queries, m_backend.allocate(most, width, ElementType::F32));
    HEADWATER_TRY_ASSIGN(DeviceTensor attended, m_backend.allocate(most, width, ElementType::F32));
    AttentionRequest request = advance.attention;
    request.layer = layer;
    const std::uint32_t end = rows.first + rows.count;
    for (std::uint32_t first = rows.first; first < end;) {
        // Chunks end at absolute multiples of the chunk size, so that every 256-row tile is whole.
        const std::uint32_t count = std::min(end, (first / chunkRows + 1) * chunkRows) - first;
        const RowRange chunk{first, count, rows.origin, rows.mode};
        HEADWATER_TRY(m_backend.projectQueries(layer, advance.residual, chunk, heads, queries, stop));
        request.firstRow = first;
        request.rows = count;
        const auto begin = Clock::now();
        HEADWATER_TRY(
            m_backend.attend(request, queries, read.keys, read.values, index, attended, observations, stop));
        m_attentionSeconds += std::chrono::duration<double>(Clock::now() - begin).count();
        HEADWATER_TRY(m_backend.projectOutput(layer, attended, chunk, advance.residual, stop));
        HEADWATER_TRY(m_backend.feedForward(layer, chunk, advance.residual, stop));
        HEADWATER_TRY(m_backend.endLayer(layer, advance.ids.subspan(first - rows.first, count), chunk,
                                         advance.residual, stop));
        if (rowsDone)
            rowsDone(count);
        first += count;
    }
    return {};
}

} // namespace headwater
