// SPDX-License-Identifier: Apache-2.0
#include "core/backend/open_backend.h"

#include "core/backend/cpu/cpu_backend.h"

namespace headwater {

Result<std::unique_ptr<Backend>> openBackend(const DeviceSpec& device)
{
    if (device.name == "cpu")
        return makeCpuBackend(device.threads);
    return Error{ErrorCode::Unavailable, "there is no such device here, expected cpu", device.name};
}

} // namespace headwater
