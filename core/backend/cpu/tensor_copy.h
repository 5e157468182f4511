// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/device_tensor.h"
#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace headwater {

/// Rounds to binary16; whether that holds them all. Shape: out [values.size()].
bool toHalves(std::span<const float> values, std::uint16_t* out);
/// What is said where it does not.
Error halfOverflow(std::string where);

/// Backend::copyRows on the CPU.
Result<void> copyTensorRows(const DeviceTensor& from, std::size_t fromRow, std::size_t count,
                            DeviceTensor& to, std::size_t toRow);

/// Shape: out [count, cols].
void floatsOfRows(const DeviceTensor& from, std::size_t fromRow, std::size_t count, std::span<float> out);

} // namespace headwater
