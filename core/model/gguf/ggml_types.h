// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

namespace headwater {

/// How a ggml tensor type packs its elements along dimension 0: `blockElements` of them in `blockBytes`
/// bytes. Every type of the format is here, because the offsets of a file can be checked only when every size
/// is known; which of them can be computed with is weightTypes()' matter. Source: ggml.h, ggml-common.h
/// (2026-11).
struct GgmlType {
    std::uint32_t id;
    const char* name;
    std::uint32_t blockElements;
    std::uint32_t blockBytes;
};

/// Null when the format has no such type, or no longer has it.
const GgmlType* ggmlType(std::uint32_t id);

/// For an error: "Q4_2, removed from ggml", "255, unknown".
std::string describeUnknownGgmlType(std::uint32_t id);

} // namespace headwater
