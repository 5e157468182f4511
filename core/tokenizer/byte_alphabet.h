// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace headwater {

/// The printable character that stands for a byte in the vocabulary of a byte-level BPE, as UTF-8: printable
/// Latin-1 bytes stand for themselves, the others for U+0100 and up in their order. Source:
/// bytes_to_unicode() of GPT-2.
std::string_view characterOfByte(std::uint8_t byte);

/// The bytes that a vocabulary entry stands for. A character outside the alphabet stands for its own UTF-8
/// bytes.
std::string bytesOfSpelling(std::string_view spelling);

} // namespace headwater
