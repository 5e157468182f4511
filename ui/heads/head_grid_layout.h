// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/record/head_id.h"

#include <QRect>
#include <optional>
#include <span>
#include <vector>

namespace headwater {

/// Where the thumbnails of a grid lie. Units: device-independent pixels from the top left of the whole grid.
struct HeadGridLayout {
    struct Label {
        int layer = 0;
        QRect rect;
    };
    std::vector<HeadId> heads;
    std::vector<QRect> cells; ///< one a head
    std::vector<Label> labels; ///< one a layer; none when the heads are not in layers
    int side = 0; ///< of a thumbnail
    int captionHeight = 0; ///< under each thumbnail, for its name and the value of the order, where no layer
                           ///< label stands beside it
    int height = 0;

    std::optional<std::size_t> indexAt(const QPoint& point) const;
    std::optional<std::size_t> indexOf(HeadId head) const;
    /// The neighbour of a thumbnail: `dx` steps along the order, `dy` lines up or down.
    std::size_t neighbour(std::size_t index, int dx, int dy) const;
};

/// Thumbnails in rows of layers (a layer that is too wide is folded into equal lines), or simply one after
/// the other. Layers may have different numbers of heads.
HeadGridLayout layOutHeads(std::span<const HeadId> heads, bool isByLayer, int width);

} // namespace headwater
