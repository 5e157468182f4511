// SPDX-License-Identifier: Apache-2.0
// A look at a model before it is loaded: what it is, and why it does not run.
#include "core/model/model_look.h"

#include "core/model/model_loader.h"
#include "folder_builder.h"
#include "gguf_builder.h"
#include "hub_cache_builder.h"

#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

using namespace headwater;

class TestModelLook : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    std::string path(const char* name) const { return m_folder.filePath(QLatin1String(name)).toStdString(); }

    std::string written(const gguf::File& file, const char* name = "m.gguf") const
    {
        gguf::write(path(name), file.bytes());
        return path(name);
    }
    std::string written(folder::Folder model, const char* name = "folder") const
    {
        if (model.files.empty())
            model.writeWhole();
        QDir(QString::fromStdString(path(name))).removeRecursively();
        model.write(QString::fromStdString(path(name)));
        return path(name);
    }

private slots:
    void initTestCase()
    {
        for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"})
            qunsetenv(name);
        qputenv("HF_HOME", m_folder.filePath("hf").toLocal8Bit());
        qputenv("XDG_DATA_HOME", m_folder.path().toLocal8Bit());
    }

    void gguf_isDescribed()
    {
        const ModelLook look = lookAtModel(written(gguf::smallLlama()));
        QVERIFY2(look.runs(), look.refusal ? look.refusal->text().c_str() : "");
        QCOMPARE(look.title, std::string("small"));
        QCOMPARE(look.container, std::string("GGUF"));
        QCOMPARE(look.architecture, std::string("llama"));
        QCOMPARE(look.storedAs, std::string("F32"));
        QCOMPARE(look.bytes, std::uint64_t(gguf::smallLlama().bytes().size()));
        // Counted by hand: 7 x 16, and twice 16 + 256 + 128 + 128 + 256 + 16 + 3 · 384, and 16.
        QCOMPARE(look.parameters, std::uint64_t{7 * 16 + 2 * 1952 + 16});
        QVERIFY(look.config);
        QCOMPARE(look.config->numLayers(), 2);
        const std::string words = describe(look);
        QVERIFY2(words.find("2 layers of 4 heads") != std::string::npos
                     && words.find("128 tokens of trained context") != std::string::npos,
                 words.c_str());
    }

    void folder_isDescribed()
    {
        folder::Folder model = folder::smallLlama();
        for (folder::Tensor& tensor : model.tensors) {
            if (tensor.shape.size() != 2)
                continue;
            tensor.dtype = "BF16";
            tensor.data.resize(tensor.data.size() / 2);
        }
        const std::string name = written(model);
        const ModelLook look = lookAtModel(name);
        QVERIFY2(look.runs(), look.refusal ? look.refusal->text().c_str() : "");
        QCOMPARE(look.title, std::string("folder"));
        QCOMPARE(look.container, std::string("safetensors"));
        QCOMPARE(look.architecture, std::string("llama"));
        QCOMPARE(look.storedAs, std::string("BF16"));
        QCOMPARE(look.bytes,
                 std::uint64_t(std::filesystem::file_size(name + "/config.json")
                               + std::filesystem::file_size(name + "/model.safetensors")));
        QCOMPARE(look.parameters, std::uint64_t{24 + 4 + 16 + 8 + 8 + 16 + 4 + 12 + 12 + 12 + 4 + 24});
    }

    void builtIn_isDescribed()
    {
        const ModelLook look = lookAtModel("builtin:needle");
        QVERIFY(look.runs());
        QCOMPARE(look.container, std::string("built in"));
        QVERIFY(look.path.empty());
        QVERIFY(look.config && look.config->numLayers() > 0);
    }

    void refusals_areThoseOfLoading_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("words");
        const auto row = [](const char* what, const std::string& name, const char* words) {
            QTest::newRow(what) << QString::fromStdString(name) << QString::fromLatin1(words);
        };
        gguf::File bert = gguf::smallLlama();
        bert.set(gguf::string("general.architecture", "bert"));
        row("GGUF architecture", written(bert, "bert.gguf"), "\"bert\", expected an architecture");
        gguf::File experts = gguf::smallLlama();
        experts.set(gguf::u32("llama.expert_count", 8));
        row("GGUF experts", written(experts, "experts.gguf"), "mixtures of experts");
        gguf::File type = gguf::smallLlama();
        type.tensor("blk.1.ffn_up.weight") = {
            "blk.1.ffn_up.weight", {16, 24}, 28, std::string(16 * 24 * 8, '\0')};
        row("GGUF type", written(type, "type.gguf"), "type F64");
        gguf::File version = gguf::smallLlama();
        version.version = 9;
        row("GGUF version", written(version, "version.gguf"), "version");
        const std::string bytes = gguf::smallLlama().bytes();
        gguf::write(path("cut.gguf"), bytes.substr(0, bytes.size() - 1000));
        row("GGUF cut", path("cut.gguf"), "cut.gguf");
        gguf::File part = gguf::smallLlama();
        part.entries.push_back({"split.no", gguf::U16, gguf::raw(std::uint16_t{0})});
        part.entries.push_back({"split.count", gguf::U16, gguf::raw(std::uint16_t{2})});
        part.entries.push_back({"split.tensors.count", gguf::I32, gguf::raw(std::int32_t{20})});
        row("GGUF part", written(part, "p-00001-of-00002.gguf"), "p-00002-of-00002.gguf: is missing");
        gguf::write(path("page.gguf"), "<!DOCTYPE html><html></html>");
        row("no GGUF", path("page.gguf"), "expected a GGUF model");

        folder::Folder mamba = folder::smallLlama();
        mamba.config["model_type"] = "mamba2";
        row("folder architecture", written(mamba, "mamba"), "\"mamba2\", expected an architecture");
        folder::Folder quantised = folder::smallLlama();
        quantised.config["quantization_config"] = {{"quant_method", "gptq"}};
        row("folder quantised", written(quantised, "gptq"), "quantised weights");
        folder::Folder eight = folder::smallLlama();
        folder::Tensor& tensor = eight.tensor("model.layers.0.mlp.up_proj.weight");
        tensor.dtype = "F8_E4M3";
        tensor.data.resize(tensor.data.size() / 4);
        row("folder type", written(eight, "eight"), "dtype F8_E4M3, expected F32, F16 or BF16");
        folder::Folder shard = folder::smallLlama();
        shard.writeShards(2);
        shard.files.erase(folder::Folder::nameOf(1));
        row("folder shard", written(shard, "shard"), "is missing, expected the file that");
        row("nothing", path("none/none.gguf"), "no such file");
        row("not fetched", "gemma-3-270m", "is not here yet");
    }
    /// What the look refuses is what loading would say, word for word.
    void refusals_areThoseOfLoading()
    {
        QFETCH(const QString, name);
        QFETCH(const QString, words);
        const ModelLook look = lookAtModel(name.toStdString());
        QVERIFY(!look.runs());
        QVERIFY(!look.config);
        const QString said = QString::fromStdString(look.refusal->text());
        QVERIFY2(said.contains(words), qPrintable(said));
        const auto loaded = loadModel(name.toStdString());
        QVERIFY(!loaded);
        // A folder's tokenizer is read first when it is loaded, and it has none here.
        if (!QFileInfo(name).isDir())
            QCOMPARE(QString::fromStdString(loaded.error().text()), said);
    }

    void cache_isListedModelByModel()
    {
        const std::string commit(40, 'c');
        const auto repository = [this](const char* name) {
            hub::Repository made{std::filesystem::path(path("hf/hub")) / name};
            made.setRef("main", std::string(40, 'c'));
            return made;
        };
        folder::Folder model = folder::smallLlama();
        model.writeWhole();
        const hub::Repository small = repository("models--org--small");
        small.add(commit, "config.json", model.config.dump());
        small.add(commit, "model.safetensors", model.files.at("model.safetensors"));
        const hub::Repository quants = repository("models--org--quants");
        quants.add(commit, "config.json", model.config.dump()); // as such repositories have it
        quants.add(commit, "a.gguf", gguf::smallLlama().bytes());
        quants.add(commit, "b.gguf", "no model");
        const hub::Repository half = repository("models--org--half");
        half.add(commit, "config.json", model.config.dump());
        half.link(commit, "model.safetensors");
        repository("datasets--org--texts").add(commit, "a.txt", "text");

        const std::vector<ModelLook> looks = lookAtHubCache({});
        std::vector<std::string> names;
        for (const ModelLook& look : looks) {
            names.push_back(look.name);
            QCOMPARE(look.revision, commit);
        }
        QCOMPARE(
            names,
            (std::vector<std::string>{"org/half", "org/quants/a.gguf", "org/quants/b.gguf", "org/small"}));
        QVERIFY(!looks[0].runs()
                && looks[0].refusal->text().find("hf download org/half") != std::string::npos);
        QVERIFY(looks[1].runs() && looks[1].storedAs == "F32");
        QVERIFY(!looks[2].runs());
        QVERIFY(looks[3].runs());
        QCOMPARE(looks[3].title, std::string("org/small"));
        // Every name is one that can be looked at again.
        for (const ModelLook& look : looks)
            QCOMPARE(lookAtModel(look.name).runs(), look.runs());
        std::stop_source stopped;
        stopped.request_stop();
        QVERIFY(lookAtHubCache(stopped.get_token()).empty());
    }
};

QTEST_APPLESS_MAIN(TestModelLook)
#include "tst_model_look.moc"
