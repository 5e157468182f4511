// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/hash.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>

namespace headwater::test {

/// Leaves an input that a test makes where its fuzzer begins (`test.sh --fuzz`): in the folder `target` of the
/// one that HEADWATER_FUZZ_CORPUS names, if it names one.
inline void keepForFuzzing(const char* target, std::string_view bytes)
{
    const char* const corpus = std::getenv("HEADWATER_FUZZ_CORPUS");
    if (!corpus || bytes.size() > std::size_t{64} << 10)
        return;
    const std::filesystem::path folder = std::filesystem::path(corpus) / target;
    std::filesystem::create_directories(folder);
    std::ofstream(folder / std::to_string(xxh3(std::as_bytes(std::span(bytes)))), std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

} // namespace headwater::test
