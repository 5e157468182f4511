// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/bridge/locked_place_reader.h"
#include "ui/bridge/predicted_rows_reader.h"
#include "ui/explore/explore_view.h"
#include "ui/explore/view_history.h"
#include "ui/main/shell.h"
#include "ui/main/workspace.h"

namespace headwater {

class MapPane;
class ViewCommands;

/// Writes the map of a head as a figure: exportHeatmap (core/figure/heatmap_figure.h), or another in tests.
using HeatmapWriter =
    std::function<Result<FigureWritten>(std::shared_ptr<const Trace>, const HeatmapFigureOptions&,
                                        const std::filesystem::path&, std::stop_token)>;
HeatmapWriter heatmapWriter();

/// Explore: the map of one head, with the heads, what the locked place reads, and the text around it.
class ExploreWorkspace : public Workspace {
    Q_OBJECT
public:
    ExploreWorkspace(const Shell& shell, HeatmapWriter writer);
    ~ExploreWorkspace() override;

    MapPane* map() const { return m_map; }
    MapLook& mapLook() { return m_mapLook; }
    TextLook& textLook() { return m_textLook; }
    ExploreView view() { return {m_shell.subject, m_mapLook, m_textLook}; }

    QWidget* page() override { return m_page; }
    QWidget* makePanel(const QString& id, QWidget* parent) override;
    void bind(CommandTable& commands) override;
    bool allows(const QString& command) const override;
    Result<void> goTo(const Location& place) override;
    History& history() override { return m_history; }
    bool isBusy() const override;
    std::vector<StatusText> status() const override;
    std::optional<QPoint> messagePlace(int width) const override;
    Result<WorkspaceFigure> figure(const CommandArguments& arguments) const override;
    nlohmann::json save() override;
    void restore(const nlohmann::json& saved) override;

private:
    void makePage();
    void wire();

    Shell m_shell;
    HeatmapWriter m_writer;
    MapLook m_mapLook;
    TextLook m_textLook;
    LockedPlaceReader m_lockedPlace;
    PredictedRowsReader m_predictedRows;
    ViewHistory m_history;
    QWidget* m_page;
    MapPane* m_map = nullptr;
    ViewCommands* m_views = nullptr;
};

/// What a window is given to have it.
WorkspaceType exploreWorkspace(HeatmapWriter writer = heatmapWriter());

} // namespace headwater
