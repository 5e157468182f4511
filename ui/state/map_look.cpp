// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/map_look.h"

#include <utility>

namespace headwater {

MapLook::MapLook(QObject* parent)
    : QObject(parent)
{
}

void MapLook::setMode(MapMode mode)
{
    if (mode == m_mode)
        return;
    m_mode = mode;
    emit modeChanged();
}

void MapLook::setViewport(const MapViewport& viewport)
{
    if (viewport == m_viewport)
        return;
    m_viewport = viewport;
    emit viewportChanged();
}

void MapLook::refitViewport(const MapViewport& viewport)
{
    if (viewport == m_viewport)
        return;
    const MapViewport before = std::exchange(m_viewport, viewport);
    emit viewportRefitted(before);
    emit viewportChanged();
}

void MapLook::setColours(const ColourScale& colours)
{
    if (colours == m_colours)
        return;
    m_colours = colours;
    emit coloursChanged();
}

void MapLook::setMask(const VisualMask& mask)
{
    if (mask == m_mask)
        return;
    m_mask = mask;
    emit maskChanged();
}

} // namespace headwater
