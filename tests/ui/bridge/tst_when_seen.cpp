// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/when_seen.h"

#include <QTest>
#include <QWidget>

using namespace headwater;

/// Work waits for the widget to be seen, and is done once.
class TestWhenSeen : public QObject {
    Q_OBJECT

private slots:
    void hidden_waits_shown_worksOnce()
    {
        QWidget widget;
        int done = 0;
        WhenSeen work(&widget, [&done] { ++done; });
        widget.show();
        QCOMPARE(done, 0); // nobody has asked
        work.ask();
        QCOMPARE(done, 1);
        widget.hide();
        work.ask();
        work.ask();
        QVERIFY(work.isWaiting());
        QCOMPARE(done, 1);
        widget.show();
        QCOMPARE(done, 2);
        QVERIFY(!work.isWaiting());
        widget.hide();
        widget.show();
        QCOMPARE(done, 2);
        widget.hide();
        work.ask();
        work.askNow(); // by one who does not wait
        QCOMPARE(done, 3);
        widget.show();
        QCOMPARE(done, 3);
    }

    void insideAHiddenDock_waitsForTheDock()
    {
        QWidget window;
        auto* const dock = new QWidget(&window);
        auto* const panel = new QWidget(dock);
        int done = 0;
        auto* const work = new WhenSeen(panel, [&done] { ++done; });
        window.show();
        dock->hide();
        work->ask();
        QCOMPARE(done, 0);
        dock->show();
        QCOMPARE(done, 1);
    }
};

QTEST_MAIN(TestWhenSeen)
#include "tst_when_seen.moc"
