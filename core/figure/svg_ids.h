// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace headwater {

/// Names every id of an SVG, and what refers to it (href, xlink:href and each url(#…) of any attribute),
/// after the document itself: "f" + 24 hex digits of the SHA-256 of the whole document, with its ids counted
/// in the order in which they appear, + "-" + that number. Two reasons: cairo counts surfaces through the
/// whole process, so the same figure would change from one export to the next; and it counts glyphs from 0 in
/// every file, while ids belong to the page: of two figures in one page the second would take the first one's
/// map and digits. So different figures share no id and the same figure keeps its own. Cost: two passes.
std::string nameSvgIds(std::string_view svg);

} // namespace headwater
