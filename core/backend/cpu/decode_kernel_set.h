// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/cpu/attention_kernels.h"
#include "core/backend/cpu/decode_kernels.h"
#include "core/backend/cpu/stored_products.h"

/// The decoding kernels of the instruction set that the including source is compiled for: decode_lanes.h.
#define HEADWATER_TEXT_OF(name) #name
#define HEADWATER_NAME_OF(name) HEADWATER_TEXT_OF(name)

namespace headwater::HEADWATER_INSTRUCTIONS {

const DecodeKernels kDecodeKernels = {HEADWATER_NAME_OF(HEADWATER_INSTRUCTIONS),
                                      kRowProducts,
                                      makeDigits,
                                      scoreKeys<float>,
                                      scoreKeys<std::uint16_t>,
                                      addValues<float>,
                                      addValues<std::uint16_t>};

} // namespace headwater::HEADWATER_INSTRUCTIONS
