// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/log_code.h"
#include "core/tiles/colour_table.h"
#include "ui/map/colour_lut.h"
#include "ui/map/minimap_picture.h"
#include "ui/map/view_mask.h"

#include <QTest>
#include <cmath>
#include <random>

using namespace headwater;

namespace {

constexpr std::uint32_t kSide = 256;
constexpr int kPixels = 64;

/// 256 × 256 cells of 16 × 16 tokens in blocks of 8 × 8: at most 4 blocks a cell, 64 a pixel.
Overview makeOverview(unsigned seed)
{
    std::mt19937 random(seed);
    Overview overview;
    overview.side = kSide;
    overview.level = 4;
    overview.max.resize(kSide * kSide);
    overview.count.resize(kSide * kSide);
    overview.missed.resize(kSide);
    for (std::uint32_t row = 0; row < kSide; ++row) {
        overview.missed[row] = static_cast<std::uint8_t>(random() % 255);
        for (std::uint32_t col = 0; col <= row; ++col) {
            const std::size_t at = std::size_t{row} * kSide + col;
            const std::uint64_t count = random() % 3 ? 0 : 1 + random() % 4;
            overview.count[at] = countCode(count);
            overview.max[at] = count ? static_cast<std::uint8_t>(1 + random() % 255) : std::uint8_t{0};
        }
    }
    return overview;
}

constexpr BlockGrid kGrid{kSide * 16, 8, 8};

} // namespace

class TestMinimapPicture : public QObject {
    Q_OBJECT
private slots:
    void max_everyPixel_isTheLargestOfItsCells();
    void count_everyPixel_isTheSumOfItsCells();
    void count_fewBlocksEverywhere_isNotFull();
    void mask_hidesWhatTheMapHides();
    void unknown_missedMass_isHatched();
};

void TestMinimapPicture::max_everyPixel_isTheLargestOfItsCells()
{
    const Overview overview = makeOverview(1);
    const CellMask mask = viewMask(kGrid, 4, MapMode::Max, {}, {});
    const QImage picture = minimapPicture(overview, kGrid, mask, MapMode::Max, {}, darkTheme(), kPixels);
    const ColourLut lut = makeColourLut({}, MapMode::Max, 1, darkTheme());
    for (int y = 0; y < kPixels; ++y) {
        for (int x = 0; x < kPixels; ++x) {
            std::uint8_t code = 0;
            for (int i = 0; i < 16; ++i)
                code = std::max(
                    code, overview.max[static_cast<std::size_t>((y * 4 + i / 4) * 256 + x * 4 + i % 4)]);
            QCOMPARE(picture.pixel(x, y), x > y ? lut.background : lut.ofCode[code]);
        }
    }
}

void TestMinimapPicture::count_everyPixel_isTheSumOfItsCells()
{
    const Overview overview = makeOverview(2);
    const CellMask mask = viewMask(kGrid, 4, MapMode::Count, {}, {});
    const QImage picture = minimapPicture(overview, kGrid, mask, MapMode::Count, {}, darkTheme(), kPixels);
    for (int y = 0; y < kPixels; ++y) {
        for (int x = 0; x <= y; ++x) {
            double blocks = 0;
            for (int i = 0; i < 16; ++i)
                blocks += countOfCode(
                    overview.count[static_cast<std::size_t>((y * 4 + i / 4) * 256 + x * 4 + i % 4)]);
            const double counted = countOfCode(countCode(static_cast<std::uint64_t>(std::llround(blocks))));
            // Nothing kept is the ground.
            QCOMPARE(picture.pixel(x, y),
                     counted > 0 ? colourOfUnit(ColourScale::Map::Magma, unitOfEdgeCount(counted, 64), true)
                                 : darkTheme().window.rgb());
        }
    }
}

void TestMinimapPicture::count_fewBlocksEverywhere_isNotFull()
{
    // One block in every cell: a quarter of what a pixel can hold.
    Overview overview = makeOverview(3);
    std::fill(overview.count.begin(), overview.count.end(), countCode(1));
    const CellMask mask = viewMask(kGrid, 4, MapMode::Count, {}, {});
    const QImage picture = minimapPicture(overview, kGrid, mask, MapMode::Count, {}, darkTheme(), kPixels);
    QCOMPARE(picture.pixel(5, 40),
             colourOfUnit(ColourScale::Map::Magma, unitOfEdgeCount(countOfCode(countCode(16)), 64), true));
    QVERIFY(picture.pixel(5, 40) != colourOfUnit(ColourScale::Map::Magma, 1, true));
}

void TestMinimapPicture::mask_hidesWhatTheMapHides()
{
    const Overview overview = makeOverview(4);
    const std::vector<std::uint32_t> sinks{16 * 20, 16 * 21, 16 * 22, 16 * 23};
    const ColourLut lut = makeColourLut({}, MapMode::Max, 1, lightTheme());
    const CellMask mask = viewMask(kGrid, 4, MapMode::Max, {true, true}, sinks);
    const QImage picture = minimapPicture(overview, kGrid, mask, MapMode::Max, {}, lightTheme(), kPixels);
    for (int y = 6; y < kPixels; ++y) {
        QCOMPARE(picture.pixel(5, y), lut.masked); // cells 20 to 23 are sinks
        QVERIFY(picture.pixel(3, y) != lut.masked);
    }
    // Missed mass belongs to rows: nothing is hidden.
    const CellMask none = viewMask(kGrid, 4, MapMode::Missed, {true, true}, sinks);
    QVERIFY(!none.hidesAnything());
}

void TestMinimapPicture::unknown_missedMass_isHatched()
{
    Overview overview = makeOverview(5);
    std::fill(overview.missed.begin(), overview.missed.end(), kUnknownCode);
    const ColourLut lut = makeColourLut({}, MapMode::Missed, 1, darkTheme());
    const CellMask mask = viewMask(kGrid, 4, MapMode::Missed, {}, {});
    const QImage picture = minimapPicture(overview, kGrid, mask, MapMode::Missed, {}, darkTheme(), kPixels);
    for (int x = 0; x <= 40; ++x)
        QCOMPARE(picture.pixel(x, 40), (x + 40) % 8 < 2 ? lut.hatch : lut.masked);
}

QTEST_APPLESS_MAIN(TestMinimapPicture)
#include "tst_minimap_picture.moc"
