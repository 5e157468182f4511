// SPDX-License-Identifier: Apache-2.0
// Models as folders: tensors, shards, identity, and folders that lie: one error each.
#include "core/base/hash.h"
#include "core/model/folder/folder_model.h"
#include "core/model/model_loader.h"
#include "core/model/model_look.h"
#include "support/verify_result.h"
#include "tests/core/model/folder_builder.h"

#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sys/stat.h>

using namespace headwater;
using folder::Json;

namespace {

Result<TokenizerData> noTokenizer(const std::filesystem::path&)
{
    return TokenizerData{};
}

Result<std::shared_ptr<const Model>> load(const std::filesystem::path& path)
{
    return loadModelFolder(path, noTokenizer);
}

using FolderChange = std::function<void(folder::Folder&)>;

} // namespace

class TestFolderSource : public QObject {
    Q_OBJECT

private slots:
    void init()
    {
        m_made = std::make_unique<QTemporaryDir>();
        QVERIFY(m_made->isValid());
    }

    void weights_areTheFiles_data()
    {
        QTest::addColumn<int>("shards");
        QTest::newRow("one file") << 0;
        QTest::newRow("three shards") << 3;
    }

    void weights_areTheFiles()
    {
        QFETCH(const int, shards);
        folder::Folder small = folder::smallLlama();
        if (shards == 0)
            small.writeWhole();
        else
            small.writeShards(static_cast<std::size_t>(shards));
        small.write(m_made->path());
        const auto loaded = load(m_made->path().toStdString() + "/.");
        VERIFY_RESULT(loaded);
        const Model& model = **loaded;
        QCOMPARE(model.config.architecture, std::string("llama"));
        QCOMPARE(model.config.name, QFileInfo(m_made->path()).fileName().toStdString());
        QCOMPARE(model.config.vocabSize, 6);
        QCOMPARE(model.weights.layers[0].attentionNorm[0], 2.0f);
        QCOMPARE(model.weights.layers[0].ffnNorm[0],
                 3.0f); // post_attention_layernorm, before the feed-forward
        QVERIFY(model.weights.layers[0].attentionOutputNorm.empty());
        QCOMPARE(model.weights.outputNorm[0], 4.0f);
        QVERIFY(model.weights.unembedding.data.data() != model.weights.embedding.data.data());
        QCOMPARE(model.identity.parameters,
                 std::uint64_t{6 * 4 * 2 + 4 * 3 + 4 * 4 * 2 + 2 * 4 * 2 + 3 * 4 * 3});
        std::string headers;
        std::uint64_t bytes = 0;
        const auto add = [&](const std::string& name, bool isWhole) {
            std::ifstream file(m_made->filePath(QString::fromStdString(name)).toStdString(),
                               std::ios::binary);
            const std::string text((std::istreambuf_iterator<char>(file)), {});
            std::uint64_t length = 0;
            std::memcpy(&length, text.data(), sizeof length);
            headers += isWhole ? text : text.substr(0, 8 + length);
            bytes += text.size();
        };
        add("config.json", true);
        if (shards == 0)
            add("model.safetensors", false);
        else
            add("model.safetensors.index.json", true);
        for (int shard = 0; shard < shards; ++shard)
            add(folder::Folder::nameOf(static_cast<std::size_t>(shard)), false);
        QCOMPARE(model.identity.headerSha256, sha256(std::as_bytes(std::span(headers))));
        QCOMPARE(model.identity.fileBytes, bytes);
    }

    void linkedFiles_areFollowed() // as in the Hub's cache
    {
        folder::Folder small = folder::smallLlama();
        small.writeShards(2);
        const QString blobs = m_made->filePath("blobs");
        small.write(blobs);
        const QString snapshot = m_made->filePath("snapshot");
        QDir().mkpath(snapshot);
        for (const auto& entry : QDir(blobs).entryInfoList(QDir::Files))
            QVERIFY(QFile::link("../blobs/" + entry.fileName(), snapshot + '/' + entry.fileName()));
        VERIFY_RESULT(load(snapshot.toStdString()));
    }

    void olderNames_andWhatSeesImages()
    {
        for (const char* prefix : {"language_model.model.", "model.language_model."}) {
            folder::Folder small = folder::smallLlama();
            small.config["model_type"] = "mistral";
            small.config = {{"model_type", "mistral3"}, {"text_config", small.config}};
            const bool isOlder = std::string_view(prefix).starts_with("language");
            for (folder::Tensor& tensor : small.tensors)
                tensor.name = tensor.name == "lm_head.weight"
                    ? (isOlder ? "language_model.lm_head.weight" : tensor.name)
                    : prefix + tensor.name.substr(6);
            small.tensors.push_back(folder::floats(isOlder ? "vision_tower.x" : "model.vision_tower.x", {9}));
            small.tensors.push_back(folder::floats("multi_modal_projector.y", {9}));
            small.writeWhole();
            small.write(m_made->path());
            const auto model = load(m_made->path().toStdString());
            VERIFY_RESULT(model);
            QCOMPARE((*model)->identity.parameters, std::uint64_t{144});
            QCOMPARE((*model)->warnings.size(), std::size_t{1});
        }
    }

    void tiedAndOddFiles_areRead()
    {
        folder::Folder small = folder::smallLlama();
        small.config["tie_word_embeddings"] = true;
        small.tensor("lm_head.weight").data = small.tensor("model.embed_tokens.weight").data;
        small.tensors.push_back(folder::floats("model.layers.0.self_attn.rotary_emb.inv_freq", {1}));
        // An odd byte before the floats: nothing lies at a multiple of its size.
        small.files["model.safetensors"] = folder::safetensors(small.tensors);
        std::string& bytes = small.files["model.safetensors"];
        bytes = folder::littleEndian(1 + *reinterpret_cast<const std::uint64_t*>(bytes.data()))
            + bytes.substr(8, *reinterpret_cast<const std::uint64_t*>(bytes.data())) + ' '
            + bytes.substr(8 + *reinterpret_cast<const std::uint64_t*>(bytes.data()));
        small.write(m_made->path());
        const auto model = load(m_made->path().toStdString());
        VERIFY_RESULT(model);
        QVERIFY((*model)->weights.unembedding.data.data() == (*model)->weights.embedding.data.data());
        QCOMPARE(reinterpret_cast<std::uintptr_t>((*model)->weights.embedding.data.data()) % 4,
                 std::uintptr_t{0});
        float first = 0;
        std::memcpy(&first, (*model)->weights.embedding.data.data(), sizeof first);
        QCOMPARE(first, 1.0f);
        QCOMPARE((*model)->weights.layers[0].ffnNorm[0], 3.0f);
    }

    void tokensBehindTheTokenizers_areUnused()
    {
        folder::Folder small = folder::smallLlama();
        small.writeWhole();
        small.write(m_made->path());
        const auto read = [this](std::size_t tokens) {
            return loadModelFolder(
                m_made->path().toStdString(), [tokens](const auto&) -> Result<TokenizerData> {
                    TokenizerData data;
                    data.kind = SentencePieceBpe{.scores = std::vector<float>(tokens, 1.0f), .merges = {}};
                    data.tokens.resize(tokens, "x");
                    return data;
                });
        };
        const auto padded = read(4);
        VERIFY_RESULT(padded);
        QCOMPARE((*padded)->tokenizer.tokens.size(), std::size_t{6});
        QCOMPARE((*padded)->tokenizer.tokens[5], std::string("[PAD5]"));
        QVERIFY((*padded)->tokenizer.typeOf(3) == TokenType::Normal);
        QVERIFY((*padded)->tokenizer.typeOf(4) == TokenType::Unused);
        QCOMPARE(std::get<SentencePieceBpe>((*padded)->tokenizer.kind).scores.size(), std::size_t{6});
        const auto tooMany = read(7);
        QVERIFY(!tooMany.has_value());
        QVERIFY2(
            tooMany.error().message.find("6 rows, expected one at least for each of the tokenizer's 7 tokens")
                == 0,
            tooMany.error().text().c_str());
    }

    void tokenizerJson_isTheModels()
    {
        folder::Folder small = folder::smallLlama();
        small.writeWhole();
        small.write(m_made->path());
        const std::string path = m_made->path().toStdString();
        const auto without = loadModel(path);
        QVERIFY(!without.has_value());
        QCOMPARE(exitCodeOf(without.error().code), 66);
        small.files["tokenizer.json"] =
            R"({"added_tokens":[{"id":3,"content":"<s>","special":true}],"normalizer":null,
                "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"use_regex":true},
                "post_processor":null,
                "model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":[["a","b"]]}})";
        small.write(m_made->path());
        const auto model = loadModel(path);
        VERIFY_RESULT(model);
        QCOMPARE((*model)->tokenizer.tokens,
                 (std::vector<std::string>{"a", "b", "ab", "<s>", "[PAD4]", "[PAD5]"}));
        QVERIFY((*model)->tokenizer.typeOf(3) == TokenType::Control);
        QCOMPARE((*model)->identity.source, path);
    }

    void foldersThatLie_areOneError_data()
    {
        QTest::addColumn<int>("shards");
        QTest::addColumn<FolderChange>("change");
        QTest::addColumn<std::string>("file");
        QTest::addColumn<std::string>("field"); ///< empty: the file is the place
        QTest::addColumn<std::string>("said");
        QTest::addColumn<int>("code");
        const auto row = [](const char* title, int shards, const char* file, const char* field,
                            const char* said, const FolderChange& change, int code = 65) {
            QTest::newRow(title) << shards << change << std::string(file) << std::string(field)
                                 << std::string(said) << code;
        };
        const auto index = [](const std::function<void(Json&)>& change) {
            return [change](folder::Folder& f) {
                std::string& text = f.files["model.safetensors.index.json"];
                Json json = Json::parse(text);
                change(json["weight_map"]);
                text = json.dump();
            };
        };
        const auto names = [&index](const char* shard) {
            return index([shard](Json& map) { map["lm_head.weight"] = shard; });
        };
        const auto again = [](const std::function<void(folder::Folder&)>& change) {
            return [change](folder::Folder& f) {
                change(f);
                f.files.clear();
                f.writeWhole();
            };
        };
        const char* const kIndex = "model.safetensors.index.json";
        const char* const kNeeds = "expected a file in this folder";
        row("41 parent", 3, kIndex, "lm_head.weight", kNeeds, names("../x.safetensors"));
        row("41 absolute", 3, kIndex, "lm_head.weight", kNeeds, names("/x.safetensors"));
        row("41 deeper", 3, kIndex, "lm_head.weight", kNeeds, names("a/b.safetensors"));
        row("41 backslash", 3, kIndex, "lm_head.weight", kNeeds, names("a\\b.safetensors"));
        row("41 hidden", 3, kIndex, "lm_head.weight", kNeeds, names("..safetensors"));
        row("41 another ending", 3, kIndex, "lm_head.weight", kNeeds, names("passwd"));
        row("41 no word", 3, kIndex, "lm_head.weight", "7, expected a file",
            index([](Json& map) { map["lm_head.weight"] = 7; }));
        row(
            "41 missing shard", 3, "part-1.safetensors", "",
            "is missing, expected the file that model.safetensors.index.json names",
            [](folder::Folder& f) { f.files.erase("part-1.safetensors"); }, 66);
        row("41 shard lacks it", 3, kIndex, "model.extra.weight", "\"part-0.safetensors\", which lacks it",
            index([](Json& map) { map["model.extra.weight"] = "part-0.safetensors"; }));
        row("41 listed elsewhere", 3, "part-2.safetensors", "lm_head.weight",
            "expected it in part-0.safetensors", names("part-0.safetensors"));
        row("41 not listed", 3, "part-2.safetensors", "lm_head.weight", "does not list",
            index([](Json& map) { map.erase("lm_head.weight"); }));
        row("41 in two shards", 3, "part-1.safetensors", "model.embed_tokens.weight", "the tensor again",
            [](folder::Folder& f) { f.files["part-1.safetensors"] = f.files["part-0.safetensors"]; });
        row("41 listed twice", 3, kIndex, "JSON", "again (first at byte", [](folder::Folder& f) {
            f.files["model.safetensors.index.json"] =
                R"({"weight_map":{"a":"x.safetensors","a":"y.safetensors"}})";
        });
        row("41 empty index", 3, kIndex, "weight_map", "no tensors",
            index([](Json& map) { map = Json::object(); }));
        row("41 index without a map", 3, kIndex, "weight_map", "no tensors",
            [](folder::Folder& f) { f.files["model.safetensors.index.json"] = "[]"; });
        row("shard is cut", 3, "part-1.safetensors", "model.norm.weight", "end of file after",
            [](folder::Folder& f) {
                std::string& bytes = f.files["part-1.safetensors"];
                bytes.resize(bytes.size() - 1);
            });
        row(
            "42 no config", 0, "", "", "is a folder without config.json",
            [](folder::Folder& f) { f.files["config.json"] = ""; }, 66);
        row("42 an array", 0, "config.json", "JSON", "an array, expected an object",
            [](folder::Folder& f) { f.files["config.json"] = "[1]"; });
        row("42 1e400", 0, "config.json", "JSON", "1e400",
            [](folder::Folder& f) { f.files["config.json"] = R"({"rope_theta":1e400})"; });
        row("42 deep", 0, "config.json", "JSON", "deep, expected at most 64",
            [](folder::Folder& f) { f.files["config.json"] = std::string(100'000, '['); });
        row("42 vocabulary", 0, "model.safetensors", "model.embed_tokens.weight",
            "6 rows, expected 7, config.json's vocab_size",
            [](folder::Folder& f) { f.config["vocab_size"] = 7; });
        row(
            "no weights", 0, "", "", "holds no weights, expected model.safetensors",
            [](folder::Folder& f) { f.files.clear(); }, 66);
        row(
            "pickles", 0, "", "", "holds Python pickles",
            [](folder::Folder& f) {
                f.files.clear();
                f.files["pytorch_model.bin"] = "x";
            },
            66);
        row("another shape", 0, "model.safetensors", "model.layers.0.self_attn.k_proj.weight",
            "shape [4, 4], expected shape [2, 4]", again([](folder::Folder& f) {
                f.tensor("model.layers.0.self_attn.k_proj.weight") =
                    folder::floats("model.layers.0.self_attn.k_proj.weight", {4, 4});
            }));
        row("transposed", 0, "model.safetensors", "model.layers.0.mlp.down_proj.weight",
            "shape [3, 4], expected shape [4, 3]", again([](folder::Folder& f) {
                f.tensor("model.layers.0.mlp.down_proj.weight").shape = {3, 4};
            }));
        row("a norm of two dimensions", 0, "model.safetensors", "model.norm.weight",
            "shape [1, 4], expected shape [4]", again([](folder::Folder& f) {
                f.tensor("model.norm.weight").shape = {1, 4};
            }));
        row("missing tensor", 0, "model.safetensors", "model.layers.0.mlp.up_proj.weight",
            "no such tensor, expected one of shape [3, 4]",
            again([](folder::Folder& f) { f.tensor("model.layers.0.mlp.up_proj.weight").name = "model.x"; }));
        row("missing among shards", 2, kIndex, "model.layers.1.input_layernorm.weight", "no such tensor",
            [](folder::Folder& f) { f.config["num_hidden_layers"] = 2; });
        row("missing embedding", 0, "model.safetensors", "model.embed_tokens.weight", "no such tensor",
            again([](folder::Folder& f) { f.tensor("model.embed_tokens.weight").name = "model.x"; }));
        row("untied without its matrix", 0, "model.safetensors", "lm_head.weight", "no such tensor",
            again([](folder::Folder& f) { f.tensors.pop_back(); }));
        row("tied with another matrix", 0, "model.safetensors", "lm_head.weight",
            "other values than the embedding's",
            [](folder::Folder& f) { f.config["tie_word_embeddings"] = true; });
        row("a tensor without a place", 0, "model.safetensors", "score.weight", "a tensor without a place",
            again([](folder::Folder& f) {
                f.tensors.push_back(folder::floats("score.weight", {2, 4}));
            }));
        row("a bias that the config does not have", 0, "model.safetensors",
            "model.layers.0.self_attn.q_proj.bias", "a tensor without a place", again([](folder::Folder& f) {
                f.tensors.push_back(folder::floats("model.layers.0.self_attn.q_proj.bias", {4}));
            }));
        row("a bias that the file does not have", 0, "model.safetensors",
            "model.layers.0.self_attn.q_proj.bias", "no such tensor",
            [](folder::Folder& f) { f.config["attention_bias"] = true; });
        row("float64", 0, "model.safetensors", "model.layers.0.self_attn.v_proj.weight",
            "dtype F64, expected F32, F16 or BF16", again([](folder::Folder& f) {
                folder::Tensor& tensor = f.tensor("model.layers.0.self_attn.v_proj.weight");
                tensor.dtype = "F64";
                tensor.data += tensor.data;
            }));
        row("eight bits", 0, "model.safetensors", "model.norm.weight", "dtype F8_E4M3",
            again([](folder::Folder& f) {
                f.tensor("model.norm.weight").dtype = "F8_E4M3";
                f.tensor("model.norm.weight").data = "1234";
            }));
    }

    void foldersThatLie_areOneError()
    {
        QFETCH(const int, shards);
        QFETCH(const FolderChange, change);
        QFETCH(const std::string, file);
        QFETCH(const std::string, field);
        QFETCH(const std::string, said);
        QFETCH(const int, code);
        folder::Folder small = folder::smallLlama();
        if (shards == 0)
            small.writeWhole();
        else
            small.writeShards(static_cast<std::size_t>(shards));
        change(small);
        small.write(m_made->path());
        if (small.files.contains("config.json") && small.files["config.json"].empty())
            QVERIFY(QFile::remove(m_made->filePath("config.json")));
        const auto model = load(m_made->path().toStdString());
        QVERIFY(!model.has_value());
        const Error& error = model.error();
        QCOMPARE(exitCodeOf(error.code), code);
        const std::string place = m_made->path().toStdString() + (file.empty() ? "" : "/" + file);
        if (field.empty())
            QCOMPARE(error.context, place);
        else
            QVERIFY2(error.context.starts_with(place + ": at byte ") && error.context.ends_with(": " + field),
                     error.text().c_str());
        QVERIFY2(error.message.find(said) != std::string::npos, error.text().c_str());
        // What headers tell is told before anything is loaded, in the same words; values are not compared
        // then.
        const ModelLook look = lookAtModel(m_made->path().toStdString());
        QCOMPARE(look.runs(), said == "other values than the embedding's");
        if (!look.runs())
            QCOMPARE(look.refusal->text(), error.text());
    }

    void shardsThatAreNoFiles_areRefused()
    {
        folder::Folder small = folder::smallLlama();
        small.writeShards(2);
        const std::string shard = m_made->filePath("part-1.safetensors").toStdString();
        const auto expectRefusal = [&](const char* said) {
            const auto model = load(m_made->path().toStdString());
            QVERIFY(!model.has_value());
            QCOMPARE(model.error().context, shard);
            QVERIFY2(model.error().message.find(said) != std::string::npos, model.error().text().c_str());
        };
        small.write(m_made->path());
        QVERIFY(std::filesystem::remove(shard));
        QCOMPARE(::mkfifo(shard.c_str(), 0600), 0);
        expectRefusal("is not a regular file");
        QVERIFY(std::filesystem::remove(shard));
        QVERIFY(std::filesystem::create_directory(shard));
        expectRefusal("is a directory");
        QVERIFY(std::filesystem::remove(shard));
        std::filesystem::create_symlink("part-1.safetensors", shard);
        expectRefusal("Too many levels of symbolic links");
    }

private:
    std::unique_ptr<QTemporaryDir> m_made;
};

QTEST_APPLESS_MAIN(TestFolderSource)
#include "tst_folder_source.moc"
