// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/state/map_look.h"
#include "ui/state/subject.h"
#include "ui/state/text_look.h"

namespace headwater {

/// What Explore shows: what is looked at, and how its map and its text look.
struct ExploreView {
    Subject& subject;
    MapLook& map;
    TextLook& text;
};

} // namespace headwater
