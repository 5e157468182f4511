// SPDX-License-Identifier: Apache-2.0
#include "core/forward/forward_pass.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numeric>

namespace headwater {
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point begin)
{
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

} // namespace

ForwardPass::ForwardPass(Backend& backend, std::shared_ptr<const Model> model)
    : m_backend(backend)
    , m_model(std::move(model))
{
}

Result<void> ForwardPass::checkIds(std::span<const std::int32_t> ids) const
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

Result<void> ForwardPass::allocateCache(std::size_t capacity)
{
    for (int layer = 0; layer < m_model->config.numLayers(); ++layer) {
        const LayerConfig& config = layerConfig(layer);
        const auto width =
            static_cast<std::size_t>(config.numKvHeads) * static_cast<std::size_t>(config.headDim);
        LayerCache& cache = m_cache.emplace_back();
        HEADWATER_TRY_ASSIGN(cache.keys, m_backend.allocate(capacity, width, ElementType::F16));
        HEADWATER_TRY_ASSIGN(cache.values, m_backend.allocate(capacity, width, ElementType::F16));
    }
    return {};
}

Result<void> ForwardPass::cacheRows(int layer, const DeviceTensor& from, std::uint32_t row,
                                    std::uint32_t count, DeviceTensor& cache)
{
    const Result<void> copied = m_backend.copyRows(from, row, count, cache, row);
    if (copied)
        return {};
    return Error{copied.error().code,
                 copied.error().message + "; a run that generates nothing keeps no cache",
                 fmt::format("KV cache of layer {}", layer)};
}

std::vector<HeadObservation> ForwardPass::emptyObservations(int layer) const
{
    if (m_options.mode == AttentionRequest::Mode::Dense)
        return {};
    return std::vector<HeadObservation>(static_cast<std::size_t>(layerConfig(layer).numHeads));
}

Result<void> ForwardPass::advanceRows(int layer, RowRange rows, std::span<const std::uint32_t> tokenRows,
                                      const DeviceTensor& keys, const DeviceTensor& values,
                                      const KeyIndex* index, std::span<HeadObservation> observations,
                                      const std::function<void(std::uint32_t)>& rowsDone,
                                      std::stop_token stop)
{
    const LayerConfig& config = layerConfig(layer);
    const auto width = static_cast<std::size_t>(config.numHeads) * static_cast<std::size_t>(config.headDim);
    const std::uint32_t chunkRows = std::min(m_options.chunkRows, rows.count);
    HEADWATER_TRY_ASSIGN(DeviceTensor queries, m_backend.allocate(chunkRows, width, ElementType::F32));
    HEADWATER_TRY_ASSIGN(DeviceTensor attended, m_backend.allocate(chunkRows, width, ElementType::F32));
    const std::uint32_t end = rows.first + rows.count;
    for (std::uint32_t first = rows.first; first < end;) {
        // Chunks end at absolute multiples of the chunk size, so that every 256-row tile is whole.
        const std::uint32_t count =
            std::min(end, (first / m_options.chunkRows + 1) * m_options.chunkRows) - first;
        const RowRange chunk{first, count, rows.origin};
        HEADWATER_TRY(m_backend.projectQueries(layer, m_residual, chunk, queries));
        AttentionRequest request;
        request.mode = m_options.mode;
        request.layer = layer;
        request.firstRow = first;
        request.rows = count;
        request.select = m_options.select;
        request.grid = m_options.grid;
        request.tokenRows = tokenRows;
        request.tokenRowKeys = m_options.tokenRowKeys;
        request.probe = m_options.probe;
        const auto begin = Clock::now();
        HEADWATER_TRY(m_backend.attend(request, queries, keys, values, index, attended, observations, stop));
        m_seconds.attention += secondsSince(begin);
        HEADWATER_TRY(m_backend.projectOutput(layer, attended, chunk, m_residual));
        HEADWATER_TRY(m_backend.feedForward(layer, chunk, m_residual));
        if (stop.stop_requested())
            return Error{ErrorCode::Cancelled, "stopped", fmt::format("layer {}", layer)};
        if (rowsDone)
            rowsDone(count);
        first += count;
    }
    return {};
}

Result<void> ForwardPass::prefill(std::span<const std::int32_t> ids, const ForwardOptions& options,
                                  ForwardObserver* observer, const ProgressSink& progress,
                                  std::stop_token stop)
{
    HEADWATER_TRY(checkIds(ids));
    m_options = options;
    m_cache.clear();
    m_cached = 0;
    m_seconds = {};
    const auto tokens = static_cast<std::uint32_t>(ids.size());
    const ModelConfig& config = m_model->config;
    m_origin = 0;
    m_residual = {};
    HEADWATER_TRY_ASSIGN(
        m_residual,
        m_backend.allocate(tokens, static_cast<std::size_t>(config.hiddenSize), ElementType::F32));
    const RowRange all{0, tokens, 0};
    HEADWATER_TRY(m_backend.embed(ids, all, m_residual));
    if (options.newTokens > 0)
        HEADWATER_TRY(allocateCache(std::size_t{tokens} + options.newTokens));

    const std::uint32_t rowCount = std::min(options.tokenRows, tokens);
    std::vector<std::uint32_t> tokenRows(rowCount);
    std::iota(tokenRows.begin(), tokenRows.end(), tokens - rowCount);

    Progress report{.phase = "prefill",
                    .total = static_cast<std::uint64_t>(config.numLayers()) * tokens,
                    .unit = "rows",
                    .layers = config.numLayers()};
    TimeLeft timeLeft;
    for (int layer = 0; layer < config.numLayers(); ++layer) {
        const LayerConfig& layerConfiguration = layerConfig(layer);
        const auto width = static_cast<std::size_t>(layerConfiguration.numKvHeads)
            * static_cast<std::size_t>(layerConfiguration.headDim);
        HEADWATER_TRY_ASSIGN(DeviceTensor keys, m_backend.allocate(tokens, width, ElementType::F32));
        HEADWATER_TRY_ASSIGN(DeviceTensor values, m_backend.allocate(tokens, width, ElementType::F32));
        HEADWATER_TRY(m_backend.projectKeysValues(layer, m_residual, all, keys, values, stop));
        std::shared_ptr<KeyIndex> index;
        if (options.mode != AttentionRequest::Mode::Dense) {
            const auto begin = Clock::now();
            HEADWATER_TRY_ASSIGN(index, m_backend.indexKeys(layer, keys, tokens, options.select, stop));
            m_seconds.index += secondsSince(begin);
        }
        if (options.newTokens > 0) {
            LayerCache& cache = m_cache[static_cast<std::size_t>(layer)];
            HEADWATER_TRY(cacheRows(layer, keys, 0, tokens, cache.keys));
            HEADWATER_TRY(cacheRows(layer, values, 0, tokens, cache.values));
            cache.index = index;
        }
        std::vector<HeadObservation> observations = emptyObservations(layer);
        const auto rowsDone = [&](std::uint32_t count) {
            report.done += count;
            if (progress) {
                report.finishedLayer = -1;
                report.secondsLeft = timeLeft.update(report.done, report.total);
                progress(report);
            }
        };
        HEADWATER_TRY(
            advanceRows(layer, all, tokenRows, keys, values, index.get(), observations, rowsDone, stop));
        if (options.probe)
            HEADWATER_TRY(m_backend.probe(layer, keys, observations, stop));
        if (observer && !observations.empty())
            HEADWATER_TRY(observer->onLayer(layer, std::move(observations)));
        if (progress) {
            report.finishedLayer = layer;
            progress(report);
        }
    }
    m_cached = tokens;
    return {};
}

Result<std::vector<float>> ForwardPass::logits(std::span<const std::uint32_t> rows)
{
    for (const std::uint32_t row : rows) {
        if (row < m_origin || row - m_origin >= m_residual.rows())
            return Error{ErrorCode::InvalidArgument,
                         fmt::format("row {} was not forwarded; expected {} to {}", row, m_origin,
                                     m_origin + m_residual.rows() - 1),
                         "logits"};
    }
    std::vector<float> out(rows.size() * static_cast<std::size_t>(m_model->config.vocabSize));
    HEADWATER_TRY(m_backend.logits(m_residual, m_origin, rows, out));
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

Result<std::vector<float>> ForwardPass::decode(std::int32_t id)
{
    HEADWATER_TRY(checkIds({&id, 1}));
    if (m_cache.empty() || m_cached >= m_cache.front().keys.rows())
        return Error{ErrorCode::Internal, "no room is left in the KV cache", "decode"};
    const std::uint32_t position = m_cached;
    const RowRange row{position, 1, position};
    m_origin = position;
    HEADWATER_TRY_ASSIGN(
        m_residual,
        m_backend.allocate(1, static_cast<std::size_t>(m_model->config.hiddenSize), ElementType::F32));
    HEADWATER_TRY(m_backend.embed({&id, 1}, row, m_residual));
    const ForwardOptions kept = m_options;
    m_options.mode = AttentionRequest::Mode::Dense;
    for (int layer = 0; layer < m_model->config.numLayers(); ++layer) {
        LayerCache& cache = m_cache[static_cast<std::size_t>(layer)];
        const std::size_t width = cache.keys.cols();
        HEADWATER_TRY_ASSIGN(DeviceTensor keys, m_backend.allocate(position + 1, width, ElementType::F32));
        HEADWATER_TRY_ASSIGN(DeviceTensor values, m_backend.allocate(position + 1, width, ElementType::F32));
        HEADWATER_TRY(m_backend.copyRows(cache.keys, 0, position, keys, 0));
        HEADWATER_TRY(m_backend.copyRows(cache.values, 0, position, values, 0));
        HEADWATER_TRY(m_backend.projectKeysValues(layer, m_residual, row, keys, values, {}));
        HEADWATER_TRY(cacheRows(layer, keys, position, 1, cache.keys));
        HEADWATER_TRY(cacheRows(layer, values, position, 1, cache.values));
        HEADWATER_TRY(advanceRows(layer, row, {}, keys, values, nullptr, {}, {}, {}));
    }
    m_options = kept;
    ++m_cached;
    return logits({&position, 1});
}

Result<void> ForwardPass::tail(std::span<const std::int32_t> ids, std::uint32_t tailRow,
                               ForwardObserver* observer, std::stop_token stop)
{
    HEADWATER_TRY(checkIds(ids));
    const auto tokens = static_cast<std::uint32_t>(ids.size());
    if (m_cache.empty() || tailRow >= tokens || tailRow > m_cached)
        return Error{ErrorCode::Internal, "the KV cache does not reach the tail", "tail"};
    const std::uint32_t promptTokens = m_options.grid.seqLen;
    m_options.grid.seqLen = tokens;
    m_options.probe = false; // the prompt's probe rows have been computed
    const RowRange rows{tailRow, tokens - tailRow, tailRow};
    m_origin = tailRow;
    HEADWATER_TRY_ASSIGN(m_residual,
                         m_backend.allocate(rows.count, static_cast<std::size_t>(m_model->config.hiddenSize),
                                            ElementType::F32));
    HEADWATER_TRY(m_backend.embed(ids.subspan(tailRow), rows, m_residual));
    std::vector<std::uint32_t> tokenRows;
    for (std::uint32_t row = promptTokens - std::min(m_options.tokenRows, promptTokens); row < tokens; ++row)
        tokenRows.push_back(row);
    for (int layer = 0; layer < m_model->config.numLayers(); ++layer) {
        LayerCache& cache = m_cache[static_cast<std::size_t>(layer)];
        HEADWATER_TRY_ASSIGN(DeviceTensor keys,
                             m_backend.allocate(tokens, cache.keys.cols(), ElementType::F32));
        HEADWATER_TRY_ASSIGN(DeviceTensor values,
                             m_backend.allocate(tokens, cache.keys.cols(), ElementType::F32));
        HEADWATER_TRY(m_backend.copyRows(cache.keys, 0, tailRow, keys, 0));
        HEADWATER_TRY(m_backend.copyRows(cache.values, 0, tailRow, values, 0));
        HEADWATER_TRY(m_backend.projectKeysValues(layer, m_residual, rows, keys, values, stop));
        if (cache.index)
            HEADWATER_TRY(m_backend.extendIndex(*cache.index, layer, keys, tokens));
        std::vector<HeadObservation> observations = emptyObservations(layer);
        HEADWATER_TRY(
            advanceRows(layer, rows, tokenRows, keys, values, cache.index.get(), observations, {}, stop));
        if (observer && !observations.empty())
            HEADWATER_TRY(observer->onLayer(layer, std::move(observations)));
    }
    return {};
}

void ForwardPass::release()
{
    m_residual = {};
    m_cache.clear();
    m_cached = 0;
}

std::int32_t greedyToken(std::span<const float> logits)
{
    return static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

std::vector<double> logProbabilities(std::span<const float> logits)
{
    const double top = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
    double sum = 0;
    for (const float logit : logits)
        sum += std::exp(static_cast<double>(logit) - top);
    const double logSum = top + std::log(sum);
    std::vector<double> out(logits.size());
    for (std::size_t i = 0; i < logits.size(); ++i)
        out[i] = static_cast<double>(logits[i]) - logSum;
    return out;
}

double klDivergence(std::span<const float> logitsOfP, std::span<const float> logitsOfQ)
{
    const std::vector<double> p = logProbabilities(logitsOfP);
    const std::vector<double> q = logProbabilities(logitsOfQ);
    double kl = 0;
    for (std::size_t token = 0; token < p.size(); ++token)
        kl += std::exp(p[token]) * (p[token] - q[token]);
    return kl;
}

} // namespace headwater
