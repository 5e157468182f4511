// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDialog>

namespace headwater {

struct EngineModel;

/// Asks whether the terms that a model comes under are accepted, before it is fetched: their name and a link
/// to their text. Enter alone accepts nothing: Cancel has the focus. Opened with open(); accepted() is yes.
class TermsQuestion : public QDialog {
    Q_OBJECT
public:
    /// `model` has terms.
    TermsQuestion(const EngineModel& model, QWidget* parent);
};

} // namespace headwater
