// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"

#include <memory>
#include <string>

namespace headwater {

/// What computes.
struct DeviceSpec {
    std::string name = "cpu";
    std::size_t threads = 0; ///< of the CPU; 0: all available processors
};

/// The one maker of backends. Errors: Unavailable naming the device that this program does not have.
Result<std::unique_ptr<Backend>> openBackend(const DeviceSpec& device);

} // namespace headwater
