// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/find_commands.h"

#include "core/base/text.h"
#include "ui/main/command_box.h"
#include "ui/main/command_table.h"
#include "ui/main/error_reports.h"
#include "ui/main/find_session.h"
#include "ui/main/pages.h"
#include "ui/main/workspaces.h"
#include "ui/state/subject.h"
#include "ui/theme/fonts.h"
#include "ui/theme/quoted_text.h"

#include <QAction>

namespace headwater {

namespace {

constexpr int kQuoted = 80; ///< characters of a text that a message repeats

} // namespace

FindCommands::FindCommands(const Shell& shell, Pages& pages, Workspaces& workspaces, CommandBox& box,
                           QObject* parent)
    : QObject(parent)
    , m_shell(shell)
    , m_pages(pages)
    , m_workspaces(workspaces)
    , m_box(box)
{
    bind();
    wire();
}

Result<void> FindCommands::findText(const CommandArguments& arguments)
{
    std::optional<LetterCase> letterCase;
    if (arguments.has("case")) {
        const QString wanted = arguments.text("case");
        if (wanted == QLatin1String("ignore"))
            letterCase = LetterCase::Ignored;
        else if (wanted == QLatin1String("match"))
            letterCase = LetterCase::Matched;
        else if (wanted == QLatin1String("smart"))
            letterCase = LetterCase::Smart;
        else
            return Error{ErrorCode::InvalidArgument,
                         tr("case=%1: expected ignore, match or smart").arg(wanted).toStdString(),
                         {}};
    }
    m_shell.find.search(m_shell.subject.trace(), arguments.text("text"), letterCase);
    return {};
}

QString FindCommands::caseWords() const
{
    return m_shell.find.isCaseIgnored() ? tr("case ignored") : tr("case matched");
}

MessageAction FindCommands::caseAction()
{
    const bool isIgnored = m_shell.find.isCaseIgnored();
    return {QStringLiteral("find_case"), isIgnored ? tr("Match case") : tr("Ignore case"),
            [this, isIgnored] { setMatchesCase(isIgnored); }};
}

void FindCommands::setMatchesCase(bool matches)
{
    m_shell.find.setMatchesCase(matches);
    m_box.setMatchesCase(matches);
    m_shell.commands.action(QStringLiteral("find.case"))->setChecked(matches);
    if (m_shell.subject.trace() && !m_shell.find.wanted().isEmpty())
        m_shell.find.search(m_shell.subject.trace(),
                            QString(m_shell.find.wanted())); // what is marked is what the switch says
}

Result<void> FindCommands::stepHits(int direction)
{
    if (m_shell.find.hits().empty())
        return unavailable(tr("nothing was searched for, or not found"));
    m_pages.showWorkspace();
    m_shell.find.step(direction);
    const auto number = [](std::size_t value) { return QString::fromStdString(withThousands(value)); };
    m_shell.messages.say(
        MessageBar::Kind::Notice,
        tr("“%1”: hit %2 of %3%4, %5")
            .arg(isolated(tokenLabel(m_shell.find.text().toStdString(), kQuoted)),
                 number(m_shell.find.current().value_or(0) + 1), number(m_shell.find.hits().size()),
                 m_shell.find.isCut() ? tr(" (and more)") : QString(), caseWords()),
        {commandAction(m_shell.commands, QStringLiteral("find.next"), tr("Next")),
         commandAction(m_shell.commands, QStringLiteral("find.lock"), tr("Lock as key")), caseAction(),
         commandAction(m_shell.commands, QStringLiteral("find.clear"), tr("Clear"))},
        QStringLiteral("find"));
    return {};
}

void FindCommands::bind()
{
    m_shell.commands.bind(QStringLiteral("find.text"),
                          [this](const CommandArguments& arguments) -> Result<void> {
                              if (!m_shell.subject.trace())
                                  return unavailable(tr("no trace is open"));
                              if (arguments.has("text"))
                                  return findText(arguments);
                              m_box.openFor(CommandBox::Prefer::Text);
                              return {};
                          });
    m_shell.commands.bind(QStringLiteral("find.next"),
                          [this](const CommandArguments&) { return stepHits(1); });
    m_shell.commands.bind(QStringLiteral("find.previous"),
                          [this](const CommandArguments&) { return stepHits(-1); });
    m_shell.commands.bind(QStringLiteral("find.lock"), [this](const CommandArguments&) -> Result<void> {
        if (!m_shell.find.current())
            return unavailable(tr("nothing was searched for, or not found"));
        m_pages.showWorkspace();
        return m_workspaces.current().goTo({{}, {}, m_shell.find.hits()[*m_shell.find.current()].begin});
    });
    m_shell.commands.bind(QStringLiteral("find.case"),
                          [this](const CommandArguments& arguments) -> Result<void> {
                              HEADWATER_TRY_ASSIGN(const std::optional<bool> on, arguments.flag("on"));
                              setMatchesCase(on.value_or(!m_shell.find.matchesCase()));
                              return {};
                          });
    m_shell.commands.bind(QStringLiteral("find.clear"), [this](const CommandArguments&) -> Result<void> {
        m_shell.find.clear();
        m_shell.messages.clear(QStringLiteral("find"));
        return {};
    });
}

void FindCommands::wire()
{
    connect(&m_shell.find, &FindSession::findHitsChanged, this,
            [this] { m_box.setSearched(m_shell.find.text()); });
    connect(&m_shell.find, &FindSession::finished, this, [this] {
        if (m_shell.find.hits().empty())
            m_shell.messages.say(
                MessageBar::Kind::Notice,
                tr("“%1” is not in the text, %2.")
                    .arg(isolated(tokenLabel(m_shell.find.text().toStdString(), kQuoted)), caseWords()),
                m_shell.find.isCaseIgnored() ? std::vector<MessageAction>{}
                                             : std::vector<MessageAction>{caseAction()},
                QStringLiteral("find"));
        else
            m_shell.commands.action(QStringLiteral("find.next"))->trigger();
    });
    connect(&m_box, &CommandBox::textChosen, this, [this](const QString& text, bool matchesCase) {
        // Enter on the same text again goes on, as F3 does.
        if (text == m_shell.find.text() && !m_shell.find.hits().empty()
            && matchesCase != m_shell.find.isCaseIgnored())
            m_shell.commands.action(QStringLiteral("find.next"))->trigger();
        else if (m_shell.subject.trace())
            m_shell.find.search(m_shell.subject.trace(), text,
                                matchesCase ? LetterCase::Matched : LetterCase::Ignored);
    });
}

} // namespace headwater
