// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/explore/explore_panels.h"

#include "ui/bridge/locked_place_reader.h"
#include "ui/bridge/predicted_rows_reader.h"
#include "ui/heads/distance_chart.h"
#include "ui/heads/head_panel.h"
#include "ui/heads/kept_mass_chart.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/inspector/locked_row_card.h"
#include "ui/inspector/profile_section.h"
#include "ui/inspector/row_offer.h"
#include "ui/main/command_table.h"
#include "ui/main/find_session.h"
#include "ui/map/colour_panel.h"
#include "ui/map/map_pane.h"
#include "ui/text/text_pane.h"

#include <QObject>
#include <QScrollArea>
#include <map>

namespace headwater {

namespace {

constexpr int kMargin = 12;
constexpr int kLeastInspector = 150; ///< pixels of height

QWidget* makeColourPanel(const ExploreParts& parts, QWidget* parent)
{
    auto* const panel = new ColourPanel(&parts.subject, &parts.look, parts.map.tiles(), parent);
    panel->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    parts.commands.bind(QStringLiteral("view.range.fit"), [panel](const CommandArguments&) -> Result<void> {
        panel->fit();
        return {};
    });
    return panel;
}

QWidget* makeDistanceChart(const ExploreParts& parts, QWidget* parent)
{
    return new DistanceChart(&parts.subject, &parts.reader, parent);
}

Result<void> sortHeads(HeadPanel& panel, const CommandArguments& arguments)
{
    const std::optional<HeadOrder> order = headOrderNamed(arguments.text("order").toStdString());
    if (!order)
        return Error{
            ErrorCode::InvalidArgument,
            "order= is layer, kept_mass, content, entropy, sink_share, mean_distance, density or selection",
            {}};
    HEADWATER_TRY_ASSIGN(const std::optional<bool> falling, arguments.flag("falling"));
    panel.setOrder(*order, falling.value_or(*order != HeadOrder::Layer));
    return {};
}

/// `readers=on`, or the share of a row that makes a reader.
Result<std::optional<double>> leastReadOf(const CommandArguments& arguments)
{
    if (const auto flag = arguments.flag("readers"))
        return flag->value_or(false) ? std::optional(HeadFilter::kLeastRead) : std::nullopt;
    return arguments.number("readers", 1e-4, 1);
}

Result<void> filterHeads(HeadPanel& panel, const CommandArguments& arguments)
{
    if (arguments.isEmpty()) {
        panel.showFilterBar(!panel.isFilterBarShown());
        return {};
    }
    HEADWATER_TRY_ASSIGN(const std::optional<qint64> first, arguments.integer("first_layer", 0, 1 << 20));
    HEADWATER_TRY_ASSIGN(const std::optional<qint64> last, arguments.integer("last_layer", 0, 1 << 20));
    HEADWATER_TRY_ASSIGN(const std::optional<double> least, arguments.number("least", 0, 1e9));
    HEADWATER_TRY_ASSIGN(const std::optional<double> leastRead, leastReadOf(arguments));
    if (least && panel.order() == HeadOrder::Layer)
        return Error{ErrorCode::InvalidArgument,
                     "least= is of what the heads are ordered by: give heads.sort order= first",
                     {}};
    HeadFilter filter;
    if (first)
        filter.firstLayer = static_cast<int>(*first);
    if (last)
        filter.lastLayer = static_cast<int>(*last);
    filter.least = least;
    filter.leastRead = leastRead;
    panel.setFilter(filter);
    return {};
}

QWidget* makeHeadPanel(const ExploreParts& parts, QWidget* parent)
{
    auto* const panel = new HeadPanel(&parts.subject, &parts.look, &parts.reader, parent);
    parts.commands.bind(QStringLiteral("heads.sort"),
                        [panel](const CommandArguments& arguments) { return sortHeads(*panel, arguments); });
    parts.commands.bind(QStringLiteral("heads.filter"), [panel](const CommandArguments& arguments) {
        return filterHeads(*panel, arguments);
    });
    parts.commands.bind(QStringLiteral("heads.filter.clear"),
                        [panel](const CommandArguments&) -> Result<void> {
                            panel->setFilter({});
                            return {};
                        });
    return panel;
}

/// What the session could not compute is said where it is offered.
void tellFailures(const ExploreParts& parts, RowOffer* offer)
{
    LockedPlaceReader& place = parts.lockedPlace;
    PredictedRowsReader& predicted = parts.predictedRows;
    const auto tell = [offer, &place, &predicted] {
        offer->setFailure(place.failure() ? place.failure() : predicted.failure());
    };
    QObject::connect(&place, &LockedPlaceReader::failureChanged, offer, tell);
    QObject::connect(&predicted, &PredictedRowsReader::failureChanged, offer, tell);
    QObject::connect(offer, &RowOffer::retried, &place, &LockedPlaceReader::tryAgain);
    QObject::connect(offer, &RowOffer::retried, &predicted, &PredictedRowsReader::tryAgain);
}

/// In a low window the inspector scrolls rather than to hold the window's edge.
QWidget* scrolling(InspectorPanel* panel, QWidget* parent)
{
    auto* const area = new QScrollArea(parent);
    area->setObjectName(QStringLiteral("inspectorScroll"));
    area->setAccessibleName(panel->accessibleName());
    area->setFrameShape(QFrame::NoFrame);
    area->setFocusPolicy(Qt::NoFocus);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setWidgetResizable(true);
    area->setMinimumHeight(kLeastInspector);
    area->setWidget(panel);
    for (QWidget* const part : {area->viewport(), static_cast<QWidget*>(panel)})
        part->setAutoFillBackground(false); // the dock's own colour
    return area;
}

QWidget* makeInspector(const ExploreParts& parts, QWidget* parent)
{
    auto* const panel = new InspectorPanel(&parts.subject, &parts.reader, parent);
    RowOffer* const offer = panel->card()->offer();
    offer->setSession(&parts.session);
    tellFailures(parts, offer);
    QObject::connect(offer, &SessionOffer::modelWanted,
                     parts.commands.action(QStringLiteral("view.exact.model")), &QAction::trigger);
    QObject::connect(offer, &SessionOffer::traceWanted, parts.commands.action(QStringLiteral("file.open")),
                     &QAction::trigger);
    const std::pair<const char*, FoldTitle*> titles[] = {
        {"inspector.reads", panel->readsSection()->title()},
        {"inspector.heads", panel->headsSection()->title()},
        {"inspector.readers", panel->readersSection()->title()},
        {"inspector.profile", panel->profiles()->title()}};
    for (const auto& [id, title] : titles)
        parts.commands.bind(QLatin1String(id), [title = title](const CommandArguments&) -> Result<void> {
            title->foldOrUnfold();
            return {};
        });
    return scrolling(panel, parent);
}

QWidget* makeKeptMass(const ExploreParts& parts, QWidget* parent)
{
    return new KeptMassChart(&parts.subject, parent);
}

QWidget* makeTextPane(const ExploreParts& parts, QWidget* parent)
{
    auto* const pane = new TextPane(&parts.subject, &parts.look, &parts.textLook, &parts.reader, parent);
    QObject::connect(&parts.find, &FindSession::findHitsChanged, pane, &TextPane::setFindHits);
    QObject::connect(&parts.find, &FindSession::currentChanged, pane, &TextPane::showHit);
    return pane;
}

} // namespace

std::vector<PanelSpec> explorePanels()
{
    return {
        {QStringLiteral("heads"), QObject::tr("Heads"), PanelPlace::Left, 500},
        {QStringLiteral("kept"), QObject::tr("Kept mass by layer"), PanelPlace::Left, 110, kMargin},
        {QStringLiteral("inspector"), QObject::tr("Locked row"), PanelPlace::Right, 520},
        {QStringLiteral("colour"), QObject::tr("Colour"), PanelPlace::Right, 170, kMargin},
        {QStringLiteral("text"), QObject::tr("Text"), PanelPlace::Bottom, 1264},
        {QStringLiteral("distance"), QObject::tr("Mass by distance"), PanelPlace::Bottom, 336},
    };
}

QWidget* makeExplorePanel(const QString& id, const ExploreParts& parts, QWidget* parent)
{
    using Make = QWidget* (*)(const ExploreParts&, QWidget*);
    static const std::map<QString, Make> makers{
        {QStringLiteral("heads"), makeHeadPanel},     {QStringLiteral("kept"), makeKeptMass},
        {QStringLiteral("inspector"), makeInspector}, {QStringLiteral("colour"), makeColourPanel},
        {QStringLiteral("text"), makeTextPane},       {QStringLiteral("distance"), makeDistanceChart},
    };
    return makers.at(id)(parts, parent);
}

} // namespace headwater
