// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/record/token_pair.h"
#include "ui/bridge/background_job.h"
#include "ui/inspector/fold_title.h"
#include "ui/inspector/mass_table.h"

#include <QFrame>
#include <QWidget>

namespace headwater {

class WrappedLabel;

/// One list of the inspector: a title that folds it, a note that says of what the masses are, the table.
/// While another question is being answered the old rows stay, dim and dead, under a note with the new
/// question: a list never stands under a selection that it does not belong to.
class InspectorSection : public QWidget {
    Q_OBJECT
public:
    /// What a list answers: equal questions need no waiting.
    struct Question {
        HeadId head;
        TokenPair pair;
        bool operator==(const Question&) const = default;
    };

    InspectorSection(const QString& id, const QString& title, const MassTableLook& look,
                     QWidget* parent = nullptr);

    FoldTitle* title() const { return m_title; }
    MassTable* table() const { return m_table; }
    BackgroundJob* job() const { return m_job; }
    QString note() const;

    /// `subject`: "row 3 000". Folded sections ask nothing: their job is not to be started.
    void ask(const Question& question, const QString& subject);
    /// The answer to the question asked last. `note` goes on from the subject.
    void answer(std::vector<MassRow> rows, const QString& note);
    void fail(const QString& note, bool isCaution);
    /// A frame around the table: its numbers are of another quantity than those around it.
    void setFramed(bool isFramed);
    bool isFramed() const { return m_frame->property("framed").toBool(); }
    /// Nothing is asked: hidden and empty.
    void clear();

private:
    void say(const QString& note, bool isCaution);

    FoldTitle* m_title;
    WrappedLabel* m_note;
    QFrame* m_frame; ///< around the table
    MassTable* m_table;
    BackgroundJob* m_job;
    QString m_subject;
    std::optional<Question> m_asked;
    std::optional<Question> m_shown;
};

} // namespace headwater
