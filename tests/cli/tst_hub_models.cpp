// SPDX-License-Identifier: Apache-2.0
// Models of the Hub's cache on the command line: run by their name, found again by a trace, listed, looked
// at.
#include "cli/headwater_run.h"
#include "core/model/folder_builder.h"
#include "core/model/hub_cache_builder.h"

#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest>

using namespace headwater::test;

class TestHubModels : public QObject {
    Q_OBJECT
private slots:
    void initTestCase()
    {
        for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"})
            qunsetenv(name);
        qputenv("HF_HOME", m_folder.filePath("hf").toLocal8Bit());
        folder::Folder model = folder::smallLlama();
        model.writeWhole();
        model.files["tokenizer.json"] =
            R"({"added_tokens":[{"id":3,"content":"<s>","special":true}],"normalizer":null,
                "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"use_regex":true},
                "post_processor":null,
                "model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":[["a","b"]]}})";
        const hub::Repository small = repository("org--small");
        small.add(kCommit, "config.json", model.config.dump());
        for (const auto& [name, bytes] : model.files)
            small.add(kCommit, name, bytes);
        const hub::Repository half = repository("org--half");
        half.beginDownload();
        half.add(kCommit, "config.json", model.config.dump());
        half.link(kCommit, "model.safetensors");
    }

    /// By its name and by its snapshot's path: the trace calls it by its name, and finds it again.
    void run_isOfTheNamedModel_data()
    {
        QTest::addColumn<QString>("model");
        QTest::newRow("name") << "org/small";
        QTest::newRow("revision") << "org/small@eeeeeee";
        QTest::newRow("snapshot") << m_folder.filePath("hf/hub/models--org--small/snapshots/")
                + QString::fromStdString(kCommit);
    }
    void run_isOfTheNamedModel()
    {
        QFETCH(const QString, model);
        const Outcome outcome =
            run({"run", "--model", model, "--text", "abababbbaa", "--generate", "2", "-o", "t.hwt"});
        QVERIFY2(outcome.code == 0, outcome.err.constData());
        const QJsonObject meta = run({"info", "t.hwt", "--json"}).json()["meta"]["model"].toObject();
        QCOMPARE(meta["name"].toString(), QString("org/small"));
        QCOMPARE(meta["source"].toString(), QString("org/small"));
        const Outcome row = run({"row", "t.hwt", "--exact", "--token", "3", "--layer", "0", "--head", "0"});
        QVERIFY2(row.code == 0, row.err.constData());
        QVERIFY(run({"info", "t.hwt"}).out.contains("org/small, llama"));
    }

    void models_listTheCache()
    {
        QJsonObject small, half;
        for (const QJsonValue& model : QJsonDocument::fromJson(run({"models", "--json"}).out).array()) {
            if (model["name"].toString() == "org/small")
                small = model.toObject();
            if (model["name"].toString() == "org/half")
                half = model.toObject();
        }
        QVERIFY(small["runs"].toBool());
        QVERIFY(small["refusal"].isNull());
        QCOMPARE(small["revision"].toString(), QString::fromStdString(kCommit));
        QCOMPARE(small["architecture"].toString(), QString("llama"));
        QCOMPARE(small["stored_as"].toString(), QString("F32"));
        QCOMPARE(small["parameters"].toInt(), 144);
        QVERIFY(!half["runs"].toBool(true));
        QVERIFY(half["refusal"].toString().contains("go on with: hf download org/half"));
        const Outcome text = run({"models"});
        QCOMPARE(text.code, 0);
        QVERIFY2(text.out.contains("org/small") && text.out.contains("eeeeeeeeeeee  llama")
                     && text.out.contains("does not run: "),
                 text.out.constData());
    }

    void lookAtOne_saysWhetherItRuns()
    {
        for (const char* verb : {"models", "info"}) {
            QCOMPARE(run({verb, "org/small"}).code, 0);
            QVERIFY(run({verb, "org/small"}).out.contains("1 layer of 2 heads"));
            const Outcome half = run({verb, "org/half"});
            // Its config alone does not say what the files hold: info knows no model there.
            QCOMPARE(half.code, QByteArray(verb) == "models" ? 1 : 66);
        }
        QVERIFY(run({"info", "org/small", "--json"}).json()["runs"].toBool());
        const Outcome wrong = run({"run", "--model", "org/half", "--text", "a", "-o", "u.hwt"});
        QCOMPARE(wrong.code, 66);
        QVERIFY2(wrong.err.contains("hf download org/half"), wrong.err.constData());
        QVERIFY(!QFile::exists(m_folder.filePath("u.hwt")));
        const Outcome none = run({"run", "--model", "org/none", "--text", "a", "-o", "u.hwt"});
        QCOMPARE(none.code, 66);
        QVERIFY2(none.err.contains(m_folder.filePath("hf/hub").toLocal8Bit()), none.err.constData());
    }

private:
    hub::Repository repository(const char* name) const
    {
        hub::Repository made{m_folder.filePath("hf/hub").toStdString() + "/models--" + name};
        made.setRef("main", kCommit);
        return made;
    }
    Outcome run(const QStringList& arguments) const { return runHeadwater(arguments, m_folder.path()); }

    const std::string kCommit = std::string(40, 'e');
    QTemporaryDir m_folder;
};

QTEST_APPLESS_MAIN(TestHubModels)
#include "tst_hub_models.moc"
