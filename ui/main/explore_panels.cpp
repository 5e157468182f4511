// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/explore_panels.h"

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

namespace headwater {

namespace {

constexpr int kMargin = 12;

QWidget* makeColourPanel(const PanelServices& services, QWidget* parent)
{
    auto* const panel = new ColourPanel(&services.subject, &services.look, services.map.tiles(), parent);
    services.commands.bind(QStringLiteral("view.range.fit"),
                           [panel](const CommandArguments&) -> Result<void> {
                               panel->fit();
                               return {};
                           });
    return panel;
}

/// A panel that needs what is looked at and its reader and nothing else.
template <class Panel> QWidget* makePanel(const PanelServices& services, QWidget* parent)
{
    return new Panel(&services.subject, &services.reader, parent);
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

QWidget* makeHeadPanel(const PanelServices& services, QWidget* parent)
{
    auto* const panel = new HeadPanel(&services.subject, &services.look, &services.reader, parent);
    services.commands.bind(QStringLiteral("heads.sort"), [panel](const CommandArguments& arguments) {
        return sortHeads(*panel, arguments);
    });
    services.commands.bind(QStringLiteral("heads.filter"), [panel](const CommandArguments& arguments) {
        return filterHeads(*panel, arguments);
    });
    services.commands.bind(QStringLiteral("heads.filter.clear"),
                           [panel](const CommandArguments&) -> Result<void> {
                               panel->setFilter({});
                               return {};
                           });
    return panel;
}

/// What the session could not compute is said where it is offered.
void tellFailures(const PanelServices& services, RowOffer* offer)
{
    LockedPlaceReader& place = services.lockedPlace;
    PredictedRowsReader& predicted = services.predictedRows;
    const auto tell = [offer, &place, &predicted] {
        offer->setFailure(place.failure() ? place.failure() : predicted.failure());
    };
    QObject::connect(&place, &LockedPlaceReader::failureChanged, offer, tell);
    QObject::connect(&predicted, &PredictedRowsReader::failureChanged, offer, tell);
    QObject::connect(offer, &RowOffer::retried, &place, &LockedPlaceReader::tryAgain);
    QObject::connect(offer, &RowOffer::retried, &predicted, &PredictedRowsReader::tryAgain);
}

QWidget* makeInspector(const PanelServices& services, QWidget* parent)
{
    auto* const panel = new InspectorPanel(&services.subject, &services.reader, parent);
    RowOffer* const offer = panel->card()->offer();
    offer->setSession(&services.session);
    tellFailures(services, offer);
    QObject::connect(offer, &SessionOffer::modelWanted,
                     services.commands.action(QStringLiteral("view.exact.model")), &QAction::trigger);
    QObject::connect(offer, &SessionOffer::traceWanted, services.commands.action(QStringLiteral("file.open")),
                     &QAction::trigger);
    const std::pair<const char*, FoldTitle*> titles[] = {
        {"inspector.reads", panel->readsSection()->title()},
        {"inspector.heads", panel->headsSection()->title()},
        {"inspector.readers", panel->readersSection()->title()},
        {"inspector.profile", panel->profiles()->title()}};
    for (const auto& [id, title] : titles)
        services.commands.bind(QLatin1String(id), [title = title](const CommandArguments&) -> Result<void> {
            title->foldOrUnfold();
            return {};
        });
    return panel;
}

QWidget* makeKeptMass(const PanelServices& services, QWidget* parent)
{
    return new KeptMassChart(&services.subject, parent);
}

QWidget* makeTextPane(const PanelServices& services, QWidget* parent)
{
    auto* const pane =
        new TextPane(&services.subject, &services.look, &services.textLook, &services.reader, parent);
    QObject::connect(&services.find, &FindSession::findHitsChanged, pane, &TextPane::setFindHits);
    QObject::connect(&services.find, &FindSession::currentChanged, pane, &TextPane::showHit);
    return pane;
}

} // namespace

std::vector<PanelFactory> explorePanels()
{
    return {
        {QStringLiteral("heads"), QObject::tr("Heads"), PanelPlace::Left, 500, makeHeadPanel},
        {QStringLiteral("kept"), QObject::tr("Kept mass by layer"), PanelPlace::Left, 110, makeKeptMass,
         kMargin},
        {QStringLiteral("inspector"), QObject::tr("Locked row"), PanelPlace::Right, 520, makeInspector},
        {QStringLiteral("colour"), QObject::tr("Colour"), PanelPlace::Right, 170, makeColourPanel, kMargin},
        {QStringLiteral("text"), QObject::tr("Text"), PanelPlace::Bottom, 1264, makeTextPane},
        {QStringLiteral("distance"), QObject::tr("Mass by distance"), PanelPlace::Bottom, 336,
         makePanel<DistanceChart>},
    };
}

} // namespace headwater
