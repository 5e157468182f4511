// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/run/run_request.h"

#include <QWidget>

class QLabel;
class QLineEdit;
class QPushButton;

namespace headwater {

class AnswerSession;
class EngineClient;
class ModelChoice;
class OptionFields;
class PromptEditor;
class RunEstimate;
class RunSession;
class TurnsEditor;
class WrappedLabel;

/// The form of a run: model, prompt, parameters, and what it will cost. It asks; the run session runs.
class RunPage : public QWidget {
    Q_OBJECT
public:
    RunPage(EngineClient& engine, RunSession& session, QWidget* parent = nullptr);

    RunRequest request() const;
    void setRequest(const RunRequest& asked);
    void setModel(const QString& model);
    /// Where a choice that came from outside can be taken back: the keyboard goes to the model's field.
    void focusModel();
    /// Opens the list of models that are here.
    void browseModels();
    void setRecentModels(const QStringList& models);
    const QStringList& recentModels() const;
    /// A run with the chosen model has begun.
    void rememberModel();
    /// While a model is looked at or on its way, or the engine counts tokens and estimates.
    bool isAsking() const;
    void setPromptText(const QString& text);
    /// Continues the form's prompt without a trace, or cancels that.
    void generate();
    bool canGenerate() const;
    void setPromptFile(const QString& path, qint64 bytes, const QString& encoding = {});

signals:
    void startRequested();
    void closeRequested();
    void askingChanged();

protected:
    void showEvent(QShowEvent* event) override;
    /// Esc that no field takes goes back; what was filled in stays.
    void keyPressEvent(QKeyEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    QWidget* makeFooter();
    bool hasPrompt() const;
    RunRequest fillConversation(RunRequest request);
    void ask();
    void showEstimate();
    /// What a run takes, and in a second line what generating alone does.
    QString costText() const;
    void showGenerate();

    EngineClient& m_engine;
    RunSession& m_session;
    RunEstimate* m_estimate = nullptr;
    AnswerSession* m_answer = nullptr;
    ModelChoice* m_model = nullptr;
    TurnsEditor* m_turns = nullptr;
    PromptEditor* m_prompt = nullptr;
    QLabel* m_tokens = nullptr;
    OptionFields* m_fields = nullptr;
    QLineEdit* m_output = nullptr;
    WrappedLabel* m_cost = nullptr;
    QPushButton* m_generate = nullptr;
    QPushButton* m_start = nullptr;
    QString m_suggestedOutput; ///< the output path this page filled in, replaced when the model changes
    RunRequest m_request; ///< as it was set: what has no control stays
    bool m_filling = false;
};

} // namespace headwater
