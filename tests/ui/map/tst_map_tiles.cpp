// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/map_tiles.h"

#include "made_trace.h"
#include "ui/map/view_geometry.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace headwater;
using namespace headwater::testing;

/// The window's thread and the threads that make tiles; also run under the thread sanitizer.
class TestMapTiles : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        auto first = writeMadeTrace(m_folder.filePath("first.hwt").toStdString(), MadeTrace());
        MadeTrace another;
        another.seed = 8;
        auto second = writeMadeTrace(m_folder.filePath("second.hwt").toStdString(), another);
        QVERIFY(first && second);
        m_first = *first;
        m_second = *second;
    }

    void tilesInView_arriveAndAreTold()
    {
        Subject subject;
        MapLook look;
        subject.setTrace(m_first);
        ViewReader reader(&subject);
        MapTiles tiles(&subject, &look, &reader);
        QSignalSpy told(&tiles, &MapTiles::tilesChanged);
        tiles.setSurface({512, 512}, 1);
        look.setViewport({100, 700, 0.5, 1});
        const auto missing = [&] {
            qsizetype count = 0;
            for (const TileKey& key :
                 tilesInView(look.viewport(), tiles.surface(), 1000, subject.shownHead(), tiles.level()))
                count += tiles.source()->find(key) == nullptr;
            return count;
        };
        QTRY_COMPARE(missing(), qsizetype{0});
        QTRY_COMPARE(tiles.tileStatus().pending, std::size_t{0});
        QTRY_VERIFY(told.size() >= 2);
    }

    /// Views, heads and traces change, and the whole goes, while threads are at work for what was wanted
    /// before.
    void changesInMidWork_endWell()
    {
        for (int round = 0; round < 20; ++round) {
            Subject subject;
            MapLook look;
            ViewReader reader(&subject);
            auto tiles = std::make_unique<MapTiles>(&subject, &look, &reader);
            tiles->setSurface({300, 300}, 1);
            subject.setTrace(m_first);
            for (int step = 0; step < 12; ++step) {
                subject.setHead({step % 2, step / 2 % 2});
                look.setViewport({step * 40.0, step * 50.0, 1.0 / (1 + step % 3), 1});
                if (step % 5 == 4)
                    subject.setTrace(step % 2 == 0 ? m_second : m_first);
                QCoreApplication::processEvents();
            }
            const std::shared_ptr<TileSource> source = tiles->source(); // as a background job may keep it
            if (round % 2 == 0)
                tiles.reset();
            QTRY_COMPARE(source->status().pending, std::size_t{0});
            QCoreApplication::processEvents();
        }
    }

private:
    QTemporaryDir m_folder;
    std::shared_ptr<const Trace> m_first;
    std::shared_ptr<const Trace> m_second;
};

QTEST_GUILESS_MAIN(TestMapTiles)
#include "tst_map_tiles.moc"
