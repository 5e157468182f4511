// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/fuzzy_match.h"

#include "ui/explore/explore_workspace.h"

#include <QTest>
#include <algorithm>

using namespace headwater;

class TestFuzzyMatch : public QObject {
    Q_OBJECT

private slots:
    void order_ofCharacters_decides()
    {
        QVERIFY(fuzzyScore("zi", "Zoom in") >= 0);
        QVERIFY(fuzzyScore("ZOOM IN", "zoom in") >= 0);
        QCOMPARE(fuzzyScore("iz", "Zoom in"), -1);
        QCOMPARE(fuzzyScore("zoomx", "Zoom in"), -1);
        QCOMPARE(fuzzyScore("", "anything"), 0);
    }

    void better_beatsWorse_data()
    {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<QString>("better");
        QTest::addColumn<QString>("worse");
        QTest::newRow("whole word") << "find"
                                    << "Find next"
                                    << "Fit the colour range in detail";
        QTest::newRow("word beginnings") << "fn"
                                         << "Find next"
                                         << "Define";
        QTest::newRow("shorter") << "undo"
                                 << "Undo"
                                 << "Undo everything";
        QTest::newRow("run") << "mask"
                             << "Mask sinks"
                             << "Map as black";
        QTest::newRow("jump would miss") << "ab"
                                         << "ab"
                                         << "a cab b";
    }

    void better_beatsWorse()
    {
        QFETCH(QString, pattern);
        QFETCH(QString, better);
        QFETCH(QString, worse);
        QVERIFY(fuzzyScore(pattern, better) > fuzzyScore(pattern, worse));
    }

    void everyCommand_isFoundFirstByItsOwnText()
    {
        for (const CommandSpec& spec : commandsWith({exploreWorkspace()})) {
            if (spec.id == "-")
                continue;
            const int own = fuzzyScore(spec.text, spec.text);
            for (const CommandSpec& other : commandsWith({exploreWorkspace()})) {
                if (other.id != "-" && other.text != spec.text)
                    QVERIFY2(fuzzyScore(spec.text, other.text) < own, qPrintable(spec.id + " / " + other.id));
            }
        }
    }
};

QTEST_APPLESS_MAIN(TestFuzzyMatch)
#include "tst_fuzzy_match.moc"
