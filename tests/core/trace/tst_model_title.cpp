// SPDX-License-Identifier: Apache-2.0
#include "core/trace/model_title.h"

#include <QTest>
#include <nlohmann/json.hpp>

using namespace headwater;

class TstModelTitle : public QObject {
    Q_OBJECT

private slots:
    void title_isThatOfTheFile_data()
    {
        QTest::addColumn<QString>("source");
        QTest::addColumn<QString>("name");
        QTest::newRow("quantised") << "/home/a/models/SmolLM2-135M-Instruct.Q4_1.gguf"
                                   << "SmolLM2-135M-Instruct";
        QTest::newRow("k-quant") << "qwen2.5-0.5b-instruct-q4_k_m.gguf"
                                 << "qwen2.5-0.5b-instruct";
        QTest::newRow("half") << "a/Llama-3.2-1B-f16.gguf"
                              << "Llama-3.2-1B";
        QTest::newRow("parts") << "Big-70B-Q8_0-00001-of-00003.gguf"
                               << "Big-70B";
        QTest::newRow("plain") << "tiny.gguf"
                               << "tiny";
        QTest::newRow("only a type") << "q4_0.gguf"
                                     << "q4_0";
        QTest::newRow("built in") << "builtin:needle"
                                  << "its own name";
        QTest::newRow("folder") << "/hub/models--a--b"
                                << "its own name";
        QTest::newRow("none") << ""
                              << "its own name";
    }

    void title_isThatOfTheFile()
    {
        QFETCH(QString, source);
        QFETCH(QString, name);
        QCOMPARE(QString::fromStdString(
                     modelTitleOf({{"model", {{"name", "its own name"}, {"source", source.toStdString()}}}})),
                 name);
        QVERIFY(modelTitleOf(nlohmann::json::array()).empty());
        QVERIFY(modelTitleOf({{"model", 7}}).empty());
    }
};

QTEST_APPLESS_MAIN(TstModelTitle)
#include "tst_model_title.moc"
