// SPDX-License-Identifier: Apache-2.0
#include "core/forward/forward_pass.h"

#include "core/select/row_softmax.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <fmt/format.h>
#include <numeric>

namespace headwater {
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point begin)
{
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Rows [first, end).
std::vector<std::uint32_t> rowsUpTo(std::uint32_t end, std::uint32_t first)
{
    std::vector<std::uint32_t> rows(end - first);
    std::iota(rows.begin(), rows.end(), first);
    return rows;
}

/// What every row of a prompt is asked for.
AttentionRequest attentionOf(const ForwardOptions& options, std::span<const std::uint32_t> tokenRows)
{
    AttentionRequest request;
    request.mode = options.mode;
    request.select = options.select;
    request.grid = options.grid;
    request.tokenRows = tokenRows;
    request.tokenRowKeys = options.tokenRowKeys;
    request.probe = options.probe;
    return request;
}

} // namespace

ForwardPass::ForwardPass(Backend& backend, std::shared_ptr<const Model> model)
    : m_backend(backend)
    , m_model(std::move(model))
    , m_layers(backend, m_model)
{
}

Result<void> ForwardPass::cacheRows(int layer, const KeysValues& from, RowRange rows, KeysValues& cache)
{
    Result<void> copied = m_backend.copyRows(from.keys, rows.first, rows.count, cache.keys, rows.first);
    if (copied)
        copied = m_backend.copyRows(from.values, rows.first, rows.count, cache.values, rows.first);
    if (copied)
        return {};
    return Error{copied.error().code,
                 copied.error().message + "; a run that generates nothing keeps no cache",
                 fmt::format("KV cache of layer {}", layer)};
}

std::vector<HeadObservation> ForwardPass::emptyObservations(int layer, AttentionRequest::Mode mode) const
{
    if (!records(mode))
        return {};
    return std::vector<HeadObservation>(static_cast<std::size_t>(m_layers.config(layer).numHeads));
}

Result<KeysValues> ForwardPass::keysAndValues(int layer, const Advance& advance, const KeysValues* cache,
                                              LentKeys& lent, std::stop_token stop)
{
    if (const KeysValues* const borrowed = lent.borrowedBy(layer))
        return *borrowed;
    const std::uint32_t before = advance.rows.first;
    const std::size_t end = std::size_t{before} + advance.rows.count;
    HEADWATER_TRY_ASSIGN(KeysValues made, m_layers.allocate(layer, end));
    if (before > 0) {
        HEADWATER_TRY(m_backend.copyRows(cache->keys, 0, before, made.keys, 0));
        HEADWATER_TRY(m_backend.copyRows(cache->values, 0, before, made.values, 0));
    }
    HEADWATER_TRY(m_backend.projectKeysValues(layer, advance.residual, advance.rows, made.keys, made.values,
                                              std::move(stop)));
    lent.lend(layer, made);
    return made;
}

Result<void> ForwardPass::keepRows(int layer, const Advance& advance, const KeysValues& read,
                                   ForwardState::Layer& state)
{
    const RowRange rows = advance.rows;
    HEADWATER_TRY(m_backend.copyRows(advance.residual, rows.first - rows.origin, rows.count, state.residual,
                                     rows.first));
    if (m_layers.config(layer).borrowsKeys())
        return {}; // its lender's are its own
    HEADWATER_TRY(m_backend.copyRows(read.keys, rows.first, rows.count, state.read.keys, rows.first));
    return m_backend.copyRows(read.values, rows.first, rows.count, state.read.values, rows.first);
}

void ForwardPass::keep(Advance&& advance)
{
    m_residual = std::move(advance.residual);
    m_origin = advance.rows.origin;
    m_mode = advance.rows.mode;
}

Result<void> ForwardPass::prefill(std::span<const std::int32_t> ids, const ForwardOptions& options,
                                  ForwardObserver* observer, const ProgressSink& progress,
                                  std::stop_token stop)
{
    HEADWATER_TRY(m_layers.checkIds(ids));
    release();
    m_indexSeconds = 0;
    m_layers.resetSeconds();
    const auto tokens = static_cast<std::uint32_t>(ids.size());
    const int layers = m_model->config.numLayers();
    HEADWATER_TRY_ASSIGN(Advance all, m_layers.embedded(ids, 0));
    if (holdsWeightsByLayer(tokens, options.newTokens))
        for (int layer = 0; layer < layers; ++layer)
            m_backend.releaseWeights(layer);
    KeyCache cache;
    if (options.newTokens > 0) {
        HEADWATER_TRY_ASSIGN(cache, allocateKeyCache(m_layers, std::size_t{tokens} + options.newTokens));
    }
    std::vector<std::shared_ptr<KeyIndex>> indexes(static_cast<std::size_t>(layers));
    ForwardState state;
    if (options.keepState) {
        // Whoever asks for it can do without: the prompt is what matters.
        Result<ForwardState> room =
            allocateState(m_backend, m_model->config, tokens + options.newTokens, ElementType::F32);
        if (room)
            state = std::move(*room);
        else if (room.error().code != ErrorCode::OutOfMemory)
            return room.error();
    }
    const std::vector<std::uint32_t> tokenRows =
        rowsUpTo(tokens, tokens - std::min(options.tokenRows, tokens));
    all.attention = attentionOf(options, tokenRows);

    Progress report{.phase = "prefill",
                    .total = static_cast<std::uint64_t>(layers) * tokens,
                    .unit = "rows",
                    .layers = layers};
    TimeLeft timeLeft;
    const auto rowsDone = [&](std::uint32_t count) {
        report.done += count;
        if (progress) {
            report.finishedLayer = -1;
            report.secondsLeft = timeLeft.update(report.done, report.total);
            progress(report);
        }
    };
    LentKeys lent(m_model->config);
    for (int layer = 0; layer < layers; ++layer) {
        KeysValues* const cached = cache.isEmpty() ? nullptr : &cache.of(layer);
        ForwardState::Layer* const kept =
            state.isEmpty() ? nullptr : &state.layers[static_cast<std::size_t>(layer)];
        HEADWATER_TRY(prefillLayer(layer, all, options, cached, indexes[static_cast<std::size_t>(layer)],
                                   kept, lent, observer, rowsDone, stop));
        if (progress) {
            report.finishedLayer = layer;
            progress(report);
        }
    }
    if (!state.isEmpty()) {
        HEADWATER_TRY(m_backend.copyRows(all.residual, 0, tokens, state.residual, 0));
        state.tokens = tokens;
        state.tailRow = tokens;
    }
    // Only a prompt that has come through is one to go on from.
    keep(std::move(all));
    m_state = std::move(state);
    m_cache = std::move(cache);
    m_cache.tokens = tokens;
    m_indexes = std::move(indexes);
    m_promptTokens = tokens;
    m_options = options;
    m_options.masks = {}; // theirs alone
    return {};
}

Result<void> ForwardPass::prefillLayer(int layer, Advance& all, const ForwardOptions& options,
                                       KeysValues* cache, std::shared_ptr<KeyIndex>& keptIndex,
                                       ForwardState::Layer* state, LentKeys& lent, ForwardObserver* observer,
                                       const std::function<void(std::uint32_t)>& rowsDone,
                                       std::stop_token stop)
{
    HEADWATER_TRY_ASSIGN(const KeysValues read, keysAndValues(layer, all, nullptr, lent, stop));
    if (state)
        HEADWATER_TRY(keepRows(layer, all, read, *state));
    std::vector<GivenMask> masks;
    if (options.masks) {
        HEADWATER_TRY_ASSIGN(masks, options.masks(layer));
    }
    all.attention.given = masks;
    std::shared_ptr<KeyIndex> index;
    if (records(options.mode) && (masks.empty() || cache)) { // a tail searches with it
        const auto begin = Clock::now();
        HEADWATER_TRY_ASSIGN(index,
                             m_backend.indexKeys(layer, read.keys, all.rows.count, options.select, stop));
        m_indexSeconds += secondsSince(begin);
    }
    if (cache && !m_layers.config(layer).borrowsKeys())
        HEADWATER_TRY(cacheRows(layer, read, all.rows, *cache));
    std::vector<HeadObservation> observations = emptyObservations(layer, options.mode);
    HEADWATER_TRY(
        m_layers.advance(layer, all, options.chunkRows, read, index.get(), observations, rowsDone, stop));
    if (cache && index) {
        index->release();
        keptIndex = index;
    }
    if (holdsWeightsByLayer(all.rows.count, options.newTokens))
        m_backend.releaseWeights(layer);
    if (options.probe)
        HEADWATER_TRY(m_backend.probe(layer, read.keys, observations, stop));
    if (observer && !observations.empty())
        HEADWATER_TRY(observer->onLayer(layer, std::move(observations)));
    return {};
}

Result<std::vector<float>> ForwardPass::logits(std::span<const std::uint32_t> rows)
{
    return m_layers.logits(m_residual, m_origin, m_mode, rows);
}

Result<std::vector<RowPrediction>> ForwardPass::predict(std::uint32_t first,
                                                        std::span<const std::int32_t> following,
                                                        const ProgressSink& progress, std::stop_token stop)
{
    const auto count = static_cast<std::uint32_t>(following.size());
    if (count == 0)
        return std::vector<RowPrediction>();
    HEADWATER_TRY(m_layers.checkForwarded(m_residual, m_origin, first));
    HEADWATER_TRY(m_layers.checkForwarded(m_residual, m_origin, first + count - 1));
    for (const std::int32_t id : following)
        if (id >= 0)
            HEADWATER_TRY(m_layers.checkIds({&id, 1}));
    std::vector<RowPrediction> made(count);
    Progress report{.phase = "predictions", .total = count, .unit = "rows"};
    TimeLeft timeLeft;
    const std::uint32_t chunkRows = m_options.chunkRows;
    for (std::uint32_t row = first; row < first + count;) {
        const std::uint32_t end = std::min(first + count, (row / chunkRows + 1) * chunkRows);
        HEADWATER_TRY(m_backend.predict(m_residual, {row, end - row, m_origin},
                                        following.subspan(row - first, end - row),
                                        std::span(made).subspan(row - first, end - row), stop));
        row = end;
        if (progress) {
            report.done = row - first;
            report.secondsLeft = timeLeft.update(report.done, report.total);
            progress(report);
        }
    }
    return made;
}

Result<std::vector<float>> ForwardPass::decode(std::int32_t id, std::stop_token stop)
{
    HEADWATER_TRY_ASSIGN(DecodedToken one, decodeToken(m_layers, m_cache, id, std::move(stop)));
    m_origin = one.row;
    m_mode = RowMode::Decode;
    m_residual = std::move(one.residual);
    return std::move(one.logits);
}

Result<void> ForwardPass::tail(std::span<const std::int32_t> ids, std::uint32_t tailRow,
                               ForwardObserver* observer, std::stop_token stop)
{
    HEADWATER_TRY(m_layers.checkIds(ids));
    const auto tokens = static_cast<std::uint32_t>(ids.size());
    if (m_cache.isEmpty() || tailRow >= tokens || tailRow > m_cache.tokens)
        return Error{ErrorCode::Internal, "the KV cache does not reach the tail", "tail"};
    if (!m_state.isEmpty() && tokens > m_state.residual.rows())
        return Error{ErrorCode::Internal, "the state that is kept has no room for the tail", "tail"};
    HEADWATER_TRY_ASSIGN(Advance rows, m_layers.embedded(ids.subspan(tailRow), tailRow));
    const std::vector<std::uint32_t> tokenRows =
        rowsUpTo(tokens, m_promptTokens - std::min(m_options.tokenRows, m_promptTokens));
    rows.attention = attentionOf(m_options, tokenRows);
    rows.attention.grid.seqLen = tokens;
    rows.attention.probe = false; // the prompt's probe rows have been computed
    LentKeys lent(m_model->config);
    for (int layer = 0; layer < m_model->config.numLayers(); ++layer) {
        HEADWATER_TRY_ASSIGN(const KeysValues read,
                             keysAndValues(layer, rows, &m_cache.of(layer), lent, stop));
        if (!m_state.isEmpty())
            HEADWATER_TRY(keepRows(layer, rows, read, m_state.layers[static_cast<std::size_t>(layer)]));
        std::shared_ptr<KeyIndex> index; // the cache keeps the prompt's, for another tail
        if (const auto& kept = m_indexes[static_cast<std::size_t>(layer)]) {
            HEADWATER_TRY_ASSIGN(index, m_backend.extendIndex(*kept, layer, read.keys, tokens));
        }
        std::vector<HeadObservation> observations = emptyObservations(layer, m_options.mode);
        HEADWATER_TRY(
            m_layers.advance(layer, rows, m_options.chunkRows, read, index.get(), observations, {}, stop));
        if (observer && !observations.empty())
            HEADWATER_TRY(observer->onLayer(layer, std::move(observations)));
    }
    if (!m_state.isEmpty()) {
        HEADWATER_TRY(m_backend.copyRows(rows.residual, 0, tokens - tailRow, m_state.residual, tailRow));
        m_state.tokens = tokens;
        m_state.tailRow = tailRow;
    }
    keep(std::move(rows));
    return {};
}

void ForwardPass::release()
{
    m_residual = {};
    m_origin = 0;
    m_cache = {};
    m_indexes.clear();
    m_promptTokens = 0;
    m_state = {};
}

std::int32_t greedyToken(std::span<const float> logits)
{
    const float top = rowMax(logits.data(), logits.size());
    return static_cast<std::int32_t>(std::find(logits.begin(), logits.end(), top) - logits.begin());
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

float logProbability(std::span<const float> logits, std::int32_t id)
{
    constexpr std::size_t kSlice = 1024; // 64 additions a lane: their error stays below 4e-6
    std::array<float, kSlice> powers;
    const float top = rowMax(logits.data(), logits.size());
    double sum = 0;
    for (std::size_t first = 0; first < logits.size(); first += kSlice)
        sum += static_cast<double>(
            rowExp(logits.data() + first, std::min(kSlice, logits.size() - first), top, powers.data()));
    const auto logit = static_cast<double>(logits[static_cast<std::size_t>(id)]);
    return static_cast<float>(std::min(0.0, logit - static_cast<double>(top) - std::log(sum)));
}

std::vector<std::int32_t> likeliestTokens(std::span<const float> logits, std::size_t count)
{
    std::vector<std::int32_t> order(logits.size());
    std::iota(order.begin(), order.end(), 0);
    count = std::min(count, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                      [&](std::int32_t a, std::int32_t b) {
                          const float left = logits[static_cast<std::size_t>(a)];
                          const float right = logits[static_cast<std::size_t>(b)];
                          return left != right ? left > right : a < b;
                      });
    order.resize(count);
    return order;
}

RowPrediction predictionOf(std::span<const float> logits, std::int32_t following)
{
    const std::vector<double> logprobs = logProbabilities(logits);
    const auto logprobOf = [&](std::int32_t id) {
        return static_cast<float>(std::min(0.0, logprobs[static_cast<std::size_t>(id)]));
    };
    RowPrediction made;
    if (following >= 0)
        made.following = logprobOf(following);
    std::size_t rank = 0;
    for (const std::int32_t id : likeliestTokens(logits, kLikeliest))
        made.likeliest[rank++] = {id, logprobOf(id)};
    return made;
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
