// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStringList>
#include <QWidget>

class QComboBox;
class QPushButton;

namespace headwater {

class EngineClient;
class ModelFetch;
struct EngineModel;

/// The model of a run: one of those the engine knows, or the path of a file. A known one that is not here yet
/// can be fetched on the spot, once its terms are accepted.
class ModelChoice : public QWidget {
    Q_OBJECT
public:
    explicit ModelChoice(EngineClient& engine, QWidget* parent = nullptr);

    QString model() const;
    void setModel(const QString& model);
    /// True while the chosen one is known but not here.
    bool isMissing() const { return missing() != nullptr; }
    bool isFetching() const; ///< any model
    bool isFetchingChoice() const; ///< the chosen one
    /// What to know before a run: that the model is missing, on its way, or could not be fetched; empty when
    /// all is well. A fetch under way is no fault.
    QString note() const;

signals:
    void modelChanged(); ///< another one, or the same has come
    void fetchChanged(); ///< isFetching() or note()

private:
    void fill();
    void browse();
    void fetchOrStop();
    void fetch(const EngineModel& model);
    void showFetch();
    const EngineModel* missing() const;

    EngineClient& m_engine;
    ModelFetch* m_fetch;
    QComboBox* m_model;
    QPushButton* m_fetchButton;
    QStringList m_fetched; ///< that have come since the engine listed its models
    QStringList m_accepted; ///< whose terms were accepted since then
    QString m_progress; ///< of the fetch under way, empty before its first word
    QString m_failure; ///< of the last fetch, while its model is chosen
};

} // namespace headwater
