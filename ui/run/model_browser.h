// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/run/model_lookup.h"

#include <QDialog>
#include <QStringList>

class QLineEdit;
class QPushButton;
class QTreeView;

namespace headwater {

class ModelList;
class ModelSearch;
class WrappedLabel;
struct ListedModel;

/// Chooses a model: a searchable list of those that are here (used lately, built in, fetched, in the Hub's
/// cache) with size and type, or a file, or a folder. What does not run is in the list and says why. Opened
/// with open(); nothing waits: what is here is looked at in the background.
class ModelBrowser : public QDialog {
    Q_OBJECT
public:
    /// `program`: the command line's. `recent`: names that were used lately.
    ModelBrowser(const QString& title, const QString& program, const QStringList& recent, QWidget* parent);

signals:
    /// A name as the engine takes it.
    void chosen(const QString& model);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void makeList();
    QWidget* makeButtons();
    void browseFile();
    void browseFolder();
    void give(const QString& model);
    void fill();
    void showCurrent();
    const ListedModel* current() const;

    ModelLookup m_lookup; ///< at what is here
    ModelLookup m_recentLookup;
    std::vector<SeenModel> m_here;
    std::vector<SeenModel> m_recent;
    ModelList* m_models;
    ModelSearch* m_found;
    QLineEdit* m_search;
    QTreeView* m_list;
    WrappedLabel* m_detail;
    QPushButton* m_use = nullptr;
};

} // namespace headwater
