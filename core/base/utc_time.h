// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace headwater {

/// Now, in UTC and to the second, as ISO 8601 writes it: "2026-11-30T18:50:00Z".
std::string utcNow();

/// Today where this computer stands: "2026-11-30".
std::string localDay();

} // namespace headwater
