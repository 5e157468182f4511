// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/parallel/progress.h"
#include "core/trace/trace_writer.h"

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>

namespace headwater {

/// A made trace with the structure of real attention: sink column, local band, a few columns many rows read,
/// scattered keys, and one planted needle a head. For the window and the benches: no model is involved.
struct SyntheticSpec {
    std::string name;
    BlockGrid grid;
    int layers = 0;
    int headsPerLayer = 0;
    std::uint32_t blocksPerRow = 0; ///< kept key blocks of a query block, where the past has as many
    int edgesEvery =
        1; ///< heads whose index is a multiple of it hold their chunks, the others overviews alone
    std::uint64_t seed = 1;
};

/// "R1": 1 048 576 tokens, 30 × 32 heads with overviews, 32 of them with chunks of 0.26 M edges each. "R2":
/// one head of 1 048 576 tokens, blocks 8/8, 512 keys, 8.4 M edges. "R3": 131 072 tokens, 30 × 9 heads, all
/// with chunks. "small": 4 096 tokens, 4 × 4 heads. Errors: InvalidArgument.
Result<SyntheticSpec> syntheticSpec(std::string_view name);

/// The planted pair of a head: the one block that holds it has this row's peak 0.9, far from the diagonal.
struct PlantedNeedle {
    std::uint32_t query = 0;
    std::uint32_t key = 0;
};
PlantedNeedle plantedNeedle(const SyntheticSpec& spec, int layer, int head);

/// One head of it. A pure function of spec and head. Cost: O(edges + tokens).
HeadRecord syntheticHead(const SyntheticSpec& spec, int layer, int head);

/// Writes and seals the whole trace (replacing PATH). Progress counts layers.
Result<void> writeSyntheticTrace(const std::filesystem::path& path, const SyntheticSpec& spec,
                                 const ProgressSink& progress = {}, std::stop_token stop = {});

} // namespace headwater
