// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/device_tensor.h"

#include <cstdint>
#include <memory>

namespace headwater {

/// The CPU backend's side of a DeviceTensor.
struct CpuStorage final : DeviceTensor::Storage {
    explicit CpuStorage(std::shared_ptr<std::byte> bytes)
        : memory(std::move(bytes))
    {
    }
    std::shared_ptr<std::byte> memory;
};

inline float* floatRow(const DeviceTensor& tensor, std::size_t row)
{
    return reinterpret_cast<float*>(static_cast<CpuStorage*>(tensor.storage())->memory.get())
        + row * tensor.cols();
}

inline std::uint16_t* halfRow(const DeviceTensor& tensor, std::size_t row)
{
    return reinterpret_cast<std::uint16_t*>(static_cast<CpuStorage*>(tensor.storage())->memory.get())
        + row * tensor.cols();
}

} // namespace headwater
