// SPDX-License-Identifier: Apache-2.0
// Death at a dozen moments of a short run; tst_endurance has fifty of a longer one.
#include "tests/cli/killed_run.h"

#include <QTemporaryDir>

using namespace headwater::test;

class TstKills : public QObject {
    Q_OBJECT

private slots:
    void killed_atADozenMoments_everyTraceOpens()
    {
        const QTemporaryDir folder;
        RunKiller killer(folder.path());
        killer.prepare(6000);
        for (int round = 0; round < 12 && !QTest::currentTestFailed(); ++round)
            killer.kill(round);
        if (QTest::currentTestFailed())
            return;
        qInfo("%d of 12 left a file, %d opened, %d with finished layers", killer.left(), killer.opened(),
              killer.withLayers());
        QCOMPARE(killer.opened(), killer.left());
        QVERIFY(killer.left() >= 6);
        for (const int round : {0, 1, 2})
            killer.runAgain(round);
    }
};

QTEST_GUILESS_MAIN(TstKills)
#include "tst_kills.moc"
