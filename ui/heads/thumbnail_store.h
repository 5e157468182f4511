// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/bridge/background_job.h"
#include "ui/map/colour_lut.h"
#include "ui/state/subject.h"

#include <QImage>
#include <QObject>
#include <QString>
#include <map>
#include <memory>
#include <vector>

namespace headwater {

/// Whether the thumbnail of a map of largest probabilities is that of its content (mean mass without token 0,
/// the diagonal and the recent block): where the trace has it, since it tells heads apart; the largest of
/// hundreds of tokens does not.
inline bool showsContent(const Overview& overview, MapMode mode)
{
    return mode == MapMode::Max && !overview.content.empty();
}

/// The scale of a head's content alone: three decades below its brightest cell.
ColourScale contentScale(const Overview& overview, ColourScale::Map map);

/// The picture of an overview in `side` × `side` pixels: the largest code of the cells a pixel covers; the
/// future, and where nothing is kept, empty. Cost: O(side² + cells).
QImage thumbnailOf(const Overview& overview, std::uint32_t seqLen, int side, const ColourLut& lut,
                   MapMode mode);

/// The smallest overviews of all heads of a trace, loaded in the background in small batches, those asked for
/// first. Lives in the UI thread.
class ThumbnailStore : public QObject {
    Q_OBJECT
public:
    explicit ThumbnailStore(QObject* parent = nullptr);

    /// A newer snapshot of the same file keeps its pictures until the new ones are there.
    void setTrace(std::shared_ptr<const Trace> trace);
    /// What to load next, most wanted first; everything else follows.
    void want(std::vector<HeadId> heads);

    /// Null while it is not loaded.
    std::shared_ptr<const Overview> find(HeadId head) const;
    std::size_t numLoaded() const { return m_numLoaded; }
    std::size_t numWithContent() const
    {
        return m_numWithContent;
    } ///< of those, with a picture of its content
    /// The first overview that could not be read; empty when all is well.
    const QString& failure() const { return m_failure; }

signals:
    void loaded(); ///< another batch is there

private:
    struct Entry {
        std::shared_ptr<const Overview> overview;
        bool isCurrent = false; ///< of this snapshot, or known to be unreadable
    };
    using Batch = std::vector<std::pair<HeadId, Result<Overview>>>;

    bool holds(HeadId head) const;
    Entry* entryOf(HeadId head); ///< null: no such head
    std::vector<HeadId> nextBatch();
    void loadNext();
    void take(Batch batch);

    std::shared_ptr<const Trace> m_trace;
    std::vector<std::vector<Entry>> m_entries; ///< by layer and head
    std::vector<HeadId> m_wanted;
    std::size_t m_nextInfo = 0; ///< heads before it have been asked for
    std::size_t m_numLoaded = 0;
    std::size_t m_numWithContent = 0;
    QString m_failure;
    BackgroundJob m_job;
};

} // namespace headwater
