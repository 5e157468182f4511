// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/record/head_id.h"

#include <QString>
#include <optional>

namespace headwater {

/// A place typed into the command box.
struct Location {
    std::optional<HeadId> head;
    std::optional<std::uint32_t> query;
    std::optional<std::uint32_t> key;
};

/// "L12H5", "L12 H5 q7941 k2012", "7 941" (a query row; spaces, thin spaces and commas between thousands),
/// "q7941", "k2012", "7941:2012" (query, key). Nothing when the text is something else.
std::optional<Location> parseLocation(const QString& text);

} // namespace headwater
