// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/explore/view_history.h"

#include <QTest>

using namespace headwater;

class TestViewHistory : public QObject {
    Q_OBJECT

private slots:
    void undo_takesBackEachKindOfChange()
    {
        Subject subject;
        MapLook look;
        TextLook textLook;
        ViewHistory history({subject, look, textLook});
        const ViewSnapshot before = snapshotOf({subject, look, textLook});
        subject.setHead({3, 1});
        look.setMode(MapMode::Count);
        look.setMask({true, false});
        ColourScale colours;
        colours.low = 0.01;
        look.setColours(colours);
        subject.setLocked({7u, 3u});
        const ViewSnapshot after = snapshotOf({subject, look, textLook});
        QCOMPARE(history.undoStack().count(), 5);
        while (history.undoStack().canUndo())
            history.undoStack().undo();
        QVERIFY(snapshotOf({subject, look, textLook}) == before);
        while (history.undoStack().canRedo())
            history.undoStack().redo();
        QVERIFY(snapshotOf({subject, look, textLook}) == after);
        QCOMPARE(history.undoStack().count(), 5);
    }

    void pan_isOneStep()
    {
        Subject subject;
        MapLook look;
        TextLook textLook;
        ViewHistory history({subject, look, textLook});
        for (int i = 1; i <= 30; ++i)
            look.setViewport({static_cast<double>(i), 0, 1});
        QCOMPARE(history.undoStack().count(), 1);
        history.undoStack().undo();
        QCOMPARE(look.viewport().key, 0.0);
    }

    void back_returnsToWhereOneWas_withoutColours()
    {
        Subject subject;
        MapLook look;
        TextLook textLook;
        ViewHistory history({subject, look, textLook});
        QVERIFY(!history.canGoBack());
        subject.setHead({1, 0});
        ColourScale colours;
        colours.low = 0.01;
        look.setColours(colours);
        QVERIFY(history.canGoBack());
        history.goBack();
        QCOMPARE(subject.head().layer, 0);
        QCOMPARE(look.colours().low, 0.01);
        QVERIFY(history.canGoForward());
        history.goForward();
        QCOMPARE(subject.head().layer, 1);
        QVERIFY(!history.canGoForward());
    }

    void back_isItselfUndone()
    {
        Subject subject;
        MapLook look;
        TextLook textLook;
        ViewHistory history({subject, look, textLook});
        subject.setHead({1, 0});
        history.goBack();
        history.undoStack().undo();
        QCOMPARE(subject.head().layer, 1);
    }

    void newPlace_forgetsWhatLayAhead()
    {
        Subject subject;
        MapLook look;
        TextLook textLook;
        ViewHistory history({subject, look, textLook});
        subject.setHead({1, 0});
        history.goBack();
        subject.setHead({2, 0});
        QVERIFY(!history.canGoForward());
        history.goBack();
        QCOMPARE(subject.head().layer, 0);
    }

    void refit_isNoStep_andKeepsWhatCanBeRedone()
    {
        Subject subject;
        MapLook look;
        TextLook textLook;
        ViewHistory history({subject, look, textLook});
        const MapViewport whole{0, 0, 5, 1.5};
        const MapViewport smaller{0, 0, 6, 1.2};
        const MapViewport close{300, 500, 1, 1};
        look.refitViewport(whole);
        QCOMPARE(history.undoStack().count(), 0);
        QVERIFY(!history.canGoBack());
        look.setViewport(close);
        history.undoStack().undo();
        QCOMPARE(look.viewport(), whole);
        // The pane becomes smaller by a message bar: nothing to undo, and redo is still there.
        look.refitViewport(smaller);
        QCOMPARE(history.undoStack().count(), 1);
        QVERIFY(history.undoStack().canRedo());
        history.undoStack().redo();
        QCOMPARE(look.viewport(), close);
        // What was the whole map is still the whole map.
        history.undoStack().undo();
        QCOMPARE(look.viewport(), smaller);
    }

    void refit_betweenSteps_everyRememberedWholeMapIsTodays()
    {
        Subject subject;
        MapLook look;
        TextLook textLook;
        ViewHistory history({subject, look, textLook});
        look.refitViewport({0, 0, 5, 1.5});
        for (int i = 1; i <= 4; ++i) {
            // Kinds take turns: changes of one kind this close together are one step.
            if (i % 2)
                subject.setHead({i, 0});
            else
                subject.setLocked({static_cast<std::uint32_t>(i), 0u});
            for (int drag = 0; drag < 50; ++drag)
                look.refitViewport({0, 0, 5.0 + i + drag * 0.01, 1.5});
        }
        const MapViewport today = look.viewport();
        QCOMPARE(history.undoStack().count(), 4);
        while (history.undoStack().canUndo()) {
            history.undoStack().undo();
            QCOMPARE(look.viewport(), today);
        }
        QCOMPARE(subject.head().layer, 0);
        while (history.undoStack().canRedo()) {
            history.undoStack().redo();
            QCOMPARE(look.viewport(), today);
        }
        while (history.canGoBack()) {
            history.goBack();
            QCOMPARE(look.viewport(), today);
        }
    }

    void lockedAndGivenBack_isNoStep()
    {
        Subject subject;
        MapLook look;
        TextLook textLook;
        ViewHistory history({subject, look, textLook});
        subject.setLocked({9u, 4u});
        subject.setLocked({});
        QCOMPARE(history.undoStack().count(), 0);
        QVERIFY(!history.canGoBack());
    }

    void restart_forgetsEverything()
    {
        Subject subject;
        MapLook look;
        TextLook textLook;
        ViewHistory history({subject, look, textLook});
        subject.setHead({1, 0});
        history.restart();
        QVERIFY(!history.canGoBack());
        QVERIFY(!history.undoStack().canUndo());
    }
};

QTEST_MAIN(TestViewHistory)
#include "tst_view_history.moc"
