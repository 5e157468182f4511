// SPDX-License-Identifier: Apache-2.0
#include "core/model/byte_reader.h"

#include <fmt/format.h>

namespace headwater {

Error formatError(const std::string& file, std::uint64_t offset, const std::string& field,
                  const std::string& found, const std::string& expected, ErrorCode code)
{
    return {code, fmt::format("{}, expected {}", found, expected),
            fmt::format("{}: at byte {}: {}", file, offset, field)};
}

} // namespace headwater
