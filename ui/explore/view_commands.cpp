// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/explore/view_commands.h"

#include "ui/map/view_geometry.h"

#include <QAction>
#include <array>
#include <limits>
#include <utility>

namespace headwater {

namespace {

constexpr std::array<std::pair<const char*, MapMode>, 3> kModes{
    {{"max", MapMode::Max}, {"count", MapMode::Count}, {"missed", MapMode::Missed}}};
constexpr std::array<std::pair<const char*, ColourScale::Map>, 4> kMaps{
    {{"magma", ColourScale::Map::Magma},
     {"viridis", ColourScale::Map::Viridis},
     {"cividis", ColourScale::Map::Cividis},
     {"greys", ColourScale::Map::Greys}}};
constexpr qint64 kMaxToken = std::numeric_limits<std::int32_t>::max();
constexpr double kZoomStep = 2;

Error wrong(const QString& message)
{
    return Error{ErrorCode::InvalidArgument, message.toStdString(), {}};
}

} // namespace

ViewCommands::ViewCommands(CommandTable& commands, const ExploreView& view, MapNavigator& map,
                           QObject* parent)
    : QObject(parent)
    , m_commands(commands)
    , m_subject(view.subject)
    , m_look(view.map)
    , m_text(view.text)
    , m_map(map)
{
    bindModes();
    bindMasks();
    bindTextShade();
    bindColours();
    bindZoom();
    connect(&m_look, &MapLook::modeChanged, this, &ViewCommands::checkActions);
    connect(&m_look, &MapLook::maskChanged, this, &ViewCommands::checkActions);
    connect(&m_look, &MapLook::coloursChanged, this, &ViewCommands::checkActions);
    connect(&m_text, &TextLook::shadeChanged, this, &ViewCommands::checkActions);
    checkActions();
}

void ViewCommands::checkActions()
{
    const auto check = [this](const QString& id, bool on) { m_commands.action(id)->setChecked(on); };
    for (const auto& [name, mode] : kModes)
        check(QStringLiteral("view.mode.") + QLatin1String(name), m_look.mode() == mode);
    for (const auto& [name, map] : kMaps)
        check(QStringLiteral("view.colours.") + QLatin1String(name), m_look.colours().map == map);
    check(QStringLiteral("view.colours.log"), m_look.colours().logarithmic);
    check(QStringLiteral("view.mask.sinks"), m_look.mask().sinks);
    check(QStringLiteral("view.mask.diagonal"), m_look.mask().diagonal);
    check(QStringLiteral("view.text.loss"), m_text.shade() == TextShade::Loss);
}

Result<void> ViewCommands::needTrace() const
{
    if (!m_subject.trace())
        return Error{ErrorCode::Unavailable, "no trace is open", {}};
    return {};
}

void ViewCommands::bindModes()
{
    for (const auto& [name, mode] : kModes) {
        m_commands.bind(QStringLiteral("view.mode.") + QLatin1String(name),
                        [this, mode = mode](const CommandArguments&) -> Result<void> {
                            m_look.setMode(mode);
                            checkActions(); // a click on the checked one has unchecked it
                            return {};
                        });
    }
    m_commands.bind(QStringLiteral("view.mode"), [this](const CommandArguments& arguments) -> Result<void> {
        for (const auto& [name, mode] : kModes) {
            if (arguments.text("mode") == QLatin1String(name)) {
                m_look.setMode(mode);
                return {};
            }
        }
        return wrong(tr("mode=%1: expected max, count or missed").arg(arguments.text("mode")));
    });
}

void ViewCommands::bindMasks()
{
    const auto bind = [this](const char* id, bool VisualMask::*member) {
        m_commands.bind(QLatin1String(id), [this, member](const CommandArguments& arguments) -> Result<void> {
            HEADWATER_TRY_ASSIGN(const std::optional<bool> on, arguments.flag("on"));
            VisualMask mask = m_look.mask();
            mask.*member = on.value_or(!(mask.*member));
            m_look.setMask(mask);
            checkActions();
            return {};
        });
    };
    bind("view.mask.sinks", &VisualMask::sinks);
    bind("view.mask.diagonal", &VisualMask::diagonal);
}

void ViewCommands::bindTextShade()
{
    m_commands.bind(QStringLiteral("view.text.loss"),
                    [this](const CommandArguments& arguments) -> Result<void> {
                        HEADWATER_TRY_ASSIGN(const std::optional<bool> on, arguments.flag("on"));
                        const bool isLoss = on.value_or(m_text.shade() != TextShade::Loss);
                        m_text.setShade(isLoss ? TextShade::Loss : TextShade::Reads);
                        checkActions();
                        return {};
                    });
}

void ViewCommands::bindColours()
{
    for (const auto& [name, map] : kMaps) {
        m_commands.bind(QStringLiteral("view.colours.") + QLatin1String(name),
                        [this, map = map](const CommandArguments&) -> Result<void> {
                            ColourScale scale = m_look.colours();
                            scale.map = map;
                            m_look.setColours(scale);
                            checkActions();
                            return {};
                        });
    }
    m_commands.bind(QStringLiteral("view.colours"),
                    [this](const CommandArguments& arguments) -> Result<void> {
                        const QString wanted = arguments.text("map");
                        for (const auto& [name, map] : kMaps) {
                            if (wanted == QLatin1String(name))
                                return m_commands.run(QStringLiteral("view.colours.") + wanted);
                        }
                        return wrong(tr("map=%1: expected magma, viridis, cividis or greys").arg(wanted));
                    });
    m_commands.bind(QStringLiteral("view.colours.log"),
                    [this](const CommandArguments& arguments) -> Result<void> {
                        HEADWATER_TRY_ASSIGN(const std::optional<bool> on, arguments.flag("on"));
                        ColourScale scale = m_look.colours();
                        scale.logarithmic = on.value_or(!scale.logarithmic);
                        if (scale.logarithmic && scale.low <= 0)
                            scale.low = ColourScale{}.low;
                        m_look.setColours(scale);
                        checkActions();
                        return {};
                    });
    m_commands.bind(QStringLiteral("view.range.reset"), [this](const CommandArguments&) -> Result<void> {
        ColourScale scale; // with the logarithm; the colour map is another choice
        scale.map = m_look.colours().map;
        m_look.setColours(scale);
        return {};
    });
    m_commands.bind(QStringLiteral("view.range"), [this](const CommandArguments& arguments) -> Result<void> {
        ColourScale scale = m_look.colours();
        HEADWATER_TRY_ASSIGN(const std::optional<double> low, arguments.number("low", 0, 1));
        HEADWATER_TRY_ASSIGN(const std::optional<double> high, arguments.number("high", 0, 1));
        scale.low = low.value_or(scale.low);
        scale.high = high.value_or(scale.high);
        if (scale.low >= scale.high || (scale.logarithmic && scale.low <= 0))
            return wrong(tr("low=%1 high=%2: low must be below high%3")
                             .arg(scale.low)
                             .arg(scale.high)
                             .arg(scale.logarithmic ? tr(" and above 0 on a logarithmic scale") : QString()));
        m_look.setColours(scale);
        return {};
    });
}

void ViewCommands::bindZoom()
{
    const auto bind = [this](const char* id, auto move) {
        m_commands.bind(QLatin1String(id), [this, move](const CommandArguments&) -> Result<void> {
            HEADWATER_TRY(needTrace());
            move();
            return {};
        });
    };
    bind("view.zoom.in", [this] { m_map.zoomBy(kZoomStep); });
    bind("view.zoom.out", [this] { m_map.zoomBy(1 / kZoomStep); });
    bind("view.zoom.all", [this] { m_map.zoomToAll(); });
    m_commands.bind(QStringLiteral("view.zoom.lock"),
                    [this](const CommandArguments&) { return zoomToLock(); });
    m_commands.bind(QStringLiteral("view.goto"), [this](const CommandArguments& arguments) -> Result<void> {
        HEADWATER_TRY_ASSIGN(const std::optional<qint64> layer, arguments.integer("layer", 0, 1 << 20));
        HEADWATER_TRY_ASSIGN(const std::optional<qint64> head, arguments.integer("head", 0, 1 << 20));
        HEADWATER_TRY_ASSIGN(const std::optional<qint64> query, arguments.integer("query", 0, kMaxToken));
        HEADWATER_TRY_ASSIGN(const std::optional<qint64> key, arguments.integer("key", 0, kMaxToken));
        HEADWATER_TRY_ASSIGN(const std::optional<double> zoom, arguments.number("zoom", 1e-3, 1e7));
        if (arguments.isEmpty())
            return wrong(tr("give at least one of layer= head= query= key= zoom="));
        Location place;
        if (layer || head)
            place.head = HeadId{static_cast<int>(layer.value_or(m_subject.head().layer)),
                                static_cast<int>(head.value_or(m_subject.head().head))};
        if (query)
            place.query = static_cast<std::uint32_t>(*query);
        if (key)
            place.key = static_cast<std::uint32_t>(*key);
        return goTo(place, zoom.value_or(0));
    });
}

Result<void> ViewCommands::zoomToLock()
{
    HEADWATER_TRY(needTrace());
    const TokenPair locked = m_subject.locked();
    if (!locked.query && !locked.key)
        return Error{ErrorCode::Unavailable, "nothing is locked: click a cell first", {}};
    m_map.zoomToBlock(locked);
    return {};
}

Result<void> ViewCommands::goTo(const Location& place, double tokensPerPixel)
{
    HEADWATER_TRY(needTrace());
    const Trace& trace = *m_subject.trace();
    if (place.head && !trace.findHead(place.head->layer, place.head->head))
        return wrong(tr("L%1 H%2 is not in this trace").arg(place.head->layer).arg(place.head->head));
    for (const std::optional<std::uint32_t>& token : {place.query, place.key}) {
        if (token && *token >= trace.seqLen())
            return wrong(tr("token %1 is beyond the text, which has %2").arg(*token).arg(trace.seqLen()));
    }
    if (place.query && place.key && *place.key > *place.query)
        return wrong(
            tr("a query cannot read its future: key %1 is after query %2").arg(*place.key).arg(*place.query));
    if (place.head)
        m_subject.setHead(*place.head);
    TokenPair pair = m_subject.locked();
    if (place.query)
        pair = withQuery(pair, *place.query);
    if (place.key)
        pair = withKey(pair, *place.key);
    if (place.query || place.key)
        m_subject.setLocked(pair);
    const std::optional<double> scale = tokensPerPixel > 0 ? std::optional(tokensPerPixel) : std::nullopt;
    if (!place.query && !place.key && !pair.query && !pair.key && scale)
        m_map.zoomTo(*scale);
    else if (place.query || place.key || scale)
        m_map.bringIntoView({place.query || !place.key ? pair.query : std::nullopt, pair.key}, scale);
    return {};
}

} // namespace headwater
