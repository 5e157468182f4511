// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/place_commands.h"

#include "ui/main/command_table.h"
#include "ui/main/error_reports.h"
#include "ui/main/history.h"
#include "ui/main/pages.h"
#include "ui/main/workspaces.h"
#include "ui/state/subject.h"
#include "ui/verdict/verdict_text.h"

#include <algorithm>
#include <limits>

namespace headwater {

namespace {

constexpr qint64 kMaxToken = std::numeric_limits<std::int32_t>::max();

Error wrongPlace(const QString& message)
{
    return Error{ErrorCode::InvalidArgument, message.toStdString(), {}};
}

} // namespace

PlaceCommands::PlaceCommands(const Shell& shell, Pages& pages, Workspaces& workspaces, QObject* parent)
    : QObject(parent)
    , m_shell(shell)
    , m_pages(pages)
    , m_workspaces(workspaces)
{
    bindHistory();
    bindSelection();
}

void PlaceCommands::bindHistory()
{
    const auto bind = [this](const char* id, void (History::*act)()) {
        m_shell.commands.bind(QLatin1String(id), [this, act](const CommandArguments&) -> Result<void> {
            (m_workspaces.current().history().*act)();
            return {};
        });
    };
    bind("edit.undo", &History::undo);
    bind("edit.redo", &History::redo);
    bind("go.back", &History::goBack);
    bind("go.forward", &History::goForward);
    m_shell.commands.bind(QStringLiteral("go.answer"),
                          [this](const CommandArguments&) { return goToAnswer(); });
}

void PlaceCommands::goTo(const Location& place)
{
    m_pages.showWorkspace();
    if (const Result<void> shown = m_workspaces.current().goTo(place); !shown)
        m_shell.errors.show(shown.error());
    else
        emit m_shell.commands.succeeded(QStringLiteral("view.goto"));
}

Result<void> PlaceCommands::goToAnswer()
{
    if (!m_shell.subject.trace())
        return unavailable(tr("no trace is open"));
    const std::optional<Location> place = answerPlaceOf(*m_shell.subject.trace());
    if (!place)
        return unavailable(tr("this trace does not say where an answer was read"));
    m_pages.showWorkspace();
    return m_workspaces.current().goTo(*place);
}

void PlaceCommands::bindSelection()
{
    const auto step = [this](const char* id, int layers, int heads) {
        m_shell.commands.bind(QLatin1String(id), [this, layers, heads](const CommandArguments&) {
            return stepHead(layers, heads);
        });
    };
    step("select.head.next", 0, 1);
    step("select.head.previous", 0, -1);
    step("select.layer.next", 1, 0);
    step("select.layer.previous", -1, 0);
    m_shell.commands.bind(
        QStringLiteral("select.head"), [this](const CommandArguments& arguments) -> Result<void> {
            HEADWATER_TRY_ASSIGN(const std::optional<qint64> layer, arguments.integer("layer", 0, 1 << 20));
            HEADWATER_TRY_ASSIGN(const std::optional<qint64> head, arguments.integer("head", 0, 1 << 20));
            if (!layer || !head)
                return wrongPlace(tr("layer= and head= are needed (or type L12H5)"));
            return m_workspaces.current().goTo(
                {HeadId{static_cast<int>(*layer), static_cast<int>(*head)}, {}, {}});
        });
    m_shell.commands.bind(
        QStringLiteral("select.lock"), [this](const CommandArguments& arguments) -> Result<void> {
            HEADWATER_TRY_ASSIGN(const std::optional<qint64> query, arguments.integer("query", 0, kMaxToken));
            HEADWATER_TRY_ASSIGN(const std::optional<qint64> key, arguments.integer("key", 0, kMaxToken));
            if (!query && !key)
                return wrongPlace(tr("query= or key= is needed (or type q7941 k2012)"));
            Location place;
            if (query)
                place.query = static_cast<std::uint32_t>(*query);
            if (key)
                place.key = static_cast<std::uint32_t>(*key);
            return m_workspaces.current().goTo(place);
        });
    m_shell.commands.bind(QStringLiteral("select.clear"), [this](const CommandArguments&) -> Result<void> {
        m_shell.subject.setLocked({});
        return {};
    });
}

Result<void> PlaceCommands::stepHead(int layers, int heads)
{
    if (!m_shell.subject.trace())
        return unavailable(tr("no trace is open"));
    const Trace& trace = *m_shell.subject.trace();
    HeadId next = m_shell.subject.head();
    next.layer += layers;
    next.head += heads;
    if (next.layer < 0 || next.layer >= trace.numLayers())
        return {};
    if (heads != 0 && next.head >= trace.numHeads(next.layer))
        next = {next.layer + 1, 0}; // reading order: the next layer begins where this one ends
    else if (heads != 0 && next.head < 0 && next.layer > 0)
        next = {next.layer - 1, trace.numHeads(next.layer - 1) - 1};
    else if (layers != 0)
        next.head = std::min(next.head, trace.numHeads(next.layer) - 1);
    if (trace.findHead(next.layer, next.head))
        m_shell.subject.setHead(next);
    return {};
}

} // namespace headwater
