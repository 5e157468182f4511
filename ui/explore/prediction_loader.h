// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/bridge/background_job.h"
#include "ui/state/subject.h"
#include "ui/state/text_look.h"

#include <QObject>

namespace headwater {

/// Reads the predictions of the open trace in the background and gives them to the view: once, when a row is
/// locked or the text is shaded by loss, for nothing else shows them.
class PredictionLoader : public QObject {
    Q_OBJECT
public:
    explicit PredictionLoader(Subject& subject, const TextLook& look, QObject* parent = nullptr);

signals:
    void failed(const headwater::Error& error); ///< they are damaged

private:
    void load();

    Subject& m_subject;
    const TextLook& m_look;
    BackgroundJob* m_job;
    std::shared_ptr<const Trace> m_asked; ///< whose predictions are read or have been
};

} // namespace headwater
