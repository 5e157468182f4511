// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStringList>
#include <QTimer>
#include <QWidget>
#include <vector>

class QComboBox;
class QPushButton;

namespace headwater {

class EngineClient;
class ModelFetch;
class ModelLookup;
class WrappedLabel;
struct EngineModel;
struct SeenModel;

/// The model of a run: one of those the engine knows, one of the Hub's cache, or the path of a file or
/// folder. What it is, or why it does not run, stands below its name before anything is loaded; what replaced
/// another choice is taken back by the field's undo. A known one that is not here yet can be fetched on the
/// spot, once its terms are accepted.
class ModelChoice : public QWidget {
    Q_OBJECT
public:
    explicit ModelChoice(EngineClient& engine, QWidget* parent = nullptr);

    QString model() const;
    void setModel(const QString& model);
    /// Opens the list of what is here.
    void browse();
    /// Names that runs used: all are offered, the first is chosen.
    void setRecent(const QStringList& models);
    const QStringList& recent() const { return m_recent; }
    /// The chosen one has been used.
    void remember();
    /// True while the chosen one is known but not here.
    bool isMissing() const { return missing() != nullptr; }
    bool isFetching() const; ///< any model
    bool isFetchingChoice() const; ///< the chosen one
    bool isLooking() const; ///< at what was chosen
    /// It is known not to run; why stands below its name.
    bool isRefused() const { return !m_refusal.isEmpty(); }
    /// What to know before a run: that the model is missing, on its way, or could not be fetched; empty when
    /// all is well. A fetch under way is no fault.
    QString note() const;

signals:
    void modelChanged(); ///< another one, or the same has come
    void fetchChanged(); ///< isFetching(), isLooking() or note()

protected:
    void showEvent(QShowEvent* event) override;

private:
    void fill();
    void take(const std::vector<SeenModel>& models);
    void look();
    void fetchOrStop();
    void fetch(const EngineModel& model);
    void showFetch();
    const EngineModel* missing() const;

    EngineClient& m_engine;
    ModelFetch* m_fetch;
    ModelLookup* m_lookup;
    QTimer m_pause; ///< a moment after the last keystroke
    QComboBox* m_model;
    WrappedLabel* m_seen; ///< what the chosen one is
    QPushButton* m_fetchButton;
    QStringList m_fetched; ///< that have come since the engine listed its models
    QStringList m_accepted; ///< whose terms were accepted since then
    QString m_progress; ///< of the fetch under way, empty before its first word
    QStringList m_recent;
    QString m_now; ///< the field
    QString m_before; ///< the field before its last change
    QString m_looked; ///< the name that was looked at last
    QString m_refusal; ///< why that one does not run
    QString m_failure; ///< of the last fetch, while its model is chosen
};

} // namespace headwater
