// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/heads/head_grid_layout.h"

#include <algorithm>
#include <cstdlib>

namespace headwater {

namespace {

constexpr int kLabelWidth = 26;
constexpr int kGap = 4;
constexpr int kMinPitch = 14; ///< smaller thumbnails show nothing
constexpr int kMaxPitch = 68; ///< an overview has 64 cells a side
constexpr int kNamedPitch = 52; ///< room for "L18 H8", "not kept" and "0.412" under a thumbnail
constexpr int kCaption = 26; ///< two lines: name and value
constexpr int kLayerGap = 4; ///< between folded layers

int widestLayer(std::span<const HeadId> heads)
{
    int widest = 0;
    int run = 0;
    for (std::size_t i = 0; i < heads.size(); ++i) {
        run = i > 0 && heads[i].layer == heads[i - 1].layer ? run + 1 : 1;
        widest = std::max(widest, run);
    }
    return widest;
}

} // namespace

HeadGridLayout layOutHeads(std::span<const HeadId> heads, bool isByLayer, int width)
{
    HeadGridLayout layout;
    layout.heads.assign(heads.begin(), heads.end());
    const int left = isByLayer ? kLabelWidth : 0;
    const int room = std::max(kMinPitch, width - left + kGap);
    const int most = room / kMinPitch;
    const int widest = isByLayer ? std::max(1, widestLayer(heads)) : std::max(1, room / kNamedPitch);
    const int lines = (widest + most - 1) / most;
    const int columns = (widest + lines - 1) / lines;
    const int pitch = std::clamp(room / columns, kMinPitch, kMaxPitch);
    layout.side = pitch - kGap;
    layout.captionHeight = isByLayer ? 0 : kCaption;
    int x = 0;
    int y = 0;
    for (std::size_t i = 0; i < heads.size(); ++i) {
        const bool isNewLayer = isByLayer && (i == 0 || heads[i].layer != heads[i - 1].layer);
        if (isNewLayer) {
            if (i > 0)
                y += pitch + (lines > 1 ? kLayerGap : 0);
            x = 0;
            layout.labels.push_back({heads[i].layer, QRect(0, y, kLabelWidth - 6, layout.side)});
        } else if (x == columns) {
            x = 0;
            y += pitch + layout.captionHeight;
        }
        layout.cells.emplace_back(left + x * pitch, y, layout.side, layout.side);
        ++x;
    }
    layout.height = heads.empty() ? 0 : y + layout.side + layout.captionHeight;
    return layout;
}

std::optional<std::size_t> HeadGridLayout::indexAt(const QPoint& point) const
{
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (cells[i].adjusted(-kGap / 2, -kGap / 2, kGap / 2, kGap / 2).contains(point))
            return i;
    }
    return std::nullopt;
}

std::optional<std::size_t> HeadGridLayout::indexOf(HeadId head) const
{
    const auto found = std::find(heads.begin(), heads.end(), head);
    if (found == heads.end())
        return std::nullopt;
    return static_cast<std::size_t>(found - heads.begin());
}

std::size_t HeadGridLayout::neighbour(std::size_t index, int dx, int dy) const
{
    if (dy == 0) {
        const auto wanted = static_cast<std::ptrdiff_t>(index) + dx;
        return wanted < 0 || wanted >= static_cast<std::ptrdiff_t>(cells.size())
            ? index
            : static_cast<std::size_t>(wanted);
    }
    std::size_t best = index;
    const auto isCloser = [&](std::size_t i) {
        if (best == index)
            return true;
        const int line =
            std::abs(cells[i].y() - cells[index].y()) - std::abs(cells[best].y() - cells[index].y());
        return line < 0
            || (line == 0
                && std::abs(cells[i].x() - cells[index].x()) < std::abs(cells[best].x() - cells[index].x()));
    };
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const int down = cells[i].y() - cells[index].y();
        if (((dy > 0 && down > 0) || (dy < 0 && down < 0)) && isCloser(i))
            best = i;
    }
    return best;
}

} // namespace headwater
