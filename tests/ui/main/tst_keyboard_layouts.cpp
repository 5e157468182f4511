// SPDX-License-Identifier: GPL-3.0-or-later
// The keyboards of many countries on a real X server: presses travel as those of fingers do, through the
// server's layout and Qt's platform plugin.
#include "ui/main/made_windows.h"
#include "ui/main/text_fields.h"
#include "ui/main/x_keyboard.h"

#include "ui/heads/head_panel.h"
#include "ui/map/map_pane.h"
#include "ui/map/map_view.h"

#include <QPushButton>
#include <QTest>

using namespace headwater;
using namespace headwater::testing;

class TestKeyboardLayouts : public MadeWindows {
    Q_OBJECT

    XKeyboard m_keyboard;
    std::unique_ptr<MainWindow> m_window;
    QStringList m_run; ///< commands that have run by themselves

    std::unique_ptr<MainWindow> activeWindow()
    {
        auto window = openWindow();
        if (!window)
            return nullptr;
        window->findChild<HeadPanel*>()->showFilterBar(true);
        window->activateWindow();
        if (!QTest::qWaitForWindowActive(window.get(), headwater::test::kPatienceMs))
            return nullptr;
        for (const CommandSpec& spec : window->commands().specs()) {
            if (spec.id != "-")
                connect(window->commands().action(spec.id), &QAction::triggered, this,
                        [this, id = spec.id] { m_run.append(id); });
        }
        return window;
    }

    void showPage(const QString& page)
    {
        if (page == "form")
            QCOMPARE(runScript(*m_window, {"run.new"}), 0);
        else if (!exploreOf(*m_window).map()->isVisible())
            QTest::mouseClick(m_window->findChild<QPushButton*>("run_close"), Qt::LeftButton);
        QCOMPARE(exploreOf(*m_window).map()->isVisible(), page == "map");
    }

    /// Types every character that runs a command, and some more, into a field, and compares.
    void typeInto(QWidget& field, XKeyboard::Pace pace)
    {
        field.setFocus();
        QString typed;
        const bool isFree = clearText(field);
        for (const QString& key : characterKeysOf(m_window->commands()) + QStringList{"@", "|", "\\"}) {
            const QChar character = key.at(0).toLower();
            const auto strokes = m_keyboard.strokesFor(character.unicode());
            if (!strokes)
                continue; // not on this keyboard's first four levels
            QVERIFY2(m_keyboard.press(*strokes, pace), qPrintable(key));
            typed += character;
            const QString where = field.objectName() + " after " + key;
            QVERIFY2(m_run.isEmpty(), qPrintable(where + " ran " + m_run.join(", ")));
            if (isFree)
                QVERIFY2(textOf(field) == typed,
                         qPrintable(where + " holds " + textOf(field) + " for " + typed));
        }
        QVERIFY2(typed.size() >= 12, qPrintable(typed));
    }

private slots:
    void initTestCase()
    {
        QVERIFY(prepare());
        QVERIFY2(m_keyboard.open(), qPrintable(m_keyboard.failure()));
        m_window = activeWindow();
        QVERIFY(m_window);
    }

    void init() { m_run.clear(); }

    void prompt_takesWhatIsTyped_data()
    {
        QTest::addColumn<QString>("layout");
        QTest::addColumn<bool>("isQuick");
        for (const char* layout :
             {"de", "fr", "se", "no", "dk", "fi", "es", "it",       "pt",      "ch",      "be",
              "cz", "hu", "pl", "br", "tr", "gb", "us", "us(intl)", "de(neo)", "fr(bepo)"})
            QTest::addRow("%s", layout) << QString(layout) << false;
        // As a program that types for its user does: the next press comes before the last has been handled.
        for (const char* layout : {"de", "fr", "se", "hu"})
            QTest::addRow("%s, without a pause", layout) << QString(layout) << true;
    }

    void prompt_takesWhatIsTyped()
    {
        QFETCH(QString, layout);
        QFETCH(bool, isQuick);
        QVERIFY2(m_keyboard.setLayout(layout), qPrintable(m_keyboard.failure()));
        showPage("form");
        const auto pace = isQuick ? XKeyboard::Pace::AllAtOnce : XKeyboard::Pace::OneByOne;
        for (const char* field : {"run_prompt", "command_box"})
            typeInto(*m_window->findChild<QWidget*>(field), pace);
    }

    void everyField_takesWhatIsTyped_data()
    {
        QTest::addColumn<QString>("page");
        QTest::newRow("map") << "map";
        QTest::newRow("form") << "form";
    }

    void everyField_takesWhatIsTyped()
    {
        QFETCH(QString, page);
        QVERIFY2(m_keyboard.setLayout("de"), qPrintable(m_keyboard.failure()));
        showPage(page);
        const QList<QWidget*> fields = textFieldsOf(*m_window);
        QVERIFY(fields.size() >= 5);
        for (QWidget* const field : fields)
            typeInto(*field, XKeyboard::Pace::OneByOne);
    }

    void map_followsTheKeys_data()
    {
        QTest::addColumn<QString>("layout");
        for (const char* layout : {"us", "de", "fr", "se", "hu"})
            QTest::addRow("%s", layout) << QString(layout);
    }

    void map_followsTheKeys()
    {
        QFETCH(QString, layout);
        QVERIFY2(m_keyboard.setLayout(layout), qPrintable(m_keyboard.failure()));
        showPage("map");
        exploreOf(*m_window).map()->view()->setFocus();
        const std::pair<char16_t, const char*> keys[] = {
            {u'[', "select.layer.previous"}, {u']', "select.layer.next"}, {u'{', "select.head.previous"},
            {u'}', "select.head.next"},      {u's', "view.mask.sinks"},   {u'0', "view.zoom.all"}};
        for (const auto& [character, command] : keys) {
            m_run.clear();
            const auto strokes = m_keyboard.strokesFor(character);
            QVERIFY(strokes);
            QVERIFY(m_keyboard.press(*strokes, XKeyboard::Pace::OneByOne));
            QCOMPARE(m_run, QStringList{command});
        }
    }

    void cleanupTestCase()
    {
        m_window.reset();
        m_keyboard.setLayout("us");
    }
};

QTEST_MAIN(TestKeyboardLayouts)
#include "tst_keyboard_layouts.moc"
