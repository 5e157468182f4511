// SPDX-License-Identifier: Apache-2.0
#include "core/figure/heatmap_options.h"

#include <QTest>

#include <nlohmann/json.hpp>

using namespace headwater;

class TestHeatmapOptions : public QObject {
    Q_OBJECT

private slots:
    void json_allOptions_roundTrip();
    void json_wrongValues_areNamed_data();
    void json_wrongValues_areNamed();
};

void TestHeatmapOptions::json_allOptions_roundTrip()
{
    HeatmapFigureOptions options;
    options.layer = 14;
    options.head = 3;
    options.queries = TokenRange{10, 20};
    options.keys = TokenRange{0, 4000000000};
    options.level = 5;
    options.quantity = CellQuantity::Missed;
    options.colormap = Colormap::Cividis;
    options.isReversed = false;
    options.limits = {0.001, 0.5, false};
    options.widthMm = 160.25;
    options.pngDpi = 300;
    options.maskSinks = true;
    options.maskDiagonal = true;
    options.title = "Ein „Titel“";
    options.hasTitle = false;
    options.hasCaption = false;
    options.markedQueries = {{12, 13}, {14, 18}};
    options.markedKeys = {{0, 1}};
    options.hasRowMargin = true;
    options.hasKeyMargin = true;
    options.hasLiveText = true;
    options.heads = {{3, 1}, {0, 2}};
    options.columns = 2;
    options.hasBar = false;
    const nlohmann::json json = toJson(options);
    const auto back = heatmapOptionsFromJson(nlohmann::json::parse(json.dump()));
    QVERIFY(back);
    QVERIFY(toJson(*back) == json);
    QVERIFY(back->keys == options.keys);
    QVERIFY(back->markedQueries == options.markedQueries && back->markedKeys == options.markedKeys);
    QVERIFY(back->limits == options.limits);
    const auto empty = heatmapOptionsFromJson(nlohmann::json::object());
    QVERIFY(empty);
    QVERIFY(toJson(*empty) == toJson(HeatmapFigureOptions()));
}

void TestHeatmapOptions::json_wrongValues_areNamed_data()
{
    QTest::addColumn<std::string>("json");
    QTest::addColumn<std::string>("named");
    const auto row = [](const char* json, const char* named) {
        QTest::addRow("%s", json) << std::string(json) << std::string(named);
    };
    row("[]", "JSON object");
    row(R"({"layer": "x"})", "layer");
    row(R"({"layer": -1})", "layer");
    row(R"({"head": 1e99})", "head");
    row(R"({"head": 99999999999})", "head");
    row(R"({"quantity": "sum"})", "quantity");
    row(R"({"colormap": "jet"})", "colormap");
    row(R"({"reversed": 1})", "reversed");
    row(R"({"query": [1]})", "query");
    row(R"({"query": [-1, 5]})", "query");
    row(R"({"key": [0, 4294967296]})", "key");
    row(R"({"mark_query": [1, 2]})", "mark_query");
    row(R"({"mark_key": [[1, 2], [3]]})", "mark_key");
    row(R"({"mark_key": 7})", "mark_key");
    row(R"({"margin_query": 1})", "margin_query");
    row(R"({"margin_key": "yes"})", "margin_key");
    row(R"({"live_text": 1})", "live_text");
    row(R"({"heads": [3, 1]})", "heads");
    row(R"({"heads": [[3, -1]]})", "heads");
    row(R"({"columns": -1})", "columns");
    row(R"({"with_bar": 3})", "with_bar");
    row(R"({"title": 3})", "title");
    row(R"({"mask_sinks": 1})", "mask_sinks");
    row(R"({"with_title": 0})", "with_title");
    row(R"({"with_caption": "no"})", "with_caption");
    row(R"({"mask_diagonal": "on"})", "mask_diagonal");
    row(R"({"level": 25})", "level");
    row(R"({"level": null})", "level");
    row(R"({"low": 0.5, "high": 0.5})", "colour range");
    row(R"({"high": 2})", "colour range");
    row(R"({"width_mm": 1})", "width");
    row(R"({"png_dpi": 1e9})", "dots per inch");
}

void TestHeatmapOptions::json_wrongValues_areNamed()
{
    QFETCH(const std::string, json);
    QFETCH(const std::string, named);
    const auto options = heatmapOptionsFromJson(nlohmann::json::parse(json));
    QVERIFY(!options);
    QVERIFY2(options.error().message.find(named) != std::string::npos, options.error().message.c_str());
}

QTEST_APPLESS_MAIN(TestHeatmapOptions)
#include "tst_heatmap_options.moc"
