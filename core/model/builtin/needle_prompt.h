// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace headwater {

/// What a prompt for builtin:needle is to hold.
struct NeedlePromptSpec {
    std::uint64_t tokens = 4096; ///< exactly so many, BOS included: the text has one byte less
    std::uint32_t needles = 1; ///< records with unrelated keys; the first is asked for
    std::uint32_t decoys = 0; ///< records whose key differs from the asked one in one byte of eight
    std::optional<double>
        depth; ///< where the asked record stands, as a part of the filler (0 to 1); drawn if absent
    std::uint64_t seed = 1;
};

/// One `@key=value` of the text. Positions are byte offsets; the token of byte i is i + 1 (BOS is token 0).
struct NeedleRecord {
    std::string key;
    std::string value;
    std::uint64_t begin = 0; ///< of '@'
    bool decoy = false;

    std::uint64_t keyBegin() const { return begin + 1; }
    std::uint64_t valueBegin() const { return begin + 2 + key.size(); }
};

struct NeedlePrompt {
    std::string text; ///< filler sentences and records, then the question `@key=`
    std::vector<NeedleRecord> records; ///< records[0] is the one asked for; needles first, then decoys
    std::uint64_t questionBegin = 0; ///< of the question's '@'

    const std::string& answer() const { return records.front().value; }
};

/// Writes a prompt; equal specifications give equal bytes on every machine.
/// Errors: InvalidArgument (no needle, more than 4 096 records, more than 4 Mi tokens, depth outside [0, 1],
/// too few tokens for the records: says how many are needed).
Result<NeedlePrompt> makeNeedlePrompt(const NeedlePromptSpec& spec);

} // namespace headwater
