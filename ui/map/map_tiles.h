// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/tiles/tile_source.h"
#include "ui/bridge/view_reader.h"
#include "ui/map/map_renderer.h"
#include "ui/state/map_look.h"
#include "ui/state/subject.h"

#include <QObject>
#include <QSize>
#include <memory>
#include <mutex>
#include <optional>

namespace headwater {

/// The tiles of what a window looks at: asks for those in view, makes frames of those that are there.
/// Lives in the UI thread; never computes a tile, reads a file or waits.
class MapTiles : public QObject {
    Q_OBJECT
public:
    MapTiles(Subject* subject, MapLook* look, ViewReader* reader, QObject* parent = nullptr);
    ~MapTiles() override;

    /// The area the map is drawn in.
    void setSurface(const QSize& size, double devicePixelRatio);
    QSize surface() const { return m_size; }
    double devicePixelRatio() const { return m_devicePixelRatio; }

    /// Null while no trace is open. Background work takes a copy: it may outlive this object.
    std::shared_ptr<TileSource> source() const { return m_source; }

    /// The pairs of the cells on screen, where the map shows single ones (mode Max, below the block level);
    /// else none.
    struct PairsOnScreen {
        TokenRange rows;
        TokenRange keys;
        bool operator==(const PairsOnScreen&) const = default;
    };
    std::optional<PairsOnScreen> pairsOnScreen() const;
    /// The window of a session that holds all of them; null where none does.
    std::shared_ptr<const ExactWindow> exactOnScreen() const;
    /// The windows that hold some of them, the newest last.
    ExactWindows::Windows exactAmongThem() const;

    ViewReader& reader() const { return *m_reader; } ///< of the heads behind the tiles
    const HeadInfo* shownHeadInfo() const { return m_reader->shownHeadInfo(); }
    /// The blocks of the shown head, or of any head while it is not there; seqLen is always the trace's.
    BlockGrid grid() const;
    std::uint32_t level() const; ///< of the cells that are drawn
    double blocksPerCell() const; ///< at that level: the most edges a cell can hold, never less than one

    /// The picture of this moment; colours are for `theme`. Cost: O(tiles in view).
    MapFrame frame(const Theme& theme) const;

    TileSource::Status tileStatus() const;

signals:
    void sourceChanged(); ///< another trace, or a newer snapshot of it
    void tilesChanged(); ///< a new frame would differ

protected:
    void customEvent(QEvent* event) override;

private:
    /// Where worker threads report to: cut when this object dies, as the source may live on in a background
    /// job.
    struct Mailbox {
        std::mutex mutex;
        MapTiles* owner = nullptr;
        bool queued = false;
    };

    void takeTrace();
    void refreshExact(int layer, int head);
    void request();

    Subject* m_subject;
    MapLook* m_look;
    ViewReader* m_reader;
    std::shared_ptr<Mailbox> m_mailbox;
    std::shared_ptr<TileSource> m_source;
    std::shared_ptr<HeadCache> m_heads; ///< behind m_source
    std::uint32_t m_seqLen = 0;
    QSize m_size;
    double m_devicePixelRatio = 1;
    std::uint64_t m_generation = 0;
};

} // namespace headwater
