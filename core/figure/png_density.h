// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace headwater {

/// Adds the pHYs chunk that cairo leaves out, so that programs place the PNG at its physical size. Bytes that
/// are no PNG come back as they are. Source: PNG specification, 11.3.5.3.
std::string withPngDensity(std::string png, double dpi);

} // namespace headwater
