// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/explore/view_history.h"

#include <QSizeF>
#include <nlohmann/json.hpp>

namespace headwater {

/// `size`: of the map, so that a place is found again in a window of another size (its centre is kept).
nlohmann::json viewToJson(const ViewSnapshot& view, const QSizeF& size);
/// Values out of range fall back to those of `fallback`: the file may be from another version, or edited.
ViewSnapshot viewFromJson(const nlohmann::json& json, const ViewSnapshot& fallback, std::uint32_t seqLen,
                          const QSizeF& size);

} // namespace headwater
