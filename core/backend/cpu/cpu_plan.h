// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/plan.h"

#include <cstddef>
#include <cstdint>

namespace headwater {

/// What the GEMM library and the allocator keep for a thread besides what is asked of them. Measured with 2
/// and 16.
inline constexpr std::uint64_t kThreadSlackBytes = 7ull << 20;

/// What the CPU backend will hold with as many threads (0: one a processor that is available); residentBytes
/// is left 0. Chunks are 2 048 rows, or half as many again and again, down to 256, while the peak exceeds the
/// budget; where that is not enough, the same with weights as stored. The numbers a run gives depend on
/// neither.
class CpuPlanner final : public Planner {
public:
    explicit CpuPlanner(std::size_t threads);
    Plan plan(const Model& model, const PlanRequest& request) const override;
    double seconds(const Model& model, const DeviceWork& work) const override;

private:
    std::size_t m_threads;
};

} // namespace headwater
