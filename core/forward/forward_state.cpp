// SPDX-License-Identifier: Apache-2.0
#include "core/forward/forward_state.h"

namespace headwater {
namespace {

std::uint64_t bytesOf(const DeviceTensor& tensor)
{
    return std::uint64_t{tensor.rows()} * tensor.cols() * elementBytes(tensor.type());
}

} // namespace

std::uint64_t ForwardState::bytes() const
{
    std::uint64_t sum = bytesOf(residual);
    for (const Layer& layer : layers)
        sum += bytesOf(layer.residual) + bytesOf(layer.read.keys) + bytesOf(layer.read.values);
    return sum;
}

Result<ForwardState> allocateState(Backend& backend, const ModelConfig& config, std::uint32_t rows,
                                   ElementType keysAs, ScratchFile* scratch)
{
    const auto allocate = [&](std::size_t cols, ElementType type) {
        return scratch ? backend.allocateIn(*scratch, rows, cols, type) : backend.allocate(rows, cols, type);
    };
    const auto hidden = static_cast<std::size_t>(config.hiddenSize);
    ForwardState state;
    state.tokens = rows;
    state.tailRow = rows;
    for (const LayerConfig& layer : config.layers) {
        ForwardState::Layer& made = state.layers.emplace_back();
        HEADWATER_TRY_ASSIGN(made.residual, allocate(hidden, ElementType::F32));
        HEADWATER_TRY_ASSIGN(made.read.keys, allocate(layer.keyWidth(), keysAs));
        HEADWATER_TRY_ASSIGN(made.read.values, allocate(layer.keyWidth(), keysAs));
    }
    HEADWATER_TRY_ASSIGN(state.residual, allocate(hidden, ElementType::F32));
    return state;
}

std::uint64_t forwardStateBytes(const ModelConfig& config, std::uint32_t rows, ElementType keysAs)
{
    const std::uint64_t hidden = sizeof(float) * static_cast<std::uint64_t>(config.hiddenSize);
    std::uint64_t bytes = hidden;
    for (const LayerConfig& layer : config.layers)
        bytes += hidden + 2 * elementBytes(keysAs) * layer.keyWidth();
    return bytes * rows;
}

} // namespace headwater
