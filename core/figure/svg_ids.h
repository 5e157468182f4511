// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace headwater {

/// cairo numbers an SVG's surfaces with a counter of the whole process, so a second export differs from the
/// first. Renumbers "surface<N>", "image<N>", "mask<N>", "clip<N>" and the like in the order in which they
/// appear.
std::string renumberSvgIds(std::string_view svg);

} // namespace headwater
