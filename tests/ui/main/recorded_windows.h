// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/main/made_windows.h"
#include "ui/map/map_pane.h"
#include "ui/map/map_view.h"
#include "ui/map/tooltip_card.h"

#include <QProcess>
#include <QTest>
#include <memory>

namespace headwater::testing {

/// Windows on traces that the real command line has recorded, with the real engine behind them. The target
/// defines HEADWATER_PROGRAM.
class RecordedWindows : public MadeWindows {
protected:
    /// Its path, empty where the run failed. Tokens of the built-in model: 43 a repeat.
    QString record(const QString& name, const QStringList& options, int repeats = 30)
    {
        const QString path = m_folder.filePath(name);
        const QString text =
            QString("The wind is mild. @abc=77 The sea is low. ").repeated(repeats) + "@abc=";
        QProcess run;
        run.start(HEADWATER_PROGRAM,
                  QStringList{"run", "--model", "builtin:needle", "--text", text, "-o", path} + options);
        return run.waitForFinished(headwater::test::kPatienceMs) && run.exitCode() == 0 ? path : QString();
    }

    std::unique_ptr<MainWindow> open(const QString& trace, const QString& engine = HEADWATER_PROGRAM)
    {
        WindowOptions options = optionsOf(engine);
        options.engineArguments = {"serve"};
        auto window = std::make_unique<MainWindow>(options);
        window->resize(1366, 768);
        window->show();
        return runScript(*window, {"file.open path='" + trace + "'"}) == 0 ? std::move(window) : nullptr;
    }

    /// Puts the hand there, again where something that appeared or went took it away, until the card speaks.
    static void hover(MapPane* pane, const QPoint& place, const TooltipCard* card)
    {
        for (int attempt = 0; attempt < 50; ++attempt) {
            QTest::mouseMove(pane, QPoint(3, 3));
            QTest::mouseMove(pane->view(), place);
            if (QTest::qWaitFor([card] { return !card->content().value.isEmpty(); }, 200))
                return;
        }
    }
};

} // namespace headwater::testing
