// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/bridge/background_job.h"
#include "ui/state/view_state.h"

#include <QObject>

namespace headwater {

/// Reads the predictions of the open trace in the background and gives them to the view: once, when a row is
/// locked or the text is shaded by loss, for nothing else shows them.
class PredictionLoader : public QObject {
    Q_OBJECT
public:
    explicit PredictionLoader(ViewState& view, QObject* parent = nullptr);

signals:
    void failed(const headwater::Error& error); ///< they are damaged

private:
    void load();

    ViewState& m_view;
    BackgroundJob* m_job;
    std::shared_ptr<const Trace> m_asked; ///< whose predictions are read or have been
};

} // namespace headwater
