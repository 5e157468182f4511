// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/token_range.h"
#include "ui/map/map_tiles.h"
#include "ui/map/session_offer.h"
#include "ui/state/map_look.h"
#include "ui/state/subject.h"

#include <QTimer>
#include <optional>

namespace headwater {

/// Below the block size: has the pairs on screen computed exactly by the trace's session, by itself where
/// that takes less than a second, else by a button that says what it costs; over the map, at its top. What is
/// read by itself is given up when the view leaves it. Needs a session: without one nothing is offered.
class ExactOffer : public SessionOffer {
    Q_OBJECT
public:
    ExactOffer(Subject* subject, MapLook* look, MapTiles* tiles, QWidget* parent);

    void setSession(TraceSession* session);

    /// Computes the pairs on screen, opening a session if there is none. Errors: Unavailable (the map does
    /// not show single pairs, or there is nothing to ask).
    Result<void> compute();
    /// The shown head's whole pattern, of at most kWholePatternTokens tokens. Errors: Unavailable.
    Result<void> computeWhole();
    static constexpr std::uint32_t kWholePatternTokens = 4096;

    /// True while numbers are on their way that the map will show.
    bool isBusy() const;

signals:
    /// isBusy() may have changed.
    void busyChanged();

private:
    /// A part of a head's map.
    struct Part {
        HeadId head;
        TokenRange rows;
        TokenRange keys;
        bool operator==(const Part&) const = default;
    };
    std::optional<Part> onScreen() const;
    Result<void> canAsk() const;
    bool isKnown(const Part& part) const;
    void follow();
    void read(const Part& part);
    /// Gives up what is being read by itself of another head, or of a place that is no more on screen.
    void giveUpUnlessOf(const Part& part);
    void take(const Part& part, const Result<std::shared_ptr<const ExactWindow>>& window);
    void say();

    Subject* m_subject;
    MapLook* m_look;
    MapTiles* m_tiles;
    QTimer m_settling; ///< the view has come to rest
    std::optional<Part> m_wanted; ///< to be read when the session is open
    std::optional<Part> m_reading;
    qint64 m_request = 0; ///< of it, the session's number; 0: given up
    std::optional<Part> m_refused; ///< could not be read: not asked again by itself
    bool m_asked = false; ///< by hand: what follows is opened without asking again
    QString m_failure; ///< of the last reading
};

} // namespace headwater
