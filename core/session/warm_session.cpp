// SPDX-License-Identifier: Apache-2.0
#include "core/session/warm_session.h"

#include "core/base/gemm.h"
#include "core/base/half.h"
#include "core/forward/forward_pass.h"
#include "core/session/lse_check.h"
#include "core/session/trace_masks.h"
#include "core/trace/head_row.h"
#include "core/trace/meta_text.h"
#include "core/trace/trace_quantity.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <string_view>

namespace headwater {
namespace {

/// Of a probability, as a share of itself, that its exponential and its sum cost in float32.
constexpr float kFloatError = 2e-6f;

/// What float32 makes of a score and of a row's log-sum-exp, for each unit of the score's products without
/// their signs and of the log-sum-exp: headDim errors that add up as random ones do. Measured: half of it.
constexpr float kScoreError = 0x1p-21f;

/// How far a recorded probability may be from the same one computed in another order.
constexpr float kRecordedTolerance = 1e-4f;

/// Rows that an adopted state is tried on, the last among them.
constexpr std::uint32_t kAdoptedRows = 4;

/// What the tensors of a state lose to their alignment.
std::uint64_t scratchSlack(const ModelConfig& config)
{
    return (3 * config.layers.size() + 1) * ScratchFile::kAlignment;
}

/// Of the products of two vectors, without their signs.
float sumOfProducts(std::span<const float> a, std::span<const float> b)
{
    float sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        sum += std::abs(a[i] * b[i]);
    return sum;
}

} // namespace

Result<void> WarmSession::checkModel(const Trace& trace, const Model& model)
{
    const std::string stored = metaText(trace.meta(), "/model/header_sha256");
    if (stored != model.identity.headerSha256)
        return Error{
            ErrorCode::InvalidArgument,
            fmt::format(
                "the trace was made with {} (header {:.12}), this is {} (header {:.12}); give the file "
                "that made it",
                metaText(trace.meta(), "/model/source"), stored, model.identity.source,
                model.identity.headerSha256),
            "--model"};
    // Traces of earlier versions do not say it.
    const std::string weights = metaText(trace.meta(), "/model/weights_sha256");
    if (!weights.empty() && weights != model.identity.weightsSha256)
        return Error{
            ErrorCode::InvalidArgument,
            fmt::format("the trace was made with other weights ({:.12}) of the same header as {} has "
                        "({:.12}); give the file that made it",
                        weights, model.identity.source, model.identity.weightsSha256),
            "--model"};
    for (int layer = 0; layer < model.config.numLayers(); ++layer)
        if (layer >= trace.numLayers()
            || trace.numHeads(layer) != model.config.layers[static_cast<std::size_t>(layer)].numHeads)
            return Error{ErrorCode::BadFormat,
                         "the trace's heads are not those of the model whose header it names",
                         fmt::format("layer {}", layer)};
    return {};
}

WarmSession::WarmSession(Backend& backend, std::shared_ptr<const Model> model,
                         std::shared_ptr<const Trace> trace, ForwardState state)
    : m_backend(backend)
    , m_model(std::move(model))
    , m_trace(std::move(trace))
    , m_observed(!isPropagated(*m_trace))
    , m_state(std::move(state))
{
}

Result<void> WarmSession::takeCheck(const LseCheck& check, std::uint32_t rows)
{
    if (check.headsCompared() == 0)
        return Error{ErrorCode::Unsupported,
                     "the trace holds no row sums to check a session against: it has overviews alone",
                     m_trace->path().filename().string()};
    m_check = {check.headsCompared(), rows, check.largest(), check.tolerance()};
    return {};
}

Result<std::unique_ptr<WarmSession>> WarmSession::open(Backend& backend, std::shared_ptr<const Model> model,
                                                       std::shared_ptr<const Trace> trace,
                                                       const Options& options, const ProgressSink& progress,
                                                       std::stop_token stop)
{
    HEADWATER_TRY(checkModel(*trace, *model));
    std::shared_ptr<ScratchFile> scratch;
    if (!options.scratchFolder.empty()) {
        HEADWATER_TRY_ASSIGN(
            scratch,
            ScratchFile::create(options.scratchFolder,
                                forwardStateBytes(model->config, trace->seqLen(), options.keysAs)
                                    + scratchSlack(model->config)));
    }
    ReplayOptions how;
    how.tailRow = tailRowOf(*trace);
    how.chunkRows = options.chunkRows;
    how.keysAs = options.keysAs;
    how.scratch = scratch.get();
    how.grid = defaultGrid(trace->seqLen());
    TraceMasks masks(trace, stop);
    if (isPropagated(*trace)) {
        HEADWATER_TRY_ASSIGN(how.grid, TraceMasks::gridOf(*trace));
        how.masks = [&](int layer) { return masks.ofLayer(layer); };
    }
    LseCheck check(trace, isSameArithmetic(*trace) ? LseCheck::kSameArithmetic : LseCheck::kOtherArithmetic);
    how.onLayer = [&](int layer, std::span<const HeadObservation> heads) {
        return check.compare(layer, heads, trace->seqLen());
    };
    HEADWATER_TRY_ASSIGN(ForwardState state,
                         replay(backend, model, trace->tokenIds(), how, progress, std::move(stop)));
    std::unique_ptr<WarmSession> session(
        new WarmSession(backend, std::move(model), std::move(trace), std::move(state)));
    session->m_isInScratch = scratch != nullptr;
    HEADWATER_TRY(session->takeCheck(check, session->m_state.tokens));
    return session;
}

Result<std::unique_ptr<WarmSession>> WarmSession::adopt(Backend& backend, std::shared_ptr<const Model> model,
                                                        std::shared_ptr<const Trace> trace,
                                                        ForwardState state, std::stop_token stop)
{
    HEADWATER_TRY(checkModel(*trace, *model));
    const std::uint32_t tokens = trace->seqLen();
    const std::size_t layers = model->config.layers.size();
    if (state.layers.size() != layers || state.residual.rows() < tokens)
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("a state of {} layers and {} rows, expected {} and at least {}",
                                 state.layers.size(), state.residual.rows(), layers, tokens),
                     trace->path().filename().string()};
    if (state.tokens != tokens || state.tailRow != tailRowOf(*trace))
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("a state of {} tokens with its tail at {}, expected {} and {}", state.tokens,
                                 state.tailRow, tokens, tailRowOf(*trace)),
                     trace->path().filename().string()};
    std::unique_ptr<WarmSession> session(
        new WarmSession(backend, std::move(model), std::move(trace), std::move(state)));
    LseCheck check(session->m_trace, LseCheck::kSameArithmetic);
    std::vector<std::uint32_t> rows;
    for (std::uint32_t part = 1; part <= kAdoptedRows; ++part)
        if (const std::uint64_t end = std::uint64_t{tokens} * part / kAdoptedRows; end > 0)
            rows.push_back(static_cast<std::uint32_t>(end - 1));
    for (int layer = 0; layer < session->m_model->config.numLayers(); ++layer) {
        const HeadRange all = allHeads(session->m_model->config.layers[static_cast<std::size_t>(layer)]);
        std::vector<float> lse;
        for (const std::uint32_t row : rows) {
            HEADWATER_TRY_ASSIGN(const ExactRows asked, session->window(layer, all, row, 1, row, 1, stop));
            lse.insert(lse.end(), asked.lse.begin(), asked.lse.end());
        }
        HEADWATER_TRY(check.compareRows(layer, rows, lse));
    }
    HEADWATER_TRY(session->takeCheck(check, static_cast<std::uint32_t>(rows.size())));
    HEADWATER_TRY(session->checkRecordedRow(stop));
    return session;
}

Result<void> WarmSession::checkRecordedRow(std::stop_token stop)
{
    std::uint32_t row = m_state.tokens - 1;
    if (!m_trace->hasTokenRow(row) && row-- == 0) // of a run's last token there may be none
        return {};
    if (!m_trace->hasTokenRow(row))
        return {};
    HEADWATER_TRY_ASSIGN(const std::vector<TokenRow> recorded, m_trace->loadTokenRows(row));
    ExactRows exact;
    int layer = -1;
    for (const TokenRow& one : recorded) {
        if (one.layer != layer) {
            layer = one.layer;
            HEADWATER_TRY_ASSIGN(exact,
                                 this->row(layer,
                                           allHeads(m_model->config.layers[static_cast<std::size_t>(layer)]),
                                           row, stop));
        }
        const std::size_t line = static_cast<std::size_t>(one.head) * exact.keys;
        for (std::size_t i = 0; i < one.keys.size(); ++i)
            if (const float p = exact.p[line + one.keys[i]];
                !(std::abs(p - one.probability[i]) <= kRecordedTolerance))
                return Error{
                    ErrorCode::BadFormat,
                    fmt::format("row {} gives {:.6g} to key {} in the trace and {:.6g} in the state that "
                                "its run is said to have left, expected to agree within {:g}",
                                row, one.probability[i], one.keys[i], p, kRecordedTolerance),
                    headName(one.layer, one.head)};
    }
    return {};
}

Result<void> WarmSession::checkRange(int layer, HeadRange heads, std::uint32_t firstRow, std::uint32_t rows,
                                     std::uint32_t firstKey, std::uint32_t keys) const
{
    const auto outside = [](const std::string& what, const std::string& expected) {
        return Error{ErrorCode::InvalidArgument, "expected " + expected, what};
    };
    if (layer < 0 || layer >= m_model->config.numLayers())
        return outside(fmt::format("layer {}", layer),
                       fmt::format("a layer from 0 to {}", m_model->config.numLayers() - 1));
    const int numHeads = m_model->config.layers[static_cast<std::size_t>(layer)].numHeads;
    if (heads.first < 0 || heads.count < 1 || heads.first > numHeads - heads.count)
        return outside(fmt::format("heads {} to {}", heads.first, heads.first + heads.count - 1),
                       fmt::format("heads from 0 to {}", numHeads - 1));
    const std::uint32_t tokens = m_state.tokens;
    if (rows == 0 || firstRow >= tokens || rows > tokens - firstRow)
        return outside(fmt::format("rows {} to {}", firstRow, std::uint64_t{firstRow} + rows),
                       fmt::format("rows from 0 to {}", tokens - 1));
    if (keys == 0 || firstKey >= tokens || keys > tokens - firstKey)
        return outside(fmt::format("keys {} to {}", firstKey, std::uint64_t{firstKey} + keys),
                       fmt::format("keys from 0 to {}", tokens - 1));
    return {};
}

Result<DeviceTensor> WarmSession::queries(int layer, HeadRange heads, std::uint32_t firstRow,
                                          std::uint32_t rows, std::stop_token stop)
{
    const auto dim =
        static_cast<std::size_t>(m_model->config.layers[static_cast<std::size_t>(layer)].headDim);
    HEADWATER_TRY_ASSIGN(
        DeviceTensor made,
        m_backend.allocate(rows, static_cast<std::size_t>(heads.count) * dim, ElementType::F32));
    const DeviceTensor& residual = m_state.layers[static_cast<std::size_t>(layer)].residual;
    HEADWATER_TRY(
        m_backend.projectQueries(layer, residual, {firstRow, rows, 0}, heads, made, std::move(stop)));
    return made;
}

/// Rows [first, …) that are asked of the backend together: of either the prompt or the tail, which reads the
/// keys before it as the run's cache held them, and no more than a bounded memory of queries.
std::uint32_t WarmSession::rowsAtOnce(std::uint32_t first, std::uint32_t end) const
{
    constexpr std::uint32_t kRows = 1024;
    const std::uint32_t to = first < m_state.tailRow ? std::min(end, m_state.tailRow) : end;
    return std::min(to, first / kTileRows * kTileRows + kRows) - first;
}

Result<ExactRows> WarmSession::window(int layer, HeadRange heads, std::uint32_t firstRow, std::uint32_t rows,
                                      std::uint32_t firstKey, std::uint32_t keys, std::stop_token stop)
{
    HEADWATER_TRY(checkRange(layer, heads, firstRow, rows, firstKey, keys));
    ExactRows answer{heads, firstRow, rows, firstKey, keys, {}, {}};
    const std::size_t lines = static_cast<std::size_t>(heads.count) * rows;
    answer.p.resize(lines * keys);
    answer.lse.resize(lines);
    const DeviceTensor& read = m_state.layers[static_cast<std::size_t>(layer)].read.keys;
    std::vector<float> p;
    std::vector<float> lse;
    for (std::uint32_t first = firstRow; first < firstRow + rows;) {
        const std::uint32_t count = rowsAtOnce(first, firstRow + rows);
        const std::size_t some = static_cast<std::size_t>(heads.count) * count;
        p.resize(some * keys);
        lse.resize(some);
        HEADWATER_TRY_ASSIGN(const DeviceTensor projected, queries(layer, heads, first, count, stop));
        HEADWATER_TRY(m_backend.rowProbabilities(
            {layer, heads, first, count, firstKey, keys, halfBefore(first)}, projected, read, p, lse, stop));
        for (std::size_t head = 0; head < static_cast<std::size_t>(heads.count); ++head) {
            const std::size_t to = head * rows + (first - firstRow);
            std::copy_n(p.begin() + static_cast<std::ptrdiff_t>(head * count * keys),
                        std::size_t{count} * keys, answer.p.begin() + static_cast<std::ptrdiff_t>(to * keys));
            std::copy_n(lse.begin() + static_cast<std::ptrdiff_t>(head * count), count,
                        answer.lse.begin() + static_cast<std::ptrdiff_t>(to));
        }
        first += count;
    }
    return answer;
}

Result<ExactRows> WarmSession::row(int layer, HeadRange heads, std::uint32_t row, std::stop_token stop)
{
    return window(layer, heads, row, 1, 0, std::min(row, m_state.tokens - 1) + 1, std::move(stop));
}

Result<std::vector<float>> WarmSession::keysOf(int layer, HeadRange heads, std::uint32_t key)
{
    const LayerConfig& config = m_model->config.layers[static_cast<std::size_t>(layer)];
    const auto dim = static_cast<std::size_t>(config.headDim);
    std::vector<float> ofKvHeads(config.keyWidth());
    HEADWATER_TRY(
        m_backend.download(m_state.layers[static_cast<std::size_t>(layer)].read.keys, key, 1, ofKvHeads));
    std::vector<float> keys;
    for (int head = heads.first; head < heads.first + heads.count; ++head) {
        const int kvHead = head / (config.numHeads / config.numKvHeads);
        const auto at =
            ofKvHeads.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(kvHead) * dim);
        keys.insert(keys.end(), at, at + static_cast<std::ptrdiff_t>(dim));
    }
    return keys;
}

Result<ExactColumns> WarmSession::columns(int layer, HeadRange heads, std::uint32_t key, std::stop_token stop)
{
    HEADWATER_TRY(checkRange(layer, heads, key, 1, key, 1));
    const auto count = static_cast<std::size_t>(heads.count);
    std::vector<std::shared_ptr<const HeadRows>> stored;
    for (int head = heads.first; head < heads.first + heads.count; ++head) {
        const HeadInfo* const info = m_trace->findHead(layer, head);
        if (!info || info->normaliser != Normaliser::Exact || !m_trace->hasEdges(layer, head))
            return Error{ErrorCode::Unsupported,
                         "the trace holds no sums of whole rows of this head, which an exact column needs",
                         headName(layer, head)};
        if (!isExact())
            return Error{
                ErrorCode::Unsupported,
                "the session's keys are rounded to binary16, over which the trace's row sums give no column",
                headName(layer, head)};
        HEADWATER_TRY_ASSIGN(stored.emplace_back(), m_trace->loadRows(layer, head));
    }
    const LayerConfig& config = m_model->config.layers[static_cast<std::size_t>(layer)];
    const auto dim = static_cast<std::size_t>(config.headDim);
    HEADWATER_TRY_ASSIGN(const std::vector<float> own, keysOf(layer, heads, key));
    std::vector<float> readByTail = own;
    if (key < m_state.tailRow) {
        std::vector<std::uint16_t> halves(own.size());
        halvesFromFloats(own, halves);
        floatsFromHalves(halves, readByTail);
    }
    const std::size_t rows = m_state.tokens - key;
    const float ofSums = m_check.rows < m_state.tokens ? m_check.tolerance : m_check.largest;
    ExactColumns columns{heads, key, std::vector<float>(count * rows, 0.0f), 0};
    float largest = 0; // of a row: its products, and its log-sum-exp
    std::vector<float> projected;
    std::vector<float> scores;
    const std::uint32_t end =
        config.kind == HeadKind::Sliding ? std::min(m_state.tokens, key + config.window) : m_state.tokens;
    for (std::uint32_t first = key; first < end;) {
        const std::vector<float>& read = first >= m_state.tailRow ? readByTail : own;
        const std::uint32_t some = rowsAtOnce(first, end);
        scores.resize(some);
        HEADWATER_TRY_ASSIGN(const DeviceTensor made, queries(layer, heads, first, some, stop));
        projected.resize(some * count * dim);
        HEADWATER_TRY(m_backend.download(made, 0, some, projected));
        for (std::size_t head = 0; head < count; ++head) {
            for (std::uint32_t i = 0; i < some; ++i)
                largest = std::max(largest,
                                   sumOfProducts(std::span(projected).subspan((i * count + head) * dim, dim),
                                                 std::span(own).subspan(head * dim, dim))
                                       + std::abs(stored[head]->lse[first + i]));
            gemm(GemmRight::Transposed, some, 1, dim, projected.data() + head * dim, count * dim,
                 read.data() + head * dim, dim, scores.data(), 1);
            for (std::uint32_t i = 0; i < some; ++i)
                columns.p[head * rows + (first + i - key)] =
                    std::min(1.0f, std::exp(scores[i] - stored[head]->lse[first + i]));
        }
        first += some;
    }
    columns.relativeError = std::expm1(ofSums + largest * kScoreError) + kFloatError;
    return columns;
}

Result<std::vector<RowPrediction>> WarmSession::predictions(std::uint32_t first, std::uint32_t count,
                                                            std::stop_token stop)
{
    HEADWATER_TRY(checkRange(0, {0, 1}, first, count, 0, 1));
    const std::span<const std::int32_t> ids = m_trace->tokenIds();
    std::vector<std::int32_t> following(count, -1);
    for (std::uint32_t i = 0; i < count && first + i + 1 < ids.size(); ++i)
        following[i] = ids[first + i + 1];
    std::vector<RowPrediction> made(count);
    for (std::uint32_t done = 0; done < count;) {
        const std::uint32_t row = first + done;
        const std::uint32_t some = std::min(first + count, row / kTileRows * kTileRows + 1024)
            - row; // bounds memory, and hears of stop
        HEADWATER_TRY(m_backend.predict(m_state.residual, {row, some, 0},
                                        std::span(following).subspan(done, some),
                                        std::span(made).subspan(done, some), stop));
        done += some;
    }
    return made;
}

} // namespace headwater
