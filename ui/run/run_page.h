// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/run/run_request.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace headwater {

class EngineClient;
class ModelChoice;
class PromptEditor;
class RunEstimate;
class RunSession;
class WrappedLabel;

/// The form of a run: model, prompt, parameters, and what it will cost. It asks; the run session runs.
class RunPage : public QWidget {
    Q_OBJECT
public:
    RunPage(EngineClient& engine, RunSession& session, QWidget* parent = nullptr);

    RunRequest request() const;
    void setRequest(const RunRequest& request);
    void setModel(const QString& model);
    /// While the engine counts tokens and estimates, or a model is on its way.
    bool isAsking() const;
    void setPromptText(const QString& text);
    void setPromptFile(const QString& path, qint64 bytes, const QString& encoding = {});

signals:
    void startRequested();
    void closeRequested();
    void askingChanged();

protected:
    void showEvent(QShowEvent* event) override;

private:
    QWidget* makeParameters();
    void makeSelectionFields(QWidget* box);
    void makeRunFields(QWidget* box);
    void askWhenChanged();
    QWidget* makeFooter();
    void ask();
    void showEstimate();

    EngineClient& m_engine;
    RunSession& m_session;
    RunEstimate* m_estimate = nullptr;
    ModelChoice* m_model = nullptr;
    PromptEditor* m_prompt = nullptr;
    QLabel* m_tokens = nullptr;
    QComboBox* m_select = nullptr;
    QSpinBox* m_keepKeys = nullptr;
    QComboBox* m_blocks = nullptr;
    QComboBox* m_propagation = nullptr;
    QDoubleSpinBox* m_keepPeak = nullptr;
    QComboBox* m_chat = nullptr;
    QComboBox* m_textTokens = nullptr;
    QString m_encoding; ///< of the prompt's file; empty: as it is
    QSpinBox* m_generate = nullptr;
    QComboBox* m_predictions = nullptr;
    QCheckBox* m_check = nullptr;
    QLineEdit* m_output = nullptr;
    WrappedLabel* m_cost = nullptr;
    QPushButton* m_start = nullptr;
    QString m_suggestedOutput; ///< the output path this page filled in, replaced when the model changes
    bool m_filling = false;
};

} // namespace headwater
