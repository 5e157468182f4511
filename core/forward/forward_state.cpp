// SPDX-License-Identifier: Apache-2.0
#include "core/forward/forward_state.h"

#include <set>

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
    std::set<const DeviceTensor::Storage*> counted; // layers that borrow have their lender's
    for (const Layer& layer : layers) {
        sum += bytesOf(layer.residual);
        if (counted.insert(layer.read.keys.storage()).second)
            sum += bytesOf(layer.read.keys) + bytesOf(layer.read.values);
    }
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
        if (layer.borrowsKeys()) {
            made.read = state.layers[static_cast<std::size_t>(layer.keysOf)].read;
            continue;
        }
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
        bytes += hidden + (layer.borrowsKeys() ? 0 : 2 * elementBytes(keysAs) * layer.keyWidth());
    return bytes * rows;
}

} // namespace headwater
