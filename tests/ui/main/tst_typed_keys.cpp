// SPDX-License-Identifier: GPL-3.0-or-later
// What is typed into a text field is its own, whatever the keyboard; what acts on the map needs the map.
#include "ui/main/made_windows.h"
#include "ui/main/text_fields.h"

#include "ui/heads/head_panel.h"
#include "ui/map/map_pane.h"
#include "ui/map/map_view.h"

#include <QKeyEvent>
#include <QPushButton>
#include <QTest>

using namespace headwater;
using namespace headwater::testing;

namespace {

struct Press {
    const char* name;
    Qt::KeyboardModifiers modifiers;
};

/// As the platforms tell a character that is typed: AltGr is GroupSwitch on X11, Ctrl and Alt elsewhere; a
/// keypad says so, with Shift too.
constexpr Press kTyping[] = {
    {"plain", Qt::NoModifier},
    {"shift", Qt::ShiftModifier},
    {"AltGr of X11", Qt::GroupSwitchModifier},
    {"shift and AltGr of X11", Qt::ShiftModifier | Qt::GroupSwitchModifier},
    {"AltGr as Ctrl and Alt", Qt::ControlModifier | Qt::AltModifier},
    {"shift and AltGr as Ctrl and Alt", Qt::ShiftModifier | Qt::ControlModifier | Qt::AltModifier},
    {"keypad", Qt::KeypadModifier},
    {"keypad with shift", Qt::ShiftModifier | Qt::KeypadModifier},
    {"keypad on another level", Qt::GroupSwitchModifier | Qt::KeypadModifier},
};

/// Whether what has the keyboard keeps a press from the commands of its window.
bool isKept(QWidget& field, int key, Qt::KeyboardModifiers modifiers, const QString& text)
{
    QKeyEvent press(QEvent::ShortcutOverride, key, modifiers, text);
    press.ignore();
    QApplication::sendEvent(&field, &press);
    return press.isAccepted();
}

} // namespace

class TestTypedKeys : public MadeWindows {
    Q_OBJECT

    /// A window with a trace on one of its pages, and how many of its fields are there.
    std::unique_ptr<MainWindow> windowAt(const QString& page)
    {
        auto window = openWindow();
        if (window && page == "form" && runScript(*window, {"run.new text=prompt"}) != 0)
            return nullptr;
        if (window && page == "map")
            window->findChild<HeadPanel*>()->showFilterBar(true);
        return window;
    }

private slots:
    void initTestCase() { QVERIFY(prepare()); }

    void characters_areTheFieldsOwn_data()
    {
        QTest::addColumn<QString>("page");
        QTest::addColumn<Qt::KeyboardModifiers>("modifiers");
        for (const char* page : {"map", "form"})
            for (const Press& press : kTyping)
                QTest::addRow("%s, %s", page, press.name) << QString(page) << press.modifiers;
    }

    void characters_areTheFieldsOwn()
    {
        QFETCH(QString, page);
        QFETCH(Qt::KeyboardModifiers, modifiers);
        const auto window = windowAt(page);
        QVERIFY(window);
        const QList<QWidget*> fields = textFieldsOf(*window);
        QVERIFY2(fields.size() >= (page == "form" ? 6 : 5), qPrintable(QString::number(fields.size())));
        const QStringList keys = characterKeysOf(window->commands());
        QVERIFY(keys.size() >= 13);
        for (QWidget* const field : fields) {
            for (const QString& key : keys + QStringList{"@", "€", "ß", "ы", "\u4e2d"})
                QVERIFY2(isKept(*field, key.toUpper().at(0).unicode(), modifiers, key),
                         qPrintable(field->objectName() + " lost " + key));
        }
    }

    void commands_workWhileTyping_data()
    {
        QTest::addColumn<int>("key");
        QTest::addColumn<Qt::KeyboardModifiers>("modifiers");
        QTest::addColumn<QString>("text");
        const auto none = QString();
        QTest::newRow("find") << int(Qt::Key_F) << Qt::KeyboardModifiers(Qt::ControlModifier) << "\x06";
        QTest::newRow("palette") << int(Qt::Key_P) << (Qt::ControlModifier | Qt::ShiftModifier) << "\x10";
        QTest::newRow("cancel") << int(Qt::Key_Period) << Qt::KeyboardModifiers(Qt::ControlModifier) << ".";
        QTest::newRow("mode") << int(Qt::Key_1) << Qt::KeyboardModifiers(Qt::AltModifier) << "1";
        QTest::newRow("help") << int(Qt::Key_F1) << Qt::KeyboardModifiers() << none;
        QTest::newRow("a key of the desktop's")
            << int(Qt::Key_S) << Qt::KeyboardModifiers(Qt::MetaModifier) << "s";
    }

    void commands_workWhileTyping()
    {
        QFETCH(int, key);
        QFETCH(Qt::KeyboardModifiers, modifiers);
        QFETCH(QString, text);
        const auto window = windowAt("form");
        QVERIFY(window);
        for (QWidget* const field : textFieldsOf(*window))
            QVERIFY2(!isKept(*field, key, modifiers, text), qPrintable(field->objectName()));
    }

    void escape_inAField_givesUpWhatWasTyped_andLeavesTheMap()
    {
        const auto window = windowAt("map");
        QVERIFY(window);
        QCOMPARE(runScript(*window, {"select.lock query=500 key=212"}), 0);
        for (QWidget* const field : textFieldsOf(*window))
            QVERIFY2(isKept(*field, Qt::Key_Escape, Qt::NoModifier, "\x1b"), qPrintable(field->objectName()));
        for (const char* name : {"colourLow", "colourHigh"}) {
            auto* const limit = window->findChild<QLineEdit*>(name);
            const QString before = limit->text();
            limit->setFocus();
            limit->clear();
            QTest::keyClicks(limit, "[0,5");
            QTest::keyClick(limit, Qt::Key_Escape);
            QCOMPARE(limit->text(), before);
            QVERIFY(!limit->property("invalid").toBool());
            QVERIFY(window->subject().locked() == (TokenPair{500U, 212U}));
        }
        QVERIFY(!isKept(*exploreOf(*window).map()->view(), Qt::Key_Escape, Qt::NoModifier,
                        "\x1b")); // there it unlocks
    }

    void whatIsNoTextField_leavesTheKeysToTheCommands()
    {
        const auto window = windowAt("map");
        QVERIFY(window);
        auto* const low = window->findChild<QLineEdit*>("colourLow");
        low->setReadOnly(true);
        const QList<QWidget*> others{exploreOf(*window).map()->view(),
                                     low,
                                     window->findChild<HeadGrid*>(),
                                     window->findChild<QWidget*>("readsTable"),
                                     window->findChild<QWidget*>("prose"),
                                     window->findChild<QPushButton*>("colourFit"),
                                     window->findChild<QComboBox*>("headOrder")};
        for (QWidget* const other : others) {
            QVERIFY(other);
            for (const Press& press : kTyping)
                QVERIFY2(!isKept(*other, Qt::Key_BracketLeft, press.modifiers, "["),
                         qPrintable(other->objectName()));
        }
    }

    void mapThatIsAway_isNotActedOn_data()
    {
        QTest::addColumn<QString>("focus");
        for (const char* focus : {"run_close", "run_select", "run_check", "run_model_browse"})
            QTest::newRow(focus) << QString(focus);
    }

    void mapThatIsAway_isNotActedOn()
    {
        QFETCH(QString, focus);
        const auto window = windowAt("map");
        QVERIFY(window);
        QCOMPARE(runScript(*window, {"view.goto layer=0 head=1 query=500 key=300 zoom=0.5", "run.new"}), 0);
        auto* const holder = window->findChild<QWidget*>(focus);
        holder->setFocus();
        const ViewSnapshot before = snapshotOf(exploreOf(*window).view());
        QStringList keys = characterKeysOf(window->commands());
        keys.append(
            {"Alt+1", "Alt+2", "Alt+3", "Ctrl+Z", "Ctrl+Shift+Z", "Alt+Left", "Esc"}); // Esc goes back
        for (const QString& name : keys) {
            const QKeyCombination key = QKeySequence::fromString(name, QKeySequence::PortableText)[0];
            QTest::keyClick(holder, key.key(), key.keyboardModifiers());
            QVERIFY2(snapshotOf(exploreOf(*window).view()) == before, qPrintable(name));
        }
        // Back on the map they act again.
        QVERIFY(exploreOf(*window).map()->isVisible());
        QTest::keyClick(exploreOf(*window).map()->view(), Qt::Key_S);
        QVERIFY(exploreOf(*window).mapLook().mask().sinks);
    }

    void whatLeadsToAPlace_bringsTheMapBack()
    {
        const auto window = windowAt("form");
        QVERIFY(window);
        QVERIFY(!exploreOf(*window).map()->isVisible());
        QCOMPARE(runScript(*window, {"find.text text=7421"}), 0);
        QVERIFY(exploreOf(*window).map()->isVisible());
        QCOMPARE(runScript(*window, {"run.new"}), 0);
        QTest::keyClick(window.get(), Qt::Key_F3);
        QVERIFY(exploreOf(*window).map()->isVisible());
    }

    void noTrace_noCommandOfTheMap()
    {
        const auto window = makeWindow();
        const ViewSnapshot before = snapshotOf(exploreOf(*window).view());
        for (const QString& key : characterKeysOf(window->commands()))
            QTest::keyClick(window.get(), static_cast<Qt::Key>(key.at(0).unicode()));
        QVERIFY(snapshotOf(exploreOf(*window).view()) == before);
    }
};

QTEST_MAIN(TestTypedKeys)
#include "tst_typed_keys.moc"
