// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/command_table.h"

#include "ui/explore/explore_workspace.h"
#include "ui/main/command_box.h"
#include "ui/theme/fonts.h"

#include <QAction>
#include <QKeySequence>
#include <QListWidget>
#include <QMenu>
#include <QSet>
#include <QSignalSpy>
#include <QTest>

using namespace headwater;

namespace {

bool isSeparator(const CommandSpec& spec)
{
    return spec.id == "-";
}

void collect(const QMenu* menu, QSet<QString>& ids)
{
    for (const QAction* const action : menu->actions()) {
        if (action->menu())
            collect(action->menu(), ids);
        else if (!action->isSeparator())
            ids.insert(action->objectName());
    }
}

/// Those of the window with its panels.
std::vector<CommandSpec> allCommands()
{
    return commandsWith({exploreWorkspace()});
}

} // namespace

class TestCommandTable : public QObject {
    Q_OBJECT

private slots:
    void specs_areUniqueAndComplete()
    {
        QSet<QString> ids;
        QMap<QString, QString> shortcuts;
        for (const CommandSpec& spec : commandsWith({exploreWorkspace()})) {
            if (isSeparator(spec))
                continue;
            QVERIFY2(!ids.contains(spec.id), qPrintable(spec.id));
            ids.insert(spec.id);
            QVERIFY2(!spec.text.isEmpty() && !spec.help.isEmpty(), qPrintable(spec.id));
            QVERIFY2(spec.id.contains('.'), qPrintable(spec.id));
            for (const QString& shortcut : spec.shortcut.split("; ", Qt::SkipEmptyParts)) {
                QVERIFY2(!QKeySequence::fromString(shortcut, QKeySequence::PortableText).isEmpty(),
                         qPrintable(shortcut));
                QVERIFY2(!shortcuts.contains(shortcut),
                         qPrintable(spec.id + " and " + shortcuts.value(shortcut)));
                shortcuts.insert(shortcut, spec.id);
            }
        }
    }

    void menus_holdEveryCommandThatNamesOne()
    {
        QWidget window;
        const CommandTable table(allCommands(), &window);
        QMenu root;
        table.fillMenus(&root);
        QSet<QString> inMenus;
        collect(&root, inMenus);
        for (const CommandSpec& spec : allCommands()) {
            if (!isSeparator(spec))
                QCOMPARE(inMenus.contains(spec.id), !spec.menu.isEmpty());
        }
    }

    void palette_offersEveryCommandThatIsForPeople_withItsShortcut()
    {
        QWidget window;
        CommandTable table(allCommands(), &window);
        CommandBox box(table, &window, &window);
        box.openFor(CommandBox::Prefer::Commands);
        QSet<QString> offered;
        for (const CommandBox::Offer& offer : box.offersFor(QString()))
            offered.insert(offer.id);
        QStringList hidden;
        for (const CommandSpec& spec : allCommands()) {
            if (isSeparator(spec))
                continue;
            if (spec.palette == CommandSpec::Palette::ScriptsOnly) {
                hidden.append(spec.id);
                QVERIFY2(!offered.contains(spec.id), qPrintable(spec.id));
                for (const CommandBox::Offer& offer : box.offersFor(spec.id))
                    QVERIFY2(offer.id != spec.id, qPrintable(spec.id));
                continue;
            }
            QVERIFY2(offered.contains(spec.id), qPrintable(spec.id));
            const auto typed = box.offersFor(spec.text);
            QVERIFY2(!typed.empty() && typed.front().id == spec.id, qPrintable(spec.id));
            const QString keys = table.action(spec.id)->shortcut().toString(QKeySequence::NativeText);
            if (!keys.isEmpty())
                QCOMPARE(typed.front().hint, keys);
        }
        for (const std::vector<PanelSpec> panels = exploreWorkspace().panels; const PanelSpec& panel : panels)
            QVERIFY2(offered.contains("view.panel." + panel.id), qPrintable(panel.id));
        QCOMPARE(hidden, QStringList({"view.wait", "run.wait", "diag.watchdog"}));
    }

    void palette_ofANarrowBox_showsWhatWillBeDone()
    {
        QWidget window;
        window.resize(1024, 700);
        CommandTable table(commandsWith({exploreWorkspace()}), &window);
        CommandBox box(table, &window, &window);
        window.show();
        box.setGeometry(822, 7, 190, 30); // at the right edge, as in the top bar
        box.openFor(CommandBox::Prefer::Text);
        QTest::keyClicks(&box, "where Marta slept");
        const QRect list = box.list()->geometry();
        QVERIFY(window.rect().contains(list));
        QCOMPARE(list.right(), box.geometry().right());
        const CommandBox::Offer offer = box.offersFor(box.text()).front();
        QVERIFY2(list.width() >= QFontMetrics(wordsFont(13)).horizontalAdvance(offer.text)
                         + QFontMetrics(tokensFont(11)).horizontalAdvance(offer.hint) + 36,
                 qPrintable(QString::number(list.width())));
        window.resize(300, 300); // and never more than there is
        box.setGeometry(100, 7, 190, 30);
        box.openFor(CommandBox::Prefer::Text);
        QVERIFY(window.rect().contains(box.list()->geometry()));
    }

    void palette_afterASearch_offersTheCommands()
    {
        QWidget window;
        CommandTable table(commandsWith({exploreWorkspace()}), &window);
        CommandBox box(table, &window, &window);
        window.show();
        box.setSearched("gauge house 7");
        QCOMPARE(box.text(), QString("gauge house 7"));
        box.openFor(CommandBox::Prefer::Commands);
        QVERIFY2(box.list()->count() > 20, qPrintable(QString::number(box.list()->count())));
        QTest::keyClick(&box, Qt::Key_Escape);
        QCOMPARE(box.text(), QString("gauge house 7")); // the search goes on
        box.openFor(CommandBox::Prefer::Text);
        QCOMPARE(box.selectedText(), QString("gauge house 7"));
    }

    void palette_asksForTheArguments()
    {
        QWidget window;
        CommandTable table(commandsWith({exploreWorkspace()}), &window);
        QString layer;
        table.bind("select.head", [&layer](const CommandArguments& arguments) -> Result<void> {
            layer = arguments.text("layer") + "/" + arguments.text("head");
            return {};
        });
        CommandBox box(table, &window, &window);
        window.show();
        for (const CommandSpec& spec : commandsWith({exploreWorkspace()})) {
            if (spec.palette != CommandSpec::Palette::AsksArguments)
                continue;
            box.openFor(CommandBox::Prefer::Commands);
            box.setText(spec.text);
            emit box.textEdited(spec.text);
            QTest::keyClick(&box, Qt::Key_Return);
            QCOMPARE(box.text(), spec.id + " " + spec.parameters.front() + "=");
            QVERIFY2(layer.isEmpty(), qPrintable(spec.id)); // nothing has run yet
        }
        box.clear();
        QTest::keyClicks(&box, "select.head layer=3 head=1");
        QTest::keyClick(&box, Qt::Key_Return);
        QCOMPARE(layer, QString("3/1"));
    }

    void palette_whatCannotBeDoneNow_isDimAndDoesNothing()
    {
        QWidget window;
        CommandTable table({{"a.b", "Apple", "help", {}, {}, {}}}, &window);
        int calls = 0;
        table.bind("a.b", [&calls](const CommandArguments&) -> Result<void> {
            ++calls;
            return {};
        });
        table.action("a.b")->setEnabled(false);
        CommandBox box(table, &window, &window);
        window.show();
        box.openFor(CommandBox::Prefer::Commands);
        QTest::keyClicks(&box, "Apple");
        QCOMPARE(box.offersFor("Apple").front().hint, QString("not now"));
        QCOMPARE(box.offersFor("a.b").front().hint, QString("not now")); // typed whole, too
        QVERIFY(!box.offersFor("a.b").front().enabled);
        QTest::keyClick(&box, Qt::Key_Return);
        QCOMPARE(calls, 0);
        QVERIFY(box.list()->isVisible());
        table.action("a.b")->setEnabled(true);
        QTest::keyClick(&box, Qt::Key_Backspace);
        QTest::keyClick(&box, Qt::Key_Return);
        QCOMPARE(calls, 1);
    }

    void box_readsPlacesTextsAndWholeCommands()
    {
        QWidget window;
        CommandTable table(commandsWith({exploreWorkspace()}), &window);
        CommandBox box(table, &window, &window);
        using Kind = CommandBox::Offer::Kind;
        QCOMPARE(box.offersFor("L12H5").front().kind, Kind::Place);
        QCOMPARE(box.offersFor("7 941").front().kind, Kind::Place);
        QCOMPARE(box.offersFor("magic number").front().kind, Kind::Text);
        const auto whole = box.offersFor("view.goto layer=3 head=1").front();
        QCOMPARE(whole.kind, Kind::Command);
        QCOMPARE(whole.arguments.text("layer"), QString("3"));
    }

    void run_checksNamesAndParameters()
    {
        QWidget window;
        CommandTable table({{"a.b", "A", "help", {}, {}, {"x"}, false}}, &window);
        int calls = 0;
        QVERIFY(!table.run("a.b")); // no handler yet
        table.bind("a.b", [&](const CommandArguments&) -> Result<void> {
            ++calls;
            return {};
        });
        QVERIFY(table.run("a.b").has_value());
        QVERIFY(table.run("a.b", CommandArguments({{"x", "1"}})).has_value());
        const auto unknown = table.run("a.b", CommandArguments({{"y", "1"}}));
        QVERIFY(!unknown);
        QCOMPARE(unknown.error().code, ErrorCode::InvalidArgument);
        QCOMPARE(unknown.error().context, std::string("a.b"));
        QVERIFY(!table.run("nothing"));
        QCOMPARE(calls, 2);
    }

    void action_failure_isTold()
    {
        QWidget window;
        CommandTable table({{"a.b", "A", "help", {}, {}, {}, false}}, &window);
        table.bind("a.b", [](const CommandArguments&) -> Result<void> {
            return Error{ErrorCode::Unavailable, "not now", {}};
        });
        QSignalSpy failed(&table, &CommandTable::failed);
        table.action("a.b")->trigger();
        QCOMPARE(failed.size(), 1);
    }

    void listing_hasEveryCommandOnALine()
    {
        const QStringList lines =
            CommandTable::listing(commandsWith({exploreWorkspace()})).split('\n', Qt::SkipEmptyParts);
        qsizetype commands = 0;
        for (const CommandSpec& spec : commandsWith({exploreWorkspace()}))
            commands += isSeparator(spec) ? 0 : 1;
        QCOMPARE(lines.size(), commands);
        QVERIFY(lines.filter(QRegularExpression("^view\\.goto layer= head= query= key= zoom= ")).size() == 1);
    }
};

QTEST_MAIN(TestCommandTable)
#include "tst_command_table.moc"
