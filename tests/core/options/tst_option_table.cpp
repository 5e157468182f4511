// SPDX-License-Identifier: Apache-2.0
#include "core/options/option_json.h"
#include "core/options/option_table.h"
#include "core/options/random_options.h"
#include "core/tokenizer/chat_families.h"

#include <QTest>
#include <nlohmann/json.hpp>
#include <set>

using namespace headwater;
using namespace headwater::test;

/// The table is whole in itself, and the protocol's parameters are the options and come back.
class TstOptionTable : public QObject {
    Q_OBJECT
private slots:
    void rows_areWhole()
    {
        std::set<std::pair<unsigned, std::string>> names;
        for (const OptionRow& row : optionRows()) {
            const std::string name(row.name);
            QVERIFY2(row.isOf(RunVerb) || row.isOf(GenerateVerb), name.c_str());
            for (const OptionVerb verb : {RunVerb, GenerateVerb}) {
                if (row.isOf(verb))
                    QVERIFY2(names.emplace(verb, row.parameter).second, name.c_str());
            }
            QVERIFY2(!row.help.empty() && !row.help.ends_with('.'), name.c_str());
            const OptionVerb verb = row.isOf(RunVerb) ? RunVerb : GenerateVerb;
            const OptionValue usual = row.get(defaultsOf(verb));
            if (!std::holds_alternative<std::monostate>(usual))
                QVERIFY2(check(row, usual), name.c_str());
            QCOMPARE(findOption(row.name, verb), &row);
            QCOMPARE(findParameter(row.parameter, verb), &row);
        }
        QVERIFY(names.size() >= 25);
        QVERIFY(findOption("keep-keys", GenerateVerb) == nullptr);
    }

    void chats_areTheFamilies()
    {
        std::vector<std::string_view> known{"auto", "off"};
        for (const ChatFamily& family : chatFamilies())
            known.push_back(family.name);
        std::vector<std::string_view> listed;
        for (const OptionChoice& choice : chatChoices())
            listed.push_back(choice.name);
        QCOMPARE(listed, known);
    }

    void randomValues_comeBackFromJson_data() { verbs(); }

    void randomValues_comeBackFromJson()
    {
        QFETCH(int, verb);
        const auto of = static_cast<OptionVerb>(verb);
        std::mt19937_64 random(20261130);
        for (int round = 0; round < 300; ++round) {
            const RunOptions options = randomOptions(random, of);
            const nlohmann::json params = jsonOf(of, options);
            const auto back = optionsOfJson(of, nlohmann::json::parse(params.dump()));
            QVERIFY2(back, params.dump().c_str());
            QCOMPARE(differenceOf(of, options, *back), std::string());
            QCOMPARE(jsonOf(of, *back), params);
        }
    }

    void values_comeBackFromText()
    {
        std::mt19937_64 random(7);
        for (const OptionRow& row : optionRows()) {
            for (int round = 0; round < 50; ++round) {
                const OptionValue value = randomValue(random, row);
                std::vector<std::string> texts;
                for (const std::string& word : wordsOf(row, value)) {
                    const auto back = valueOfText(row, word);
                    QVERIFY2(back, word.c_str());
                    if (const auto* const one = std::get_if<std::vector<std::string>>(&*back))
                        texts.insert(texts.end(), one->begin(), one->end());
                    else
                        QVERIFY2(*back == value, word.c_str());
                }
                if (!texts.empty())
                    QVERIFY2(OptionValue(texts) == value, textOf(row, value).c_str());
            }
        }
    }

    /// What lies beyond a bound is refused by a word and by a JSON value alike, and nothing within it is.
    void outsideOfABound_isRefusedInTheSameWords()
    {
        int bounds = 0;
        for (const OptionRow& row : optionRows()) {
            const OptionVerb verb = row.isOf(RunVerb) ? RunVerb : GenerateVerb;
            for (const auto& [text, json] : outsideOf(row)) {
                ++bounds;
                const auto typed = valueOfText(row, text);
                const auto sent = optionsOfJson(verb, {{row.parameter, json}});
                QVERIFY2(!typed && !sent, text.c_str());
                QCOMPARE(typed.error().message, sent.error().message);
                QCOMPARE(typed.error().context, "--" + std::string(row.name));
                QCOMPARE(sent.error().context, row.parameter);
                QVERIFY2(typed.error().message.find(allowedBy(row.kind)) != std::string::npos,
                         typed.error().message.c_str());
            }
            for (const OptionValue& value : endsOf(row))
                QVERIFY2(check(row, value), textOf(row, value).c_str());
        }
        QVERIFY(bounds >= 20);
    }

    void wrongTypes_areRefused()
    {
        for (const OptionRow& row : optionRows()) {
            const OptionVerb verb = row.isOf(RunVerb) ? RunVerb : GenerateVerb;
            for (const nlohmann::json& wrong :
                 {nlohmann::json(nullptr), nlohmann::json::array({1}), nlohmann::json::object()}) {
                // What the turns of a list are is another's question.
                if (!wrong.is_array() || !std::holds_alternative<Turns>(row.kind))
                    QVERIFY2(!optionsOfJson(verb, {{row.parameter, wrong}}), row.parameter.c_str());
            }
            if (!std::holds_alternative<Flag>(row.kind))
                QVERIFY2(!optionsOfJson(verb, {{row.parameter, true}}), row.parameter.c_str());
        }
        const auto unknown = optionsOfJson(RunVerb, {{"wings", 2}});
        QVERIFY(!unknown);
        QCOMPARE(unknown.error().context, std::string("wings"));
        QVERIFY(!optionsOfJson(GenerateVerb, {{"keep_keys", 2}}));
    }

private:
    static void verbs()
    {
        QTest::addColumn<int>("verb");
        QTest::newRow("run") << int(RunVerb);
        QTest::newRow("generate") << int(GenerateVerb);
    }
};

QTEST_APPLESS_MAIN(TstOptionTable)
#include "tst_option_table.moc"
