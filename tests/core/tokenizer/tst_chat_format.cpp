// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/chat_format.h"

#include "tests/core/tokenizer/chat_reference.h"

#include <QTest>
#include <algorithm>
#include <map>

using namespace headwater;
using namespace headwater::test;

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

    /// Ten user's turns and up to twelve conversations a template, by transformers' own renderer
    /// (python/reference/make_chats.py).
    void realTemplates_giveTransformersText()
    {
        std::map<std::string, int> chats;
        for (const nlohmann::json& entry : readChats("chats.json")) {
            const auto name = entry["name"].get<std::string>();
            Model model = modelWith(templateOf(entry));
            model.tokenizer.tokens = {entry["eos"].get<std::string>()};
            model.tokenizer.eos = 0;
            for (const nlohmann::json& chat : entry["chats"]) {
                const Conversation conversation = conversationIn(chat);
                const auto prompt = formatPrompt(model, conversation);
                QVERIFY2(prompt.has_value(), prompt ? "" : prompt.error().text().c_str());
                QCOMPARE(prompt->family, entry["family"].get<std::string>());
                QVERIFY2(prompt->text == chat["text"].get<std::string>(),
                         (name + ":\n" + prompt->text + "\nexpected:\n" + chat["text"].get<std::string>())
                             .c_str());
                QVERIFY(prompt->bos == (chat["bos"].get<bool>() ? Bos::Once : Bos::Never));
                const bool namesDay = prompt->text.find(" 2026") != std::string::npos
                    || prompt->text.find("2026-") != std::string::npos;
                QCOMPARE(!prompt->day.empty(), namesDay);
                // What somebody said lies in somebody's turn, and nothing lies over another.
                std::size_t behind = 0;
                for (const PlainRange& range : prompt->said) {
                    QVERIFY(range.begin >= behind && range.end > range.begin
                            && range.end <= prompt->text.size());
                    behind = range.end;
                    const std::string said = prompt->text.substr(range.begin, range.end - range.begin);
                    QVERIFY2(name == "SmolLM3"
                                 || std::ranges::any_of(conversation.turns,
                                                        [&said](const ChatTurn& turn) {
                                                            return turn.content.find(said)
                                                                != std::string::npos;
                                                        }),
                             said.c_str());
                }
                ++chats[name];
            }
        }
        QCOMPARE(chats.size(), std::size_t(13));
        for (const auto& [name, count] : chats)
            QVERIFY2(count >= 13, name.c_str());
        QCOMPARE(chats["Qwen3"], 66); // thinking as the template has it, on and off
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

    void whatATemplateCannotSay_isRefused()
    {
        using Role = ChatTurn::Role;
        const auto refusal = [](const std::string& chatTemplate, const Conversation& conversation) {
            const auto prompt = formatPrompt(modelWith(chatTemplate), conversation);
            return prompt ? std::string() : prompt.error().message;
        };
        const std::vector<ChatTurn> withSystem{{Role::System, "s"}, {Role::User, "u"}};
        const std::vector<ChatTurn> user{{Role::User, "u"}};
        QVERIFY(refusal(kSkeletons.at("Gemma 2"), {.turns = withSystem}).find("no system turn")
                != std::string::npos);
        QVERIFY(refusal(kSmolLm2, {.turns = user, .thinking = Thinking::Off}).find("no switch")
                != std::string::npos);
        QVERIFY(refusal(kSmolLm2, {.turns = withSystem, .format = "off"}).find("2 turns")
                != std::string::npos);
        QVERIFY(
            refusal(kSmolLm2, {.turns = {{Role::User, "u"}, {Role::Assistant, "a"}}}).find("not the user's")
            != std::string::npos);
        QVERIFY(refusal(kSmolLm2, {.turns = {{Role::User, "u"}, {Role::System, "s"}, {Role::User, "u"}}})
                    .find("only be the first")
                != std::string::npos);
        QVERIFY(refusal(kSkeletons.at("Gemma 3"), {.turns = {{Role::User, "u"}, {Role::User, "u"}}})
                    .find("expected the assistant's")
                != std::string::npos);
        QVERIFY(refusal(kSkeletons.at("Llama 3.2"), {.turns = user, .day = "yesterday"}).find("'yesterday'")
                != std::string::npos);
        QVERIFY(refusal(kSmolLm2, {.turns = {}}).find("not the user's") != std::string::npos);
    }

    void turns_areRolesAndContents_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("no JSON") << QByteArray("[") << QByteArray("no list of turns");
        QTest::newRow("no list") << QByteArray("{}") << QByteArray("no list of turns");
        QTest::newRow("no turn") << QByteArray("[]") << QByteArray("no list of turns");
        QTest::newRow("no object") << QByteArray("[1]") << QByteArray("turn 0");
        QTest::newRow("no content") << QByteArray(R"([{"role":"user"}])") << QByteArray("turn 0");
        QTest::newRow("content of blocks")
            << QByteArray(R"([{"role":"user","content":[]}])") << QByteArray("turn 0");
        QTest::newRow("more keys") << QByteArray(R"([{"role":"user","content":"u","name":"n"}])")
                                   << QByteArray("turn 0");
        QTest::newRow("unknown role")
            << QByteArray(R"([{"role":"user","content":"u"},{"role":"tool","content":"t"}])")
            << QByteArray("turn 1: role 'tool'");
        QTest::newRow("whole") << QByteArray(R"([{"content":"","role":"user"}])") << QByteArray();
    }

    void turns_areRolesAndContents()
    {
        QFETCH(QByteArray, json);
        QFETCH(QByteArray, says);
        const auto turns = chatTurnsOfJson(json.toStdString());
        QCOMPARE(turns.has_value(), says.isEmpty());
        if (turns)
            QCOMPARE(QByteArray::fromStdString(jsonOfChatTurns(*turns)), json);
        if (!turns)
            QVERIFY2(turns.error().message.find(says.toStdString()) != std::string::npos,
                     turns.error().message.c_str());
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
        QCOMPARE(chat->text.substr(chat->said.at(0).begin, chat->said[0].end - chat->said[0].begin),
                 std::string("Hi"));
        QCOMPARE(raw->said.at(0).end, raw->text.size());
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
