// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/view_store.h"

#include "ui/explore/view_json.h"

#include <QSizeF>
#include <QTemporaryDir>
#include <QTest>
#include <fstream>

using namespace headwater;

class TestViewStore : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

private slots:
    void initTestCase() { qputenv("XDG_STATE_HOME", m_folder.path().toLocal8Bit()); }

    void view_savedAndLoaded_isEqual()
    {
        ViewSnapshot view;
        view.head = {14, 3};
        view.mode = MapMode::Missed;
        view.viewport = {100, 200, 0.25};
        view.colours = {ColourScale::Map::Cividis, false, 0, 0.5};
        view.mask = {true, true};
        view.locked = {7941u, 2012u};
        view.textShade = TextShade::Loss;
        const QSizeF size(800, 600);
        QVERIFY(saveView("/some/trace.hwt", viewToJson(view, size)).has_value());
        const ViewSnapshot read = viewFromJson(loadView("/some/trace.hwt"), {}, 7956, size);
        QVERIFY(read == view);
    }

    void otherWindowSize_keepsTheCentre()
    {
        ViewSnapshot view;
        view.viewport = {100, 200, 2};
        const ViewSnapshot read = viewFromJson(viewToJson(view, {800, 600}), {}, 10000, {400, 300});
        QCOMPARE(read.viewport.key + 200 * read.viewport.tokensPerPixel, 100 + 400 * 2.0);
        QCOMPARE(read.viewport.query + 150 * read.viewport.tokensPerPixel, 200 + 300 * 2.0);
    }

    void nonsense_fallsBack_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("wrong types") << QByteArray(
            R"({"layer":"x","mode":[],"low":{},"tokens_per_pixel":"1"})");
        QTest::newRow("out of range") << QByteArray(
            R"({"mode":17,"colour_map":-1,"low":2,"high":1,"tokens_per_pixel":-3,"query":99999})");
        QTest::newRow("shades") << QByteArray(R"({"text_shade":["loss"]})");
        QTest::newRow("infinite") << QByteArray(
            R"({"centre_key":1e300,"centre_query":1,"tokens_per_pixel":1})");
        QTest::newRow("log at zero") << QByteArray(R"({"logarithmic":true,"low":0,"high":1})");
    }

    void nonsense_fallsBack()
    {
        QFETCH(QByteArray, text);
        const ViewSnapshot fallback;
        const ViewSnapshot read =
            viewFromJson(nlohmann::json::parse(text.toStdString()), fallback, 100, {800, 600});
        QVERIFY(read == fallback);
    }

    void damagedFile_isNoView()
    {
        const auto path = viewFileOf("/other.hwt");
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path) << "{\"layer\": 1";
        QVERIFY(loadView("/other.hwt").is_null());
        QVERIFY(loadView("/never/saved.hwt").is_null());
    }
};

QTEST_APPLESS_MAIN(TestViewStore)
#include "tst_view_store.moc"
