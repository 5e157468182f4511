// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/token_range.h"
#include "core/reading/text_search.h"
#include "ui/bridge/background_job.h"

#include <QObject>
#include <QString>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace headwater {

/// The search of a window: what was looked for, its hits, and the one F3 stands on. The search itself runs in
/// the background.
class FindSession : public QObject {
    Q_OBJECT
public:
    /// More marks than an axis has pixels say nothing more.
    static constexpr std::size_t kMaxHits = 100000;

    explicit FindSession(QObject* parent = nullptr);

    /// Without `letterCase` as the switch says.
    void search(std::shared_ptr<const Trace> trace, const QString& text,
                std::optional<LetterCase> letterCase = std::nullopt);
    void clear();

    /// The switch of the searches to come; off at first.
    bool matchesCase() const { return m_matchesCase; }
    void setMatchesCase(bool matches) { m_matchesCase = matches; }

    bool isSearching() const { return m_job.isRunning(); }
    const QString& text() const { return m_text; } ///< what hits() are of
    const QString& wanted() const { return m_wanted; } ///< the same, or what is being searched for
    const std::vector<TokenRange>& hits() const { return m_hits.spans; }
    bool isCut() const { return m_hits.isCut; }
    bool isCaseIgnored() const { return m_hits.isCaseIgnored; } ///< by the search of these hits
    /// Index of the current hit in hits().
    std::optional<std::size_t> current() const { return m_current; }

    /// To the next or previous hit, around the end.
    void step(int direction);

signals:
    /// New marks: the tokens of each hit, ascending; none of them is the current one. Empty: take the marks
    /// away.
    void findHitsChanged(const std::vector<headwater::TokenRange>& hits);
    void finished(); ///< a search has ended; hits() may be empty
    void currentChanged(const headwater::TokenRange& hit);
    void searchingChanged();

private:
    QString m_wanted;
    QString m_text;
    bool m_matchesCase = false;
    TextHits m_hits;
    std::optional<std::size_t> m_current;
    BackgroundJob m_job;
};

} // namespace headwater
