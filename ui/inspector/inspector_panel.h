// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/bridge/background_job.h"
#include "ui/heads/head_reads.h"
#include "ui/inspector/mass_table.h"
#include "ui/inspector/row_reads.h"
#include "ui/map/map_tiles.h"

#include <QWidget>
#include <vector>

class QLabel;

namespace headwater {

class LockedRowCard;

/// What is locked, in words and tables: the row, what it reads, the heads that read the same place, who reads
/// the key. Every number says what it is; all reading happens in the background.
class InspectorPanel : public QWidget {
    Q_OBJECT
public:
    /// Rows of the lists of reads; the heads are listed all.
    static constexpr std::size_t kMost = 20;

    InspectorPanel(ViewState* state, MapTiles* tiles, QWidget* parent = nullptr);

    LockedRowCard* card() const { return m_card; }
    MassTable* reads() const { return m_reads.table; }
    MassTable* heads() const { return m_heads.table; }
    MassTable* readers() const { return m_readers.table; }
    /// What the masses of a list are, as shown under its title.
    QString readsNote() const;
    QString headsNote() const;
    QString readersNote() const;

private:
    struct Section {
        QWidget* box = nullptr;
        QLabel* title = nullptr;
        QLabel* note = nullptr;
        MassTable* table = nullptr;
        BackgroundJob* job = nullptr;
    };

    Section makeSection(const QString& id, const QString& title, const MassTableLook& look);
    void readAll();
    void readRowList();
    void readHeads();
    void readReaders();
    void showReads(const ReadList& list);
    void showHeads(const HeadReads& reads);
    void showReaders(const ReadList& list);
    void say(Section& section, const QString& note, bool isCaution = false);
    void markCurrent();
    QString quantity(HeadId head) const;

    ViewState* m_state;
    MapTiles* m_tiles;
    LockedRowCard* m_card;
    Section m_reads;
    Section m_heads;
    Section m_readers;
};

} // namespace headwater
