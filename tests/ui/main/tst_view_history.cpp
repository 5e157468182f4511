// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/view_history.h"

#include <QTest>

using namespace headwater;

class TestViewHistory : public QObject {
    Q_OBJECT

private slots:
    void undo_takesBackEachKindOfChange()
    {
        ViewState state;
        ViewHistory history(state);
        const ViewSnapshot before = snapshotOf(state);
        state.setHead({3, 1});
        state.setMode(MapMode::Count);
        state.setMask({true, false});
        ColourScale colours;
        colours.low = 0.01;
        state.setColours(colours);
        state.setLocked({7u, 3u});
        const ViewSnapshot after = snapshotOf(state);
        QCOMPARE(history.undoStack().count(), 5);
        while (history.undoStack().canUndo())
            history.undoStack().undo();
        QVERIFY(snapshotOf(state) == before);
        while (history.undoStack().canRedo())
            history.undoStack().redo();
        QVERIFY(snapshotOf(state) == after);
        QCOMPARE(history.undoStack().count(), 5);
    }

    void pan_isOneStep()
    {
        ViewState state;
        ViewHistory history(state);
        for (int i = 1; i <= 30; ++i)
            state.setViewport({static_cast<double>(i), 0, 1});
        QCOMPARE(history.undoStack().count(), 1);
        history.undoStack().undo();
        QCOMPARE(state.viewport().key, 0.0);
    }

    void back_returnsToWhereOneWas_withoutColours()
    {
        ViewState state;
        ViewHistory history(state);
        QVERIFY(!history.canGoBack());
        state.setHead({1, 0});
        ColourScale colours;
        colours.low = 0.01;
        state.setColours(colours);
        QVERIFY(history.canGoBack());
        history.goBack();
        QCOMPARE(state.head().layer, 0);
        QCOMPARE(state.colours().low, 0.01);
        QVERIFY(history.canGoForward());
        history.goForward();
        QCOMPARE(state.head().layer, 1);
        QVERIFY(!history.canGoForward());
    }

    void back_isItselfUndone()
    {
        ViewState state;
        ViewHistory history(state);
        state.setHead({1, 0});
        history.goBack();
        history.undoStack().undo();
        QCOMPARE(state.head().layer, 1);
    }

    void newPlace_forgetsWhatLayAhead()
    {
        ViewState state;
        ViewHistory history(state);
        state.setHead({1, 0});
        history.goBack();
        state.setHead({2, 0});
        QVERIFY(!history.canGoForward());
        history.goBack();
        QCOMPARE(state.head().layer, 0);
    }

    void refit_isNoStep_andKeepsWhatCanBeRedone()
    {
        ViewState state;
        ViewHistory history(state);
        const MapViewport whole{0, 0, 5, 1.5};
        const MapViewport smaller{0, 0, 6, 1.2};
        const MapViewport close{300, 500, 1, 1};
        state.refitViewport(whole);
        QCOMPARE(history.undoStack().count(), 0);
        QVERIFY(!history.canGoBack());
        state.setViewport(close);
        history.undoStack().undo();
        QCOMPARE(state.viewport(), whole);
        // The pane becomes smaller by a message bar: nothing to undo, and redo is still there.
        state.refitViewport(smaller);
        QCOMPARE(history.undoStack().count(), 1);
        QVERIFY(history.undoStack().canRedo());
        history.undoStack().redo();
        QCOMPARE(state.viewport(), close);
        // What was the whole map is still the whole map.
        history.undoStack().undo();
        QCOMPARE(state.viewport(), smaller);
    }

    void refit_betweenSteps_everyRememberedWholeMapIsTodays()
    {
        ViewState state;
        ViewHistory history(state);
        state.refitViewport({0, 0, 5, 1.5});
        for (int i = 1; i <= 4; ++i) {
            // Kinds take turns: changes of one kind this close together are one step.
            if (i % 2)
                state.setHead({i, 0});
            else
                state.setLocked({static_cast<std::uint32_t>(i), 0u});
            for (int drag = 0; drag < 50; ++drag)
                state.refitViewport({0, 0, 5.0 + i + drag * 0.01, 1.5});
        }
        const MapViewport today = state.viewport();
        QCOMPARE(history.undoStack().count(), 4);
        while (history.undoStack().canUndo()) {
            history.undoStack().undo();
            QCOMPARE(state.viewport(), today);
        }
        QCOMPARE(state.head().layer, 0);
        while (history.undoStack().canRedo()) {
            history.undoStack().redo();
            QCOMPARE(state.viewport(), today);
        }
        while (history.canGoBack()) {
            history.goBack();
            QCOMPARE(state.viewport(), today);
        }
    }

    void lockedAndGivenBack_isNoStep()
    {
        ViewState state;
        ViewHistory history(state);
        state.setLocked({9u, 4u});
        state.setLocked({});
        QCOMPARE(history.undoStack().count(), 0);
        QVERIFY(!history.canGoBack());
    }

    void restart_forgetsEverything()
    {
        ViewState state;
        ViewHistory history(state);
        state.setHead({1, 0});
        history.restart();
        QVERIFY(!history.canGoBack());
        QVERIFY(!history.undoStack().canUndo());
    }
};

QTEST_MAIN(TestViewHistory)
#include "tst_view_history.moc"
