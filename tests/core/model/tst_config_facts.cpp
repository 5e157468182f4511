// SPDX-License-Identifier: Apache-2.0
// What a config.json means in either spelling of transformers, against the same model as GGUF and against
// transformers' own defaults; configs that lie: one error each.
#include "core/model/folder/folder_source.h"
#include "core/model/json_reader.h"
#include "core/model/model_loader.h"
#include "support/fuzz_corpus.h"
#include "support/reference_data.h"
#include "support/tiny_models.h"
#include "support/verify_result.h"

#include <QTest>
#include <cmath>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

using namespace headwater;
using namespace headwater::test;
using Json = nlohmann::ordered_json;

namespace {

Json jsonOf(const std::string& name)
{
    std::ifstream file(sourcePath("tests/data/reference/architectures/" + name));
    return Json::parse(file);
}

/// What a config.json alone makes of a model.
Result<ModelConfig> configOf(const Json& json)
{
    const auto folder = std::make_shared<ModelFolder>();
    folder->configPath = "config.json";
    keepForFuzzing("config", json.dump());
    HEADWATER_TRY_ASSIGN(folder->config, readJson(json.dump(), folder->configPath));
    HEADWATER_TRY_ASSIGN(FolderSource source, FolderSource::open(folder));
    return source.convention().architecture->config(source);
}

/// The first thing in which two configs differ; empty: none. GGUF holds numbers as float32.
std::string differenceOf(const ModelConfig& a, const ModelConfig& b)
{
    const auto differ = [](double x, double y) { return !(std::abs(x - y) <= 3e-7 * std::abs(y) + 1e-20); };
    if (a.hiddenSize != b.hiddenSize || a.contextLength != b.contextLength || a.activation != b.activation
        || a.layers.size() != b.layers.size() || a.layerInputSize != b.layerInputSize)
        return fmt::format("sizes: {}, {}, {} layers; {}, {}, {}", a.hiddenSize, a.contextLength,
                           a.layers.size(), b.hiddenSize, b.contextLength, b.layers.size());
    if (differ(a.normEpsilon, b.normEpsilon) || differ(a.embeddingScale, b.embeddingScale)
        || differ(a.logitCap, b.logitCap))
        return fmt::format("epsilon {} or {}, scale {} or {}, cap {} or {}", a.normEpsilon, b.normEpsilon,
                           a.embeddingScale, b.embeddingScale, a.logitCap, b.logitCap);
    for (std::size_t i = 0; i < a.layers.size(); ++i) {
        const LayerConfig& x = a.layers[i];
        const LayerConfig& y = b.layers[i];
        if (x.kind != y.kind || x.window != y.window)
            return fmt::format("layer {}: window {} or {}", i, x.window, y.window);
        if (x.numHeads != y.numHeads || x.numKvHeads != y.numKvHeads || x.headDim != y.headDim
            || x.ffnSize != y.ffnSize)
            return fmt::format("layer {}: {} heads on {} of {} or {} on {} of {}, feed-forward {} or {}", i,
                               x.numHeads, x.numKvHeads, x.headDim, y.numHeads, y.numKvHeads, y.headDim,
                               x.ffnSize, y.ffnSize);
        if (differ(x.attentionScale, y.attentionScale) || differ(x.scoreCap, y.scoreCap))
            return fmt::format("layer {}: scale {} or {}, cap {} or {}", i, x.attentionScale,
                               y.attentionScale, x.scoreCap, y.scoreCap);
        if (x.keysOf != y.keysOf || x.valuesAreKeys != y.valuesAreKeys || x.normsValues != y.normsValues)
            return fmt::format("layer {}: keys of {} or {}, values", i, x.keysOf, y.keysOf);
        if (differ(x.queryScale.slope, y.queryScale.slope) || x.queryScale.step != y.queryScale.step)
            return fmt::format("layer {}: temperature {} or {}", i, x.queryScale.slope, y.queryScale.slope);
        if (x.rotary.frequencies.size() != y.rotary.frequencies.size()
            || differ(x.rotary.magnitude, y.rotary.magnitude))
            return fmt::format("layer {}: {} or {} pairs, magnitude {} or {}", i, x.rotary.frequencies.size(),
                               y.rotary.frequencies.size(), x.rotary.magnitude, y.rotary.magnitude);
        for (std::size_t pair = 0; pair < x.rotary.frequencies.size(); ++pair)
            if (differ(x.rotary.frequencies[pair], y.rotary.frequencies[pair]))
                return fmt::format("layer {}: pair {} turns by {} or {}", i, pair, x.rotary.frequencies[pair],
                                   y.rotary.frequencies[pair]);
    }
    return {};
}

using Change = std::function<void(Json&)>;

} // namespace

class TestConfigFacts : public QObject {
    Q_OBJECT

private slots:
    void config_isThatOfTheSameModelAsGguf_data()
    {
        QTest::addColumn<std::string>("name");
        const std::vector<std::string> names = tinyModels().gguf;
        QVERIFY(names.size() >= 26);
        for (const std::string& name : names)
            QTest::newRow(name.c_str()) << name;
    }

    void config_isThatOfTheSameModelAsGguf()
    {
        QFETCH(const std::string, name);
        const auto gguf =
            loadModel(sourcePath("tests/data/reference/architectures/" + name + ".gguf").string());
        VERIFY_RESULT(gguf);
        const auto folder = configOf(jsonOf(name + "/config.json"));
        VERIFY_RESULT(folder);
        const std::string difference = differenceOf(*folder, (*gguf)->config);
        QVERIFY2(difference.empty(), difference.c_str());
        for (const LayerConfig& layer : folder->layers)
            QVERIFY(layer.rotary.pairs == RotaryPairs::Halves || layer.rotary.frequencies.empty());
    }

    /// A config that spells nothing but its type, and transformers' that spells all.
    void defaults_areThoseOfTheClass_data()
    {
        QTest::addColumn<std::string>("type");
        const Json defaults = jsonOf("defaults.json");
        QCOMPARE(defaults.size(), std::size_t{11});
        for (const auto& [type, config] : defaults.items())
            QTest::newRow(type.c_str()) << type;
    }

    void defaults_areThoseOfTheClass()
    {
        QFETCH(const std::string, type);
        const Json spelled = jsonOf("defaults.json")[type];
        Json bare = {{"model_type", type}};
        if (type == "ministral3" || type == "gemma4_text") { // which have a whole dictionary of positions
            const auto refused = configOf(bare);
            QVERIFY(!refused && refused.error().message.starts_with("missing"));
            bare["rope_parameters"] = spelled["rope_parameters"];
        }
        const auto unsaid = configOf(bare);
        VERIFY_RESULT(unsaid);
        const auto said = configOf(spelled);
        VERIFY_RESULT(said);
        const std::string difference = differenceOf(*unsaid, *said);
        QVERIFY2(difference.empty(), difference.c_str());
    }

    /// The same model in another spelling.
    void spellings_meanTheSame_data()
    {
        QTest::addColumn<std::string>("name");
        QTest::addColumn<Change>("change");
        const auto row = [](const char* spelling, const char* name, const Change& change) {
            QTest::newRow(spelling) << std::string(name) << change;
        };
        row("llama3 of 4", "llama3", [](Json& c) {
            Json scaling = c["rope_parameters"];
            scaling.erase("rope_theta");
            c.erase("rope_parameters");
            c.erase("dtype");
            c["rope_theta"] = 500000.0;
            c["rope_scaling"] = scaling;
            c["torch_dtype"] = "float32";
        });
        row("linear of 4, by type", "mistral", [](Json& c) {
            c.erase("rope_parameters");
            c["rope_theta"] = 100000;
            c["rope_scaling"] = {{"type", "linear"}, {"factor", 3}};
            c["head_dim"] = 16;
        });
        row("none of 4", "qwen2-tied", [](Json& c) {
            c.erase("rope_parameters");
            c.erase("layer_types");
            c["rope_theta"] = 1e6;
            c["rope_scaling"] = nullptr;
        });
        row("gemma3 of 4", "gemma3", toGemma3Of4);
        row("gemma3 whole of 4", "gemma3", [](Json& c) {
            toGemma3Of4(c);
            c = {{"model_type", "gemma3"}, {"text_config", c}, {"vision_config", {{"hidden_size", 1152}}}};
        });
        row("gemma3 whole of 5", "gemma3", [](Json& c) {
            c = {{"model_type", "gemma3"}, {"text_config", c}, {"vision_config", {{"hidden_size", 1152}}}};
        });
        row("gemma3 with activations of both names", "gemma3", [](Json& c) { c["hidden_act"] = "gelu"; });
        row("gemma2 of 4", "gemma2-default-caps", [](Json& c) {
            for (const char* key :
                 {"rope_parameters", "layer_types", "attn_logit_softcapping", "final_logit_softcapping"})
                c.erase(key);
            c["rope_theta"] = 10000.0;
        });
        row("olmo3 of 4", "olmo3", [](Json& c) {
            Json scaling = c["rope_parameters"]["full_attention"];
            scaling.erase("rope_theta");
            c.erase("rope_parameters");
            c.erase("layer_types");
            c["rope_theta"] = 500000;
            c["rope_scaling"] = scaling;
        });
        row("smollm3 by an interval", "smollm3", [](Json& c) {
            c.erase("no_rope_layers");
            c.erase("rope_parameters");
            c["no_rope_layer_interval"] = 4;
            c["rope_theta"] = 2e6;
        });
        row("yarn whose original context is the whole one", "llama-yarn", [](Json& c) {
            c["rope_parameters"].erase("original_max_position_embeddings");
            c["max_position_embeddings"] = 64;
            c["rope_scaling"] = c["rope_parameters"];
            c.erase("rope_parameters");
            c["max_position_embeddings"] = 512;
            c["original_max_position_embeddings"] = 64;
        });
        row("gemma4 layer by layer", "gemma4-keys-as-values", [](Json& c) {
            c.erase("per_layer_config");
            c["global_head_dim"] = 20;
            c["num_global_key_value_heads"] = 2;
        });
        row("gemma4 whose last layer is called local", "gemma4", [](Json& c) {
            c["layer_types"].back() = "sliding_attention";
            c["use_bidirectional_attention"] = "vision";
        });
        row("nulls where nothing is", "llama3", [](Json& c) {
            c["sliding_window"] = nullptr;
            c["quantization_config"] = nullptr;
            c["head_dim"] = nullptr;
        });
        row("a window that this class does not know", "llama3", [](Json& c) { c["sliding_window"] = 16; });
        row("a window without consent", "qwen2-tied", [](Json& c) {
            c["use_sliding_window"] = false;
            c["sliding_window"] = 16;
        });
    }

    void spellings_meanTheSame()
    {
        QFETCH(const std::string, name);
        QFETCH(const Change, change);
        Json json = jsonOf(name + "/config.json");
        const auto expected = configOf(json);
        VERIFY_RESULT(expected);
        change(json);
        const auto found = configOf(json);
        VERIFY_RESULT(found);
        const std::string difference = differenceOf(*found, *expected);
        QVERIFY2(difference.empty(), difference.c_str());
    }

    void windows_areThoseOfTheClass()
    {
        const auto windows = [](Json json, const Json& changes) {
            json.update(changes);
            const auto config = configOf(json);
            if (!config)
                return config.error().text();
            std::string text;
            for (const LayerConfig& layer : config->layers)
                text += fmt::format("{} ", layer.window);
            return text;
        };
        Json qwen2 = jsonOf("qwen2-tied/config.json");
        const Json consent = {{"use_sliding_window", true}, {"sliding_window", 40}, {"max_window_layers", 2}};
        QCOMPARE(windows(qwen2, consent), std::string("0 0 0 ")); // layer_types say that all are full
        qwen2.erase("layer_types");
        QCOMPARE(windows(qwen2, consent), std::string("0 0 40 "));
        QCOMPARE(windows(qwen2, {{"use_sliding_window", true}, {"sliding_window", 40}}),
                 std::string("0 0 0 "));
        const Json smolLm3 = jsonOf("smollm3/config.json");
        Json untyped = smolLm3;
        untyped.erase("layer_types");
        QCOMPARE(windows(untyped, {{"use_sliding_window", true}, {"sliding_window", 40}}),
                 std::string("0 0 0 40 0 "));
        Json gemma = jsonOf("gemma3/config.json");
        gemma.erase("layer_types");
        QCOMPARE(windows(gemma, {{"sliding_window_pattern", 3}}), std::string("48 48 0 48 48 0 48 "));
        QCOMPARE(windows(jsonOf("mistral/config.json"), {{"sliding_window", nullptr}}),
                 std::string("0 0 0 "));
        QCOMPARE(windows(jsonOf("ministral3/config.json"), {{"sliding_window", 7}}), std::string("7 7 7 "));
    }

    void nullCaps_areNone()
    {
        Json json = jsonOf("gemma2/config.json");
        json["attn_logit_softcapping"] = nullptr;
        json["final_logit_softcapping"] = nullptr;
        const auto config = configOf(json);
        VERIFY_RESULT(config);
        QCOMPARE(config->layers[0].scoreCap, 0.0f);
        QCOMPARE(config->logitCap, 0.0f);
    }

    void badConfigs_areOneError_data()
    {
        QTest::addColumn<std::string>("name");
        QTest::addColumn<Change>("change");
        QTest::addColumn<std::string>("field");
        QTest::addColumn<std::string>("said");
        const auto row = [](const char* title, const char* name, const char* field, const char* said,
                            const Change& change) {
            QTest::newRow(title) << std::string(name) << change << std::string(field) << std::string(said);
        };
        const auto set = [](const char* key, const Json& value) {
            return [key, value](Json& c) { c[key] = value; };
        };
        row("unknown type", "llama3", "model_type",
            "\"gpt_neox\", expected an architecture this version reads (llama, mistral, ",
            set("model_type", "gpt_neox"));
        row("mixture of experts", "llama3", "model_type", "\"qwen3_moe\"", set("model_type", "qwen3_moe"));
        row("no type", "llama3", "model_type", "missing", [](Json& c) { c.erase("model_type"); });
        row("type 7", "llama3", "model_type", "7", set("model_type", 7));
        row("whole of another text", "llama3", "text_config.model_type", "\"gemma3n_text\"", [](Json& c) {
            c = {{"model_type", "gemma3"}, {"text_config", {{"model_type", "gemma3n_text"}}}};
        });
        row("whole without text", "llama3", "model_type", "\"gemma3\"", [](Json& c) {
            c = {{"model_type", "gemma3"}};
        });
        row("heads do not divide", "llama3", "num_attention_heads", "7 heads for 40 dimensions", [](Json& c) {
            c["num_attention_heads"] = 7;
            c["head_dim"] = nullptr;
        });
        row("KV heads do not divide", "llama3", "num_key_value_heads", "2 for 5 heads",
            set("num_key_value_heads", 2));
        row("no heads", "llama3", "num_attention_heads", "0, expected an integer from 1",
            set("num_attention_heads", 0));
        row("negative", "llama3", "num_hidden_layers", "-1", set("num_hidden_layers", -1));
        row("too many layers", "llama3", "num_hidden_layers", "2147483648",
            set("num_hidden_layers", 2147483648U));
        row("a word", "llama3", "hidden_size", "\"40\"", set("hidden_size", "40"));
        row("a fraction", "llama3", "hidden_size", "40.5", set("hidden_size", 40.5));
        row("epsilon null", "llama3", "rms_norm_eps", "missing", set("rms_norm_eps", nullptr));
        row("quantised", "llama3", "quantization_config", "quantised weights",
            set("quantization_config", Json{{"quant_method", "gptq"}}));
        row("both directions", "gemma3", "use_bidirectional_attention", "true",
            set("use_bidirectional_attention", true));
        row("another scaling", "llama3", "rope_parameters.rope_type", "\"longrope\"",
            [](Json& c) { c["rope_parameters"]["rope_type"] = "longrope"; });
        row("dynamic scaling of 4", "llama3", "rope_scaling.type", "\"dynamic\"", [](Json& c) {
            c["rope_scaling"] = {{"type", "dynamic"}, {"factor", 2.0}};
        });
        row("a factor that is missing", "llama3", "rope_parameters.low_freq_factor", "missing",
            [](Json& c) { c["rope_parameters"].erase("low_freq_factor"); });
        row("experts", "gemma4", "enable_moe_block", "true", set("enable_moe_block", true));
        row("positions of the class", "gemma4", "rope_parameters", "missing",
            [](Json& c) { c.erase("rope_parameters"); });
        row("a layer unlike the others", "gemma4", "per_layer_config.5", "another layer",
            [](Json& c) { c["per_layer_config"]["5"]["head_dim"] = 24; });
        row("a global layer left out", "gemma4", "per_layer_config", "nothing of layer 7",
            [](Json& c) { c["per_layer_config"].erase("7"); });
        row("a local layer of its own", "gemma4", "per_layer_config",
            "\"0\", expected the number of a global layer", [](Json& c) {
                c["per_layer_config"]["0"] = {{"head_dim", 16}};
            });
        row("layers of their own", "llama3", "per_layer_config", "layers of their own", [](Json& c) {
            c["per_layer_config"]["0"] = {{"head_dim", 16}};
        });
        row("stretched by nothing", "mistral", "rope_parameters.factor", "missing",
            [](Json& c) { c["rope_parameters"].erase("factor"); });
        row("consent is a word", "qwen2-tied", "use_sliding_window", "\"yes\"",
            set("use_sliding_window", "yes"));
        row("positions nested in vain", "llama3", "rope_parameters", "\"full_attention\"", [](Json& c) {
            c["rope_parameters"] = {{"full_attention", c["rope_parameters"]}};
        });
        row("positions not nested", "gemma3", "rope_parameters", "\"factor\", expected full_attention",
            [](Json& c) { c["rope_parameters"] = c["rope_parameters"]["full_attention"]; });
        row("local layers stretched", "gemma3", "rope_parameters.sliding_attention.rope_type", "\"linear\"",
            [](Json& c) { c["rope_parameters"]["sliding_attention"]["rope_type"] = "linear"; });
        row("a part of a head turns", "llama3", "partial_rotary_factor", "0.5",
            set("partial_rotary_factor", 0.5));
        row("scaling is a list", "llama3", "rope_scaling", "an array", set("rope_scaling", Json::array({1})));
        row("window 0", "mistral", "sliding_window", "0", set("sliding_window", 0));
        row("too few layer types", "gemma3", "layer_types", "2 layers, expected 7",
            set("layer_types", Json::array({"full_attention", "sliding_attention"})));
        row("another layer type", "gemma3", "layer_types", "\"linear_attention\"",
            [](Json& c) { c["layer_types"][0] = "linear_attention"; });
        row("layer types are a word", "gemma3", "layer_types", "0 layers",
            set("layer_types", "full_attention"));
        row("no_rope_layers of 2", "smollm3", "no_rope_layers", "2",
            [](Json& c) { c["no_rope_layers"][0] = 2; });
    }

    void badConfigs_areOneError()
    {
        QFETCH(const std::string, name);
        QFETCH(const Change, change);
        QFETCH(const std::string, field);
        QFETCH(const std::string, said);
        Json json = jsonOf(name + "/config.json");
        change(json);
        const auto config = configOf(json);
        QVERIFY(!config.has_value());
        QCOMPARE(exitCodeOf(config.error().code), 65);
        QVERIFY2(config.error().context.find("config.json: at byte ") != std::string::npos,
                 config.error().text().c_str());
        QVERIFY2(config.error().context.ends_with(": " + field), config.error().text().c_str());
        QVERIFY2(config.error().message.find(said) != std::string::npos, config.error().text().c_str());
    }

private:
    static void toGemma3Of4(Json& c)
    {
        c.erase("rope_parameters");
        c.erase("layer_types");
        c["rope_theta"] = 1000000;
        c["rope_local_base_freq"] = 10000;
        c["rope_scaling"] = {{"rope_type", "linear"}, {"factor", 4.0}};
        c["sliding_window_pattern"] = 6;
    }
};

QTEST_APPLESS_MAIN(TestConfigFacts)
#include "tst_config_facts.moc"
