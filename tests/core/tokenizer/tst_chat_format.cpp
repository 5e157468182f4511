// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/chat_format.h"

#include "core/base/mapped_file.h"

#include <QTest>
#include <map>
#include <nlohmann/json.hpp>

using namespace headwater;

namespace {

// SmolLM2-135M-Instruct's own, as it stands in its GGUF (line feeds, not escapes).
const std::string kSmolLm2 =
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ "
    "'<|im_start|>system\n"
    "You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
    "' }}{% endif %}{{'<|im_start|>' + message['role'] + '\n"
    "' + message['content'] + '<|im_end|>' + '\n"
    "'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n"
    "' }}{% endif %}";
// The shape of Qwen2.5's: escapes, a tools branch, and the default turn spelled once.
const std::string kEscapes =
    R"({%- if tools %}{{- '<|im_start|>system\n' }}{{- messages[0].content + '<|im_end|>\n' }}{%- else %})"
    R"({{- '<|im_start|>system\nYou\'re Q.<|im_end|>\n' }}{%- endif %})"
    R"({{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>' + '\n' }})"
    R"({{- '<|im_start|>assistant\n' }})";
const std::string kNoDefault =
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + "
    "'<|im_end|>' + '\n'}}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

// Templates whose licences keep them from this repository: what their families are told by.
const std::map<std::string, std::string> kSkeletons = {
    {"Gemma 2",
     "{{ bos_token }}{{ '<start_of_turn>' + role }}{{ '<end_of_turn>' }}{{ '<start_of_turn>model' }}"},
    {"Llama 3.1",
     "{{ bos_token }}{{ '<|start_header_id|>system<|end_header_id|>' }}{{ 'Cutting Knowledge Date: December "
     "2023' "
     "}}{{ '<|eot_id|>' }}{% set date = '26 Jul 2024' %}"},
};

Model modelWith(const std::string& chatTemplate)
{
    Model model;
    model.tokenizer.chatTemplate = chatTemplate;
    return model;
}

} // namespace

class TestChatFormat : public QObject {
    Q_OBJECT
private slots:
    void smolLm2_getsItsDefaultSystemTurn()
    {
        const auto prompt = formatPrompt(modelWith(kSmolLm2), "What is 2+2?", "auto");
        QVERIFY(prompt.has_value());
        QCOMPARE(prompt->family, std::string("chatml"));
        QCOMPARE(prompt->text,
                 std::string("<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by "
                             "Hugging Face<|im_end|>\n"
                             "<|im_start|>user\nWhat is 2+2?<|im_end|>\n<|im_start|>assistant\n"));
        QCOMPARE(formatPrompt(modelWith(kSmolLm2), "What is 2+2?", "chatml")->text, prompt->text);
    }

    void escapedTemplate_isReadAlike()
    {
        QCOMPARE(formatPrompt(modelWith(kEscapes), "Hi", "auto")->text,
                 std::string("<|im_start|>system\nYou're "
                             "Q.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"));
    }

    void templateWithoutDefault_hasNoSystemTurn()
    {
        QCOMPARE(formatPrompt(modelWith(kNoDefault), "Hi", "auto")->text,
                 std::string("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"));
    }

    /// Ten user turns a template, by transformers' own renderer (python/reference/make_chats.py).
    void realTemplates_giveTransformersText()
    {
        const auto file =
            readFile(std::string(HEADWATER_SOURCE_DIR) + "/tests/data/reference/chats.json", 1 << 20);
        QVERIFY(file.has_value());
        int turns = 0;
        for (const nlohmann::json& entry : nlohmann::json::parse(*file)) {
            const auto name = entry["name"].get<std::string>();
            const auto kept = entry["template"].get<std::string>();
            const Model model = modelWith(kept.empty() ? kSkeletons.at(name) : kept);
            for (const nlohmann::json& turn : entry["turns"]) {
                const auto user = turn["user"].get<std::string>();
                const auto prompt = formatPrompt(model, user, "auto");
                QVERIFY2(prompt.has_value(), prompt ? "" : prompt.error().text().c_str());
                QCOMPARE(prompt->family, entry["family"].get<std::string>());
                QVERIFY2(prompt->text == turn["text"].get<std::string>(),
                         (name + ": " + prompt->text).c_str());
                QVERIFY(prompt->bos == (turn["bos"].get<bool>() ? Bos::Once : Bos::Never));
                const std::string_view own =
                    std::string_view(prompt->text)
                        .substr(prompt->user.begin, prompt->user.end - prompt->user.begin);
                QVERIFY(user.find(own) != std::string::npos);
                ++turns;
            }
        }
        QCOMPARE(turns, 80);
    }

    void systemTurnsOfTheirOwn_areNotGuessed()
    {
        for (const std::string& own :
             {kNoDefault + "{{ strftime_now('%d %B %Y') }}", kNoDefault + "{% set reasoning_mode = 1 %}",
              std::string("{{ bos_token }}[SYSTEM_PROMPT]You are[/SYSTEM_PROMPT][INST]x[/INST]"),
              kSkeletons.at("Llama 3.1").substr(0, kSkeletons.at("Llama 3.1").find("26 Jul"))}) {
            const auto prompt = formatPrompt(modelWith(own), "Hi", "auto");
            QVERIFY2(!prompt.has_value(), own.c_str());
            QCOMPARE(prompt.error().code, ErrorCode::Unsupported);
            QVERIFY(prompt.error().message.find("--chat off") != std::string::npos);
        }
    }

    void offAndNoTemplate_areRaw()
    {
        const std::string text = std::string("raw\0text", 8) + "\xFF";
        for (const auto& [chatTemplate, chat] : {std::pair{kSmolLm2, "off"}, std::pair{std::string(), "auto"},
                                                 std::pair{std::string(), "off"}}) {
            const auto prompt = formatPrompt(modelWith(chatTemplate), text, chat);
            QVERIFY(prompt.has_value());
            QCOMPARE(prompt->text, text);
            QCOMPARE(prompt->family, std::string("off"));
        }
    }

    void textTokens_goByTheFormat()
    {
        const auto chat = formatPrompt(modelWith(kSmolLm2), "Hi", "auto");
        const auto raw = formatPrompt(modelWith(kSmolLm2), "Hi", "off");
        QCOMPARE(chat->text.substr(chat->user.begin, chat->user.end - chat->user.begin), std::string("Hi"));
        QCOMPARE(raw->user.end, raw->text.size());
        QVERIFY(resolveTextTokens(TextTokens::Auto, *chat) == TextTokens::Plain);
        QVERIFY(resolveTextTokens(TextTokens::Auto, *raw) == TextTokens::Control);
        for (const TextTokens asked : {TextTokens::Plain, TextTokens::Control}) {
            QVERIFY(resolveTextTokens(asked, *chat) == asked);
            QVERIFY(resolveTextTokens(asked, *raw) == asked);
        }
    }

    void forcedFamily_takesNothingFromAForeignTemplate()
    {
        const std::string expected = "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n";
        QCOMPARE(formatPrompt(modelWith(""), "Hi", "chatml")->text, expected);
        QCOMPARE(formatPrompt(modelWith("{{ '[INST]' + x }} '<|im_start|>system\nodd<|im_end|>\n'"), "Hi",
                              "chatml")
                     ->text,
                 expected);
    }

    void unknownTemplate_saysWhatToDo()
    {
        const auto prompt =
            formatPrompt(modelWith("{{ '[INST] ' + messages[0]['content'] + ' [/INST]' }}"), "Hi", "auto");
        QVERIFY(!prompt.has_value());
        QCOMPARE(prompt.error().code, ErrorCode::Unsupported);
        QVERIFY(prompt.error().message.find("--chat off") != std::string::npos);
        QVERIFY(prompt.error().message.find("chatml") != std::string::npos);
    }

    void unknownFamily_isRefused()
    {
        const auto prompt = formatPrompt(modelWith(kSmolLm2), "Hi", "alpaca");
        QCOMPARE(prompt.error().code, ErrorCode::InvalidArgument);
        QVERIFY(prompt.error().message.find("auto, off or a family (chatml, gemma") != std::string::npos);
    }

    void severalDefaultTurns_areNotGuessed()
    {
        const std::string two = kSmolLm2 + "'<|im_start|>system\nAnother one<|im_end|>\n'";
        QCOMPARE(formatPrompt(modelWith(two), "Hi", "auto").error().code, ErrorCode::Unsupported);
        const std::string unclosed = kNoDefault + "'<|im_start|>system\nnever closed";
        QCOMPARE(formatPrompt(modelWith(unclosed), "Hi", "auto")->text,
                 std::string("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"));
    }
};

QTEST_APPLESS_MAIN(TestChatFormat)
#include "tst_chat_format.moc"
