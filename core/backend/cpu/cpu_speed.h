// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/device_work.h"
#include "core/model/model.h"

#include <cstddef>

namespace headwater {

/// How fast the CPU does what forwards are made of, with all threads; 0 where nobody asked.
struct CpuSpeed {
    double multiplyAdds = 0; ///< a second, of float32 products of a typical tile
    ByWeightType widened{}; ///< weights a second, made float32 panel by panel
    ByWeightType decoded{}; ///< stored bytes a second, multiplied with one row
    double cached = 0; ///< bytes a second of keys and values that one row attends to
};

/// Measures what the work asks for, with the heads of the model's first layer, on so many threads (0: one a
/// processor that is available), beside whatever else runs: the best of some rounds. Reads no weight. Cost:
/// some milliseconds; with decoded tokens some hundredths of a second and 32 MiB.
CpuSpeed measureCpuSpeed(const Model& model, const DeviceWork& work, std::size_t threads);

/// Seconds that the work takes at that speed. Calibrated, and how far off it is: bench/README.md.
double secondsOf(const DeviceWork& work, const CpuSpeed& speed);

} // namespace headwater
