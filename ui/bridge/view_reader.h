// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/reading/exact_part.h"
#include "core/reading/trace_reading.h"
#include "ui/state/subject.h"

#include <QObject>
#include <stop_token>

namespace headwater {

/// The door through which everything in a window reads the trace it looks at: the map's tiles and the panels
/// share one cache of decoded heads. Lives in the UI thread; reads nothing itself.
class ViewReader : public QObject {
    Q_OBJECT
public:
    explicit ViewReader(Subject* subject, QObject* parent = nullptr);
    ~ViewReader() override;

    /// False while no trace is open. Background work takes a copy: it may outlive this object.
    const TraceReading& reading() const { return m_reading; }

    /// The shown head's row of the `head` table; null while its layer is not finished.
    const HeadInfo* shownHeadInfo() const;

    /// Asked to stop when another head is shown: for reading the shown one. Work of the hand passes this to
    /// what decodes, not its own token, so that a moving cursor cannot keep a head from ever being read.
    std::stop_token headStop() const { return m_headStop.get_token(); }

    /// What a session has given of the open trace: from now on everything that reads it answers with it.
    void addExact(std::shared_ptr<const ExactWindow> window);
    void addExact(ExactRow row);

    /// A view could not read what it was to show: told to whoever speaks for the window. What was only
    /// stopped is no failure.
    void report(const Error& failure);

signals:
    void readingChanged(); ///< another trace, or a newer snapshot of it
    /// What sessions have given of this part came, or went for want of room: who shows something of it reads
    /// it again (tellsOfRow, tellsOfColumn, tellsOfHeads).
    void exactChanged(const headwater::ExactPart& part);
    void readFailed(const headwater::Error& failure);

private:
    void takeTrace();
    void stopHead();

    Subject* m_subject;
    TraceReading m_reading;
    std::stop_source m_headStop;
};

} // namespace headwater
