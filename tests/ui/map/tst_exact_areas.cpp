// SPDX-License-Identifier: GPL-3.0-or-later
// The frame around what a session has given, pixel by pixel.
#include "ui/map/map_overlay.h"

#include <QImage>
#include <QPainter>
#include <QTest>
#include <random>

using namespace headwater;

namespace {

constexpr QSize kSize{240, 180};
constexpr QRgb kMap = 0xFF3060A0;

/// Pixels [first, end) of tokens on an axis that begins at token 0 with `scale` tokens a pixel.
struct Pixels {
    int first;
    int end;
};
Pixels pixelsOf(TokenRange tokens, double scale)
{
    return {static_cast<int>(std::floor(tokens.begin / scale)),
            static_cast<int>(std::ceil(tokens.end / scale))};
}

class Union {
public:
    Union(std::span<const ExactArea> areas, const MapViewport& viewport)
        : m_areas(areas)
        , m_viewport(viewport)
    {
    }
    bool holds(int x, int y) const
    {
        return std::ranges::any_of(m_areas, [&](const ExactArea& area) {
            const Pixels keys = pixelsOf(area.keys, m_viewport.tokensPerPixel);
            const Pixels rows = pixelsOf(area.rows, m_viewport.queryTokensPerPixel());
            return x >= keys.first && x < keys.end && y >= rows.first && y < rows.end;
        });
    }
    /// The pixel, or one of those within `reach` of it, is inside (or is outside).
    bool isNear(int x, int y, int reach, bool inside) const
    {
        for (int dy = -reach; dy <= reach; ++dy)
            for (int dx = -reach; dx <= reach; ++dx)
                if (holds(x + dx, y + dy) == inside)
                    return true;
        return false;
    }

private:
    std::span<const ExactArea> m_areas;
    const MapViewport& m_viewport;
};

QImage painted(std::span<const ExactArea> areas, const MapViewport& viewport, const QString& words)
{
    QImage image(kSize, QImage::Format_RGB32);
    image.fill(kMap);
    QPainter painter(&image);
    paintExactAreas(painter, viewport, areas, words, darkTheme());
    return image;
}

} // namespace

class TestExactAreas : public QObject {
    Q_OBJECT

private slots:
    /// A closed line at the edge of all areas together, none between areas that overlap; a pixel of shade on
    /// each side; else nothing but the word.
    void frame_isTheEdgeOfAllAreas()
    {
        std::mt19937 random(7);
        const auto below = [&](unsigned end) { return static_cast<std::uint32_t>(random() % end); };
        int joined = 0;
        for (int round = 0; round < 60; ++round) {
            MapViewport viewport;
            viewport.tokensPerPixel = 0.1 + below(100) / 100.0;
            std::vector<ExactArea> areas;
            for (std::uint32_t count = 1 + below(4); count > 0; --count) {
                const auto range = [&](int pixels) {
                    const auto tokens = static_cast<std::uint32_t>(pixels * viewport.tokensPerPixel);
                    const std::uint32_t begin = below(tokens + 1);
                    return TokenRange{begin, begin + 1 + below(tokens + 20)}; // some reach beyond the view
                };
                areas.push_back({range(kSize.height()), range(kSize.width())});
            }
            const QImage image = painted(areas, viewport, QString());
            const Union all(areas, viewport);
            for (int y = 0; y < kSize.height(); ++y) {
                for (int x = 0; x < kSize.width(); ++x) {
                    const bool isEdge = all.holds(x, y) && all.isNear(x, y, 1, false);
                    const bool isShade = !isEdge && all.isNear(x, y, 1, true) && all.isNear(x, y, 2, false);
                    const QRgb pixel = image.pixel(x, y);
                    const QString where = QString("round %1, pixel %2, %3").arg(round).arg(x).arg(y);
                    if (isEdge)
                        QVERIFY2(pixel == darkTheme().text.rgb(), qPrintable(where));
                    else if (!isShade && all.holds(x, y))
                        QVERIFY2(pixel == kMap || isLabel(areas, viewport, x, y), qPrintable(where));
                    else if (!isShade)
                        QVERIFY2(pixel == kMap, qPrintable(where));
                }
            }
            joined += areas.size() > 1 ? 1 : 0;
        }
        QVERIFY(joined > 20);
    }

    /// The word stands inside the largest area in view, and only where it has room.
    void word_standsInsideTheLargestArea()
    {
        const MapViewport viewport; // a token is a pixel
        const ExactArea tall{{5, 120}, {10, 40}};
        const ExactArea wide{{100, 170}, {30, 230}};
        const std::vector<ExactArea> areas{tall, wide};
        const QImage with = painted(areas, viewport, "p_stream");
        const QImage without = painted(areas, viewport, QString(200, 'm')); // no room anywhere
        int changed = 0;
        for (int y = 0; y < kSize.height(); ++y) {
            for (int x = 0; x < kSize.width(); ++x) {
                if (with.pixel(x, y) == without.pixel(x, y))
                    continue;
                ++changed;
                QVERIFY(x >= 30 && x < 230 && y >= 100 && y < 170);
            }
        }
        QVERIFY(changed > 100);
        const ExactArea small{{10, 16}, {10, 20}};
        QCOMPARE(painted({&small, 1}, viewport, "p_stream"),
                 painted({&small, 1}, viewport, QString(200, 'm')));
    }

    void areaOutOfView_leavesNoMark()
    {
        MapViewport viewport;
        viewport.key = 4000;
        viewport.query = 5000;
        const ExactArea area{{100, 200}, {100, 200}};
        QImage untouched(kSize, QImage::Format_RGB32);
        untouched.fill(kMap);
        QCOMPARE(painted({&area, 1}, viewport, "p_stream"), untouched);
    }

private:
    /// An empty word still has its ground at an area's lower left.
    static bool isLabel(std::span<const ExactArea> areas, const MapViewport& viewport, int x, int y)
    {
        return std::ranges::any_of(areas, [&](const ExactArea& area) {
            const int left = std::max(4, pixelsOf(area.keys, viewport.tokensPerPixel).first + 2);
            const int bottom =
                std::min(kSize.height() - 4, pixelsOf(area.rows, viewport.queryTokensPerPixel()).end - 2);
            return x >= left && x < left + 13 && y < bottom && y > bottom - 24;
        });
    }
};

QTEST_MAIN(TestExactAreas)
#include "tst_exact_areas.moc"
