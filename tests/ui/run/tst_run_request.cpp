// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/run_request.h"

#include "core/options/option_json.h"

#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>
#include <functional>
#include <nlohmann/json.hpp>

using namespace headwater;

class TestRunRequest : public QObject {
    Q_OBJECT

private slots:
    void params_sayWhatIsNotTheEnginesRule_data()
    {
        QTest::addColumn<std::function<void(RunRequest&)>>("change");
        QTest::addColumn<QByteArray>("added");
        const auto row = [](const char* name, std::function<void(RunRequest&)> change, const char* added) {
            QTest::newRow(name) << std::move(change) << QByteArray(added);
        };
        row(
            "nothing", [](RunRequest&) {}, "{}");
        row(
            "text", [](RunRequest& r) { r.prompt = "é"; }, R"({"text": "é"})");
        row(
            "a file wins over the text",
            [](RunRequest& r) {
                r.prompt = "a";
                r.promptFile = "/a b.txt";
            },
            R"({"prompt_file": "/a b.txt"})");
        row(
            "output", [](RunRequest& r) { r.output = "/o.hwt"; }, R"({"output": "/o.hwt"})");
        row(
            "chat", [](RunRequest& r) { r.chat = "off"; }, R"({"chat": "off"})");
        row(
            "text tokens", [](RunRequest& r) { r.textTokens = TextTokens::Plain; },
            R"({"text_tokens": "plain"})");
        row(
            "a file's encoding",
            [](RunRequest& r) {
                r.promptFile = "/a.txt";
                r.encoding = "UTF-16LE";
            },
            R"({"prompt_file": "/a.txt", "encoding": "UTF-16LE"})");
        row(
            "names that are no UTF-8",
            [](RunRequest& r) {
                r.promptFile = "/a\xff.txt";
                r.output = "/b c\xff.hwt";
            },
            "{\"prompt_file\": \"file:///a%FF.txt\", \"output\": \"file:///b%20c%FF.hwt\"}");
        row(
            "predictions", [](RunRequest& r) { r.predictions = PredictionChoice::Off; },
            R"({"predictions": "off"})");
        row(
            "select", [](RunRequest& r) { r.select.selection = Selection::Tree; }, R"({"select": "tree"})");
        row(
            "propagation", [](RunRequest& r) { r.select.propagation = Propagation::Observed; },
            R"({"propagation": "observed"})");
        row(
            "budget", [](RunRequest& r) { r.select.keepKeys = 128; }, R"({"keep_keys": 128})");
        row(
            "peak of nothing is a rule of its own", [](RunRequest& r) { r.select.keepPeak = 0; },
            R"({"keep_peak": 0.0})");
        row(
            "blocks",
            [](RunRequest& r) {
                r.select.blockQ = 64;
                r.select.blockK = 32;
            },
            R"({"block_q": 64, "block_k": 32})");
        row(
            "no generation", [](RunRequest& r) { r.generate = 0; }, R"({"generate": 0})");
        row(
            "check", [](RunRequest& r) { r.check = true; }, R"({"check": true})");
    }

    void params_sayWhatIsNotTheEnginesRule()
    {
        QFETCH(std::function<void(RunRequest&)>, change);
        QFETCH(QByteArray, added);
        RunRequest request;
        change(request);
        nlohmann::json expected{{"model", "builtin:needle"},
                                {"keep_keys", 512},
                                {"generate", 16},
                                {"keep_session", true},
                                {"select", "auto"}};
        expected.update(nlohmann::json::parse(added.toStdString()));
        const nlohmann::json params = jsonOf(RunVerb, request);
        QVERIFY2(params == expected, params.dump().c_str());
    }

    void defaultPath_isNamedAfterTheModel_data()
    {
        QTest::addColumn<QString>("model");
        QTest::addColumn<QString>("begin");
        QTest::newRow("built in") << "builtin:needle"
                                  << "needle-";
        QTest::newRow("file") << "/models/Smol LM.Q4_1.gguf"
                              << "Smol-LM.Q4_1-";
        QTest::newRow("name") << "smollm2-135m"
                              << "smollm2-135m-";
        QTest::newRow("hostile") << "../../etc/pass wd"
                                 << "pass-wd-";
        QTest::newRow("nothing") << ""
                                 << "trace-";
    }

    void defaultPath_isNamedAfterTheModel()
    {
        QFETCH(QString, model);
        QFETCH(QString, begin);
        const QFileInfo file(defaultTracePath(model));
        QVERIFY2(file.fileName().startsWith(begin), qPrintable(file.fileName()));
        QCOMPARE(file.suffix(), QStringLiteral("hwt"));
        QCOMPARE(file.dir().dirName(), QStringLiteral("traces"));
    }
};

QTEST_APPLESS_MAIN(TestRunRequest)
#include "tst_run_request.moc"
