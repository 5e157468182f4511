// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/reading/head_reads.h"
#include "core/reading/read_list.h"
#include "ui/bridge/view_reader.h"
#include "ui/bridge/when_seen.h"
#include "ui/inspector/inspector_section.h"

#include <QWidget>
#include <vector>

namespace headwater {

class LockedRowCard;
class ProfileSection;

/// What is locked, in words and tables: the row, what it reads, the heads that read the same place, who reads
/// the key (folded while a row is locked), and both over the whole text. Every number says what it is and of
/// which row or key; all reading happens in the background.
class InspectorPanel : public QWidget {
    Q_OBJECT
public:
    /// Rows of the lists of reads; the heads are listed all.
    static constexpr std::size_t kMost = 20;

    InspectorPanel(Subject* subject, ViewReader* reader, QWidget* parent = nullptr);

    LockedRowCard* card() const { return m_card; }
    MassTable* reads() const { return m_reads->table(); }
    MassTable* heads() const { return m_heads->table(); }
    MassTable* readers() const { return m_readers->table(); }
    InspectorSection* readsSection() const { return m_reads; }
    InspectorSection* headsSection() const { return m_heads; }
    InspectorSection* readersSection() const { return m_readers; }
    ProfileSection* profiles() const { return m_profiles; }
    /// Whose masses a list shows and what they are, as written under its title.
    QString readsNote() const { return m_reads->note(); }
    QString headsNote() const { return m_heads->note(); }
    QString readersNote() const { return m_readers->note(); }

    /// Without what the card's offer says for a while: the lists give way to it, not the window.
    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    /// Folds the second list where the first would have too little room left.
    void shareRoom();
    /// Reads again what a session has told of what is shown.
    void followExact();
    void readAll();
    void readHead(); ///< what is the shown head's
    void readRowList();
    void readHeads();
    void readReaders();
    void showReads(const ReadList& list);
    void showHeads(const HeadReads& reads);
    void showReaders(const ReadList& list);
    void markCurrent();
    /// What a head's numbers are, of one token row or of its blocks.
    QString quantity(HeadId head, RowSource source) const;
    /// A session's numbers, of whole rows, where the head's own are of the kept keys alone.
    bool isApart(HeadId head, RowSource source) const;

    Subject* m_subject;
    ViewReader* m_reader;
    LockedRowCard* m_card;
    InspectorSection* m_reads;
    InspectorSection* m_heads;
    InspectorSection* m_readers;
    ProfileSection* m_profiles;
};

} // namespace headwater
