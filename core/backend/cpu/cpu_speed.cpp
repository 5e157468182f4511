// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/cpu_speed.h"

#include "core/backend/cpu/cpu_decode.h"
#include "core/backend/cpu/cpu_tensor.h"
#include "core/backend/cpu/projection.h"
#include "core/base/gemm.h"
#include "core/base/processors.h"
#include "core/model/dequantize.h"
#include "core/parallel/thread_pool.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace headwater {
namespace {

// Shares of the speed of a product of square tiles. What is not counted (norms, rotation, softmax, gathering)
// is in them.
constexpr double kProjections = 0.72;
constexpr double kAttention =
    0.45; ///< of whole rows and of gathered blocks alike; masks and sums are made too
constexpr double kDenseAttention = 0.9;
constexpr double kUnembedding = 0.8; ///< one large product, an exponential a logit

constexpr int kRounds = 3;
constexpr std::uint32_t kCols = 2048;

/// More than a core's own caches hold: a decoded token finds nothing of the last one's there.
constexpr std::size_t kReadBytes = 32 << 20;

/// The best of some rounds: what else runs makes it slower, never faster.
double bestSeconds(int rounds, const std::function<void()>& body)
{
    double best = 0;
    for (int round = 0; round < rounds; ++round) {
        const auto begin = std::chrono::steady_clock::now();
        body();
        const double seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        best = round == 0 ? seconds : std::min(best, seconds);
    }
    return std::max(best, 1e-9);
}

/// Of one thread.
double multiplyAddRate()
{
    constexpr std::size_t kSide = 256;
    const std::vector<float> a(kSide * kSide, 0.5f);
    const std::vector<float> b(kSide * kSide, 0.25f);
    std::vector<float> c(kSide * kSide);
    const double seconds = bestSeconds(8, [&] {
        gemm(GemmRight::Transposed, kSide, kSide, kSide, a.data(), kSide, b.data(), kSide, c.data(), kSide);
    });
    return static_cast<double>(kSide * kSide * kSide) / seconds;
}

/// As many rows of a type as the bytes hold. Zeros are weights of every type.
WeightMatrix rowsIn(std::span<const std::byte> bytes, WeightType type)
{
    const auto rows = static_cast<std::uint32_t>(bytes.size() / storedBytes(type, kCols));
    return {type, rows, kCols, bytes.first(rows * storedBytes(type, kCols))};
}

/// Of one thread, panel by panel.
double wideningRate(WeightType type)
{
    constexpr std::uint32_t kPanels = 4;
    const std::vector<std::byte> bytes(storedBytes(type, std::uint64_t{kPanels} * kPanelRows * kCols));
    const WeightMatrix matrix = rowsIn(bytes, type);
    std::vector<float> panel(std::size_t{kPanelRows} * kCols);
    const double seconds = bestSeconds(kRounds, [&] {
        for (std::uint32_t i = 0; i < kPanels; ++i)
            dequantizeRows(matrix, i * kPanelRows, kPanelRows, panel.data());
    });
    return kPanels * static_cast<double>(panel.size()) / seconds;
}

double decodingRate(std::span<const std::byte> bytes, WeightType type, ThreadPool& pool)
{
    const Projection map{rowsIn(bytes, type), nullptr, {}};
    const std::vector<float> x(kCols, 0.5f);
    std::vector<float> y(map.stored.rows);
    const double seconds = bestSeconds(kRounds, [&] {
        projectRow(std::array{Mapped{map, y.data()}}, x.data(), pool);
    });
    return static_cast<double>(map.stored.data.size()) / seconds;
}

DeviceTensor tensorOf(std::shared_ptr<std::byte> memory, std::size_t rows, std::size_t cols, ElementType type)
{
    return {std::make_shared<CpuStorage>(std::move(memory)), rows, cols, type};
}

/// Of keys in the first half of the bytes and values in the second.
double cacheRate(const LayerConfig& layer, std::span<std::byte> bytes, ThreadPool& pool)
{
    const std::size_t width = layer.keyWidth();
    const auto positions = static_cast<std::uint32_t>(bytes.size() / 2 / (width * sizeof(std::uint16_t)));
    const std::size_t wide = layer.queryWidth();
    std::vector<float> rows(2 * wide, 0.5f);
    const auto borrowed = [](auto* from) {
        return std::shared_ptr<std::byte>(reinterpret_cast<std::byte*>(from), [](std::byte*) {});
    };
    const DeviceTensor queries = tensorOf(borrowed(rows.data()), 1, wide, ElementType::F32);
    DeviceTensor attended = tensorOf(borrowed(rows.data() + wide), 1, wide, ElementType::F32);
    const DeviceTensor keys = tensorOf(borrowed(bytes.data()), positions, width, ElementType::F16);
    const DeviceTensor values =
        tensorOf(borrowed(bytes.data() + bytes.size() / 2), positions, width, ElementType::F16);
    LayerConfig global = layer;
    global.kind = HeadKind::Global;
    AttentionRequest request;
    request.mode = AttentionRequest::Mode::Decode;
    request.firstRow = positions - 1;
    request.rows = 1;
    const double seconds = bestSeconds(kRounds, [&] {
        static_cast<void>(decodeRows(global, request, queries, keys, values, attended, pool));
    });
    return 2.0 * positions * static_cast<double>(width) * sizeof(std::uint16_t) / seconds;
}

double quotient(double amount, double speed)
{
    return amount > 0 ? amount / speed : 0;
}

/// What is there of each type, at its speed.
double secondsOf(const ByWeightType& amounts, const ByWeightType& speeds)
{
    double seconds = 0;
    for (std::size_t type = 0; type < amounts.size(); ++type)
        seconds += quotient(amounts[type], speeds[type]);
    return seconds;
}

} // namespace

CpuSpeed measureCpuSpeed(const Model& model, const DeviceWork& work, std::size_t threads)
{
    CpuSpeed speed;
    const auto size = static_cast<double>(threadsFor(threads));
    if (work.projections > 0 || work.unembedding > 0)
        speed.multiplyAdds = multiplyAddRate() * size;
    for (std::size_t type = 0; type < kNumWeightTypes; ++type)
        if (work.widened[type] > 0)
            speed.widened[type] = wideningRate(static_cast<WeightType>(type)) * size;
    if (work.cached <= 0)
        return speed; // no token is decoded
    ThreadPool pool(threads);
    std::vector<std::byte> bytes(kReadBytes);
    for (std::size_t type = 0; type < kNumWeightTypes; ++type)
        if (work.decoded[type] > 0)
            speed.decoded[type] = decodingRate(bytes, static_cast<WeightType>(type), pool);
    speed.cached = cacheRate(model.config.layers.front(), bytes, pool);
    return speed;
}

double secondsOf(const DeviceWork& work, const CpuSpeed& speed)
{
    return quotient(work.projections, speed.multiplyAdds * kProjections)
        + quotient(work.attention, speed.multiplyAdds * kAttention)
        + quotient(work.denseAttention, speed.multiplyAdds * kDenseAttention)
        + quotient(work.unembedding, speed.multiplyAdds * kUnembedding)
        + secondsOf(work.widened, speed.widened) + secondsOf(work.decoded, speed.decoded)
        + quotient(work.cached, speed.cached);
}

} // namespace headwater
