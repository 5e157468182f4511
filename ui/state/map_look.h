// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>

namespace headwater {

/// What the map shows of each cell: the largest probability, the number of kept edges, or the missed mass of
/// its rows.
enum class MapMode { Max, Count, Missed };

/// Which part of the T × T square is on screen. Tokens are positions in double: (key, query) of the top left
/// corner and the tokens one device-independent pixel covers. The whole map fills its pane, so that its axes
/// have scales of their own; close up they have the same one (`stretch` 1).
struct MapViewport {
    double key = 0;
    double query = 0;
    double tokensPerPixel = 1; ///< along the key axis
    double stretch = 1; ///< tokens a pixel covers along the query axis over those along the key axis
    double queryTokensPerPixel() const { return tokensPerPixel * stretch; }
    bool operator==(const MapViewport&) const = default;
};

/// How values become colours. One range for all heads: it changes only when the user says so (or fits).
struct ColourScale {
    enum class Map { Magma, Viridis, Cividis, Greys };
    Map map = Map::Magma;
    bool logarithmic = true;
    double low = 1e-4;
    double high = 1.0;
    bool operator==(const ColourScale&) const = default;
};

/// Masks that hide, never change, data.
struct VisualMask {
    bool sinks = false;
    bool diagonal = false;
    bool operator==(const VisualMask&) const = default;
};

/// How a map shows what is looked at (Subject): what of each cell, which part of the square, in which
/// colours, behind which masks. Every map has its own. Lives in the UI thread. Setters do nothing when the
/// value does not change.
class MapLook : public QObject {
    Q_OBJECT
public:
    explicit MapLook(QObject* parent = nullptr);

    MapMode mode() const { return m_mode; }
    MapViewport viewport() const { return m_viewport; }
    ColourScale colours() const { return m_colours; }
    VisualMask mask() const { return m_mask; }

    void setMode(MapMode mode);
    void setViewport(const MapViewport& viewport);
    /// The view that is shown already, fitted to another size of its surface: seen as any change is, but no
    /// step of the user's, so that undo and places leave it out.
    void refitViewport(const MapViewport& viewport);
    void setColours(const ColourScale& colours);
    void setMask(const VisualMask& mask);

signals:
    void modeChanged();
    void viewportChanged();
    void viewportRefitted(const headwater::MapViewport& before); ///< comes before viewportChanged
    void coloursChanged();
    void maskChanged();

private:
    MapMode m_mode = MapMode::Max;
    MapViewport m_viewport;
    ColourScale m_colours;
    VisualMask m_mask;
};

} // namespace headwater
