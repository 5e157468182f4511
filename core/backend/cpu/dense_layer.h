// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"
#include "core/backend/cpu/finite_rows.h"
#include "core/backend/cpu/ready_weights.h"
#include "core/backend/cpu/rope.h"
#include "core/backend/cpu/tile_workers.h"
#include "core/model/model.h"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <stop_token>

namespace headwater {

/// What one layer does to rows with its weights: everything but attention. Made for one operation, with the
/// stop that ends it between panels of a product; its maps are in the form that the rows' mode reads them in.
/// Arguments, shapes and errors of the operations: those of Backend.
class DenseLayer {
public:
    /// All but the maps is borrowed.
    DenseLayer(const Model& model, int layer, ReadyLayer maps, TileWorkers& workers, std::stop_token stop);

    /// `rope` reaches the range's last row.
    Result<void> projectKeysValues(const Rope& rope, const DeviceTensor& residual, RowRange rows,
                                   DeviceTensor& keys, DeviceTensor& values) const;
    Result<void> projectQueries(const Rope& rope, const DeviceTensor& residual, RowRange rows,
                                HeadRange heads, DeviceTensor& queries) const;
    Result<void> projectOutput(const DeviceTensor& attended, RowRange rows, DeviceTensor& residual) const;
    Result<void> feedForward(RowRange rows, DeviceTensor& residual) const;
    /// Whether end() does anything.
    static bool hasEnd(const Model& model, int layer);
    Result<void> end(std::span<const std::int32_t> ids, RowRange rows, DeviceTensor& residual) const;

private:
    /// The normalised rows [tile.count, hidden]: the residual itself where there is no norm.
    const float* normalised(const DeviceTensor& residual, std::uint32_t origin, TileRows tile,
                            std::span<const float> weight, Scratch& scratch) const;
    /// The maps of a tile's rows, which all read x. Shape: x [tile.count, in].
    void map(std::initializer_list<Mapped> maps, TileRows tile, const float* x, Scratch& scratch) const;
    /// residual[tile] += norm(x · Wᵀ + bias). Shape: x [tile.count, in].
    void addMapped(const float* x, const Projection& weights, std::span<const float> norm, TileRows tile,
                   float* residual, Scratch& scratch) const;
    /// TileWorkers::forTiles, until the stop.
    void forTiles(RowRange rows, const std::function<void(TileRows, Scratch&)>& body) const;
    /// What an operation ends with: Cancelled, or whether what was looked at is finite.
    Result<void> verdict(const FiniteRows& finite, const char* what) const;
    std::size_t hidden() const { return static_cast<std::size_t>(m_model.config.hiddenSize); }

    const Model& m_model;
    int m_layer;
    const LayerConfig& m_config;
    const LayerWeights& m_weights;
    ReadyLayer m_maps;
    TileWorkers& m_workers;
    std::stop_token m_stop;
};

} // namespace headwater
