// SPDX-License-Identifier: Apache-2.0
// What the architectures demand of a file; that they compute what they should is tst_parity_architectures.
#include "core/model/architecture/conventions.h"
#include "core/model/limits.h"
#include "core/model/model_loader.h"
#include "core/model/model_look.h"
#include "tests/core/model/gguf_builder.h"

#include <QTemporaryDir>
#include <QTest>
#include <functional>

using namespace headwater;

namespace {

/// The small Llama under another name, with what that needs besides.
gguf::File renamed(const std::string& architecture)
{
    gguf::File file = gguf::smallLlama();
    file.set(gguf::string("general.architecture", architecture));
    for (gguf::Entry& entry : file.entries)
        if (entry.key.starts_with("llama."))
            entry.key = architecture + entry.key.substr(5);
    return file;
}

void add(gguf::File& file, const std::string& part, std::uint64_t size)
{
    for (int layer = 0; layer < 2; ++layer)
        file.tensors.push_back(gguf::floats("blk." + std::to_string(layer) + "." + part, {size}));
}

gguf::File smallQwen2()
{
    gguf::File file = renamed("qwen2");
    add(file, "attn_q.bias", 16);
    add(file, "attn_k.bias", 8);
    add(file, "attn_v.bias", 8);
    return file;
}

gguf::File smallGemma3()
{
    gguf::File file = renamed("gemma3");
    add(file, "attn_q_norm.weight", 4);
    add(file, "attn_k_norm.weight", 4);
    add(file, "post_attention_norm.weight", 16);
    add(file, "post_ffw_norm.weight", 16);
    file.set(gguf::u32("gemma3.attention.sliding_window", 9));
    return file;
}

gguf::File smallGemma4()
{
    gguf::File file = smallGemma3();
    file.set(gguf::string("general.architecture", "gemma4"));
    for (gguf::Entry& entry : file.entries)
        if (entry.key.starts_with("gemma3."))
            entry.key = "gemma4" + entry.key.substr(6);
    file.set(gguf::array<std::uint8_t>("gemma4.attention.sliding_window_pattern", gguf::Bool, {0, 0}));
    file.set(gguf::u32("gemma4.attention.shared_kv_layers", 1));
    return file;
}

struct Lie {
    const char* name;
    std::function<gguf::File()> file;
    const char* where;
    const char* said;
};

const std::vector<Lie>& lies()
{
    const auto changed = [](gguf::File (*made)(), const std::function<void(gguf::File&)>& change) {
        return [made, change] {
            gguf::File file = made();
            change(file);
            return file;
        };
    };
    static const std::vector<Lie> kLies = {
        {"an architecture of experts", [] { return renamed("qwen3moe"); }, "general.architecture",
         "llama, qwen2, qwen3, gemma2, gemma3, gemma4, olmo2, smollm3, mistral3"},
        {"a query without its bias",
         changed(smallQwen2,
                 [](gguf::File& f) {
                     std::erase_if(f.tensors, [](const auto& t) { return t.name == "blk.1.attn_q.bias"; });
                 }),
         "blk.1.attn_q.bias", "no such tensor"},
        {"a norm of another width",
         changed(smallGemma3,
                 [](gguf::File& f) {
                     f.tensor("blk.0.attn_q_norm.weight") = gguf::floats("blk.0.attn_q_norm.weight", {16});
                 }),
         "blk.0.attn_q_norm.weight", "dimensions [4]"},
        {"layers that slide without a window",
         changed(smallGemma3, [](gguf::File& f) { f.remove("gemma3.attention.sliding_window"); }),
         "gemma3.attention.sliding_window", "missing"},
        {"flags of another number of layers",
         changed(smallGemma3,
                 [](gguf::File& f) {
                     f.set(gguf::array<std::uint8_t>("gemma3.attention.sliding_window_pattern", gguf::Bool,
                                                     {1, 0, 1}));
                 }),
         "gemma3.attention.sliding_window_pattern", "3 flags"},
        {"every layer borrows",
         changed(smallGemma4,
                 [](gguf::File& f) { f.set(gguf::u32("gemma4.attention.shared_kv_layers", 2)); }),
         "gemma4.attention.shared_kv_layers", "2"},
        {"no layer of its kind to borrow from",
         changed(smallGemma4,
                 [](gguf::File& f) {
                     f.set(gguf::array<std::uint8_t>("gemma4.attention.sliding_window_pattern", gguf::Bool,
                                                     {1, 0}));
                 }),
         "gemma4.attention.shared_kv_layers", "layer 1"},
        {"keys of another number of heads to borrow",
         changed(smallGemma4,
                 [](gguf::File& f) {
                     f.set(gguf::array<std::uint32_t>("gemma4.attention.head_count_kv", gguf::U32, {2, 4}));
                 }),
         "gemma4.attention.shared_kv_layers", "layer 1"},
        {"a key without its layer's input",
         changed(smallGemma4,
                 [](gguf::File& f) { f.set(gguf::u32("gemma4.embedding_length_per_layer_input", 4)); }),
         "per_layer_token_embd.weight", "no such tensor"},
    };
    return kLies;
}

} // namespace

class TestArchitectures : public QObject {
    Q_OBJECT

private slots:
    void smallFiles_load()
    {
        const auto qwen2 = load(smallQwen2());
        QVERIFY2(qwen2, qwen2 ? "" : qwen2.error().text().c_str());
        QCOMPARE((*qwen2)->weights.layers[1].key.bias.size(), std::size_t{8});
        QCOMPARE((*qwen2)->config.layers[0].rotary.pairs, RotaryPairs::Halves);

        gguf::File local = smallGemma3();
        local.set(gguf::u32("gemma3.attention.sliding_window_pattern", 2));
        local.set(gguf::f32("gemma3.rope.freq_base", 100.0f));
        const auto gemma3 = load(local);
        QVERIFY2(gemma3, gemma3 ? "" : gemma3.error().text().c_str());
        const auto& layers = (*gemma3)->config.layers;
        QCOMPARE(layers[0].window, 9u);
        QCOMPARE(layers[1].kind, HeadKind::Global);
        QCOMPARE(layers[0].rotary.frequencies[1], 0.01); // 10 000, which the file leaves out
        QCOMPARE(layers[1].rotary.frequencies[1], 0.1);
        QCOMPARE((*gemma3)->config.embeddingScale, 4.0f);
    }

    /// Layers that borrow have no keys of their own; a file that has them all the same is read without them.
    void borrowingLayers_leaveTheirKeys()
    {
        const auto model = load(smallGemma4());
        QVERIFY2(model, model ? "" : model.error().text().c_str());
        QCOMPARE((*model)->config.layers[0].keysOf, -1);
        QCOMPARE((*model)->config.layers[1].keysOf, 0);
        QCOMPARE((*model)->weights.layers[1].key.matrix.rows, 0u);
        QCOMPARE((*model)->config.layers[1].attentionScale, 1.0f);
    }

    void lies_areRefused_data()
    {
        QTest::addColumn<int>("lie");
        for (std::size_t i = 0; i < lies().size(); ++i)
            QTest::newRow(lies()[i].name) << int(i);
    }

    void lies_areRefused()
    {
        QFETCH(int, lie);
        const Lie& told = lies()[static_cast<std::size_t>(lie)];
        const auto model = load(told.file());
        QVERIFY(!model);
        const QString text = QString::fromStdString(model.error().text());
        QVERIFY2(text.contains(told.where) && text.contains(told.said), qPrintable(text));
        const ModelLook look =
            lookAtModel(m_folder.filePath("model.gguf").toStdString()); // before it is loaded
        QVERIFY(!look.runs());
        QCOMPARE(QString::fromStdString(look.refusal->text()), text);
    }

private:
    Result<std::shared_ptr<const Model>> load(const gguf::File& file)
    {
        const std::string path = m_folder.filePath("model.gguf").toStdString();
        std::remove(path.c_str()); // models of this test may still be mapped
        gguf::write(path, file.bytes());
        return loadModel(path);
    }

    QTemporaryDir m_folder;
};

QTEST_APPLESS_MAIN(TestArchitectures)
#include "tst_architectures.moc"
