// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/explore/exact_commands.h"

#include "ui/bridge/engine_client.h"
#include "ui/bridge/trace_session.h"
#include "ui/main/command_table.h"
#include "ui/main/error_reports.h"
#include "ui/map/exact_offer.h"
#include "ui/map/map_pane.h"
#include "ui/run/model_browser.h"
#include "ui/run/run_page.h"
#include "ui/state/subject.h"

#include <QAction>

namespace headwater {

ExactCommands::ExactCommands(const Shell& shell, MapPane& map, QObject* parent)
    : QObject(parent)
    , m_shell(shell)
    , m_map(map)
{
    bind();
}

void ExactCommands::bind()
{
    ExactOffer* const offer = m_map.exactOffer();
    m_shell.commands.bind(QStringLiteral("view.exact"),
                          [offer](const CommandArguments&) { return offer->compute(); });
    m_shell.commands.bind(QStringLiteral("view.exact.head"),
                          [offer](const CommandArguments&) { return offer->computeWhole(); });
    m_shell.commands.bind(QStringLiteral("view.exact.close"),
                          [this](const CommandArguments&) -> Result<void> {
                              if (m_shell.session.state() != TraceSession::State::Open)
                                  return unavailable(tr("no session is open"));
                              m_shell.session.close();
                              return {};
                          });
    m_shell.commands.bind(
        QStringLiteral("view.exact.model"), [this, offer](const CommandArguments& arguments) -> Result<void> {
            if (!m_shell.subject.trace())
                return unavailable(tr("no trace is open"));
            const auto openWith = [this, offer](const QString& model) -> Result<void> {
                m_shell.session.setModel(model);
                if (m_map.tiles()->pairsOnScreen())
                    return offer->compute();
                m_shell.session.open();
                return {};
            };
            if (const QString path = arguments.text("path"); !path.isEmpty())
                return openWith(path);
            auto* const browser =
                new ModelBrowser(tr("The model that made this trace"), m_shell.engine.program(),
                                 m_shell.form.recentModels(), &m_map);
            browser->setAttribute(Qt::WA_DeleteOnClose);
            connect(browser, &ModelBrowser::chosen, this, [this, openWith](const QString& model) {
                if (const Result<void> opened = openWith(model); !opened)
                    m_shell.errors.show(opened.error());
            });
            browser->open();
            return {};
        });
    connect(offer, &ExactOffer::modelWanted, m_shell.commands.action(QStringLiteral("view.exact.model")),
            &QAction::trigger);
    connect(offer, &ExactOffer::traceWanted, m_shell.commands.action(QStringLiteral("file.open")),
            &QAction::trigger);
}

} // namespace headwater
